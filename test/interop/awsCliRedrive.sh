#!/bin/sh
# Dead letters, moves of messages, permissions and policies with the AWS CLI. Run as awsCli.sh is.
set -eu
# shellcheck source=expectations.sh
. "$(dirname "$0")/expectations.sh"

aws --version
dead=$(createQueue "$name-dead")
deadArn=$(attribute "$dead" QueueArn)
policy="{\"RedrivePolicy\":\"{\\\"deadLetterTargetArn\\\":\\\"$deadArn\\\",\\\"maxReceiveCount\\\":\\\"1\\\"}\"}"
url=$(createQueue "$name" --attributes "$policy")
arn=$(attribute "$url" QueueArn)
expect 'list-dead-letter-source-queues' "$url" \
  "$(sqs list-dead-letter-source-queues --queue-url "$dead" --query 'queueUrls[0]' --output text)"

bury() { # bodies: received twice, which is once too often
  for body in "$@"; do
    sqs send-message --queue-url "$url" --message-body "$body" >/dev/null
    sqs receive-message --queue-url "$url" --visibility-timeout 0 >/dev/null
    expect "$body is received no more" '' "$(sqs receive-message --queue-url "$url")"
  done
}

bury one two
expect 'it says where it comes from' "$arn" "$(sqs receive-message --queue-url "$dead" --visibility-timeout 0 \
  --attribute-names DeadLetterQueueSourceArn --query 'Messages[0].Attributes.DeadLetterQueueSourceArn' --output text)"

task() { # of the newest task, the member named
  sqs list-message-move-tasks --source-arn "$deadArn" --query "Results[0].$1" --output text
}

ends() { # waits until the newest task is no longer under way
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    status=$(task Status)
    case "$status" in RUNNING | CANCELLING) ;; *) break ;; esac
  done
  echo "$status"
}

sqs start-message-move-task --source-arn "$deadArn" >/dev/null
expect 'start-message-move-task' COMPLETED "$(ends)"
expect 'list-message-move-tasks' '2 2' \
  "$(task ApproximateNumberOfMessagesMoved) $(task ApproximateNumberOfMessagesToMove)"
expect 'back where they were' 'one two' "$(sqs receive-message --queue-url "$url" --max-number-of-messages 10 \
  --wait-time-seconds 1 --query 'sort(Messages[].Body)' --output text | tr '\t' ' ')"

sqs purge-queue --queue-url "$url"
bury three four five
other=$(createQueue "$name-other")
handle=$(sqs start-message-move-task --source-arn "$deadArn" --destination-arn "$(attribute "$other" QueueArn)" \
  --max-number-of-messages-per-second 1 --query TaskHandle --output text)
refused InvalidParameterValue start-message-move-task --source-arn "$arn"
moved=$(sqs cancel-message-move-task --task-handle "$handle" \
  --query ApproximateNumberOfMessagesMoved --output text || true)
status=$(ends)
case "$status" in
  CANCELLED | COMPLETED) echo "ok     cancel-message-move-task after ${moved:-all}: $status" ;;
  *) echo "FAILED cancel-message-move-task: $status" >&2 && exit 1 ;;
esac
expect 'none is lost' 3 "$(($(attribute "$dead" ApproximateNumberOfMessages) + $(attribute "$other" ApproximateNumberOfMessages)))"
refused ResourceNotFoundException start-message-move-task --source-arn "$arn-not"

sqs set-queue-attributes --queue-url "$dead" --attributes '{"RedriveAllowPolicy":"{\"redrivePermission\":\"denyAll\"}"}'
refused InvalidParameterValue create-queue --queue-name "$name-denied" --attributes "$policy"
sqs set-queue-attributes --queue-url "$url" --attributes '{"RedrivePolicy":""}'
expect 'an empty policy removes it' None "$(attribute "$url" RedrivePolicy)"

sqs add-permission --queue-url "$url" --label partner --aws-account-ids 111122223333 --actions SendMessage ReceiveMessage
expect 'add-permission' 1 "$(attribute "$url" Policy | grep -c '"Sid":"partner"')"
refused InvalidParameterValue add-permission --queue-url "$url" --label partner --aws-account-ids 111122223333 \
  --actions SendMessage
refused InvalidParameterValue add-permission --queue-url "$url" --label other --aws-account-ids 111122223333 --actions Fly
sqs remove-permission --queue-url "$url" --label partner
expect 'remove-permission' None "$(attribute "$url" Policy)"
refused InvalidParameterValue remove-permission --queue-url "$url" --label partner

sqs set-queue-attributes --queue-url "$url" --attributes KmsMasterKeyId=alias/aws/sqs,KmsDataKeyReusePeriodSeconds=60
expect 'a key' 'alias/aws/sqs 60 false' "$(attributes "$url" KmsMasterKeyId KmsDataKeyReusePeriodSeconds \
  SqsManagedSseEnabled)"

for each in "$url" "$dead" "$other"; do sqs delete-queue --queue-url "$each"; done
echo 'all well'
