#!/bin/sh
# The AWS CLI against a running Posthorn, as a person would type it. Needs `aws` (1 or 2); stops at the first thing wrong.
#
#     npm start -- --memory                          # in one terminal
#     sh test/interop/awsCli.sh                      # in another
#     sh test/interop/awsCli.sh http://localhost:9   # another endpoint
set -eu

# shellcheck source=expectations.sh
. "$(dirname "$0")/expectations.sh"

aws --version
expect 'get-caller-identity' 123456789012 \
  "$(aws --endpoint-url "$endpoint" sts get-caller-identity --query Account --output text)"

url=$(sqs create-queue --queue-name "$name" --attributes VisibilityTimeout=60 --tags team=a --query QueueUrl --output text)
expect 'create-queue' "/123456789012/$name" "/${url#*//*/}"
expect 'get-queue-url' "$url" "$(sqs get-queue-url --queue-name "$name" --query QueueUrl --output text)"
expect 'list-queues' "$url" "$(sqs list-queues --queue-name-prefix "$name" --query 'QueueUrls[0]' --output text)"
expect 'list-queue-tags' a "$(sqs list-queue-tags --queue-url "$url" --query Tags.team --output text)"
sqs tag-queue --queue-url "$url" --tags stage=test,owner=b
sqs untag-queue --queue-url "$url" --tag-keys team owner
expect 'tag-queue, untag-queue' '{"stage":"test"}' \
  "$(sqs list-queue-tags --queue-url "$url" --query Tags --output json | tr -d ' \n')"
sqs set-queue-attributes --queue-url "$url" --attributes DelaySeconds=0
expect 'get-queue-attributes' 60 \
  "$(sqs get-queue-attributes --queue-url "$url" --attribute-names All --query Attributes.VisibilityTimeout --output text)"

sqs send-message --queue-url "$url" --message-body 'hello <&> "world"' \
  --message-attributes '{"n":{"DataType":"Number","StringValue":"1"}}' >/dev/null
expect 'send-message, receive-message' 'hello <&> "world"	1' \
  "$(sqs receive-message --queue-url "$url" --message-attribute-names All \
    --query 'Messages[0].[Body,MessageAttributes.n.StringValue]' --output text)"

sqs send-message --queue-url "$url" --message-body again >/dev/null
receive() { # prints the body and the handle of one message
  sqs receive-message --queue-url "$url" --wait-time-seconds 1 --query 'Messages[0].[Body,ReceiptHandle]' --output text
}
handle="$(receive | cut -f 2)"
expect 'what is in flight is not received' None "$(sqs receive-message --queue-url "$url" --query Messages --output text)"
sqs change-message-visibility --queue-url "$url" --receipt-handle "$handle" --visibility-timeout 0
handle="$(receive | cut -f 2)"
expect 'change-message-visibility-batch' again "$(sqs change-message-visibility-batch --queue-url "$url" \
  --entries "Id=again,ReceiptHandle=$handle,VisibilityTimeout=0" --query 'Successful[0].Id' --output text)"
handle="$(receive | cut -f 2)"
sqs delete-message --queue-url "$url" --receipt-handle "$handle"
expect 'delete-message leaves what was received before' 1 "$(attribute "$url" ApproximateNumberOfMessagesNotVisible)"

for batch in 1 2 3; do
  entries=''
  for n in 0 1 2 3 4 5 6 7 8 9; do entries="$entries Id=$n,MessageBody=message-$batch-$n"; done
  # shellcheck disable=SC2086
  sqs send-message-batch --queue-url "$url" --entries $entries >/dev/null
done
left=30
while [ "$left" -gt 0 ]; do
  handles=$(sqs receive-message --queue-url "$url" --max-number-of-messages 10 --wait-time-seconds 1 \
    --query 'Messages[].ReceiptHandle' --output text)
  [ "$handles" != None ] || break
  entries=''
  n=0
  for handle in $handles; do
    entries="$entries Id=$n,ReceiptHandle=$handle"
    n=$((n + 1))
  done
  # shellcheck disable=SC2086
  sqs delete-message-batch --queue-url "$url" --entries $entries >/dev/null
  left=$((left - n))
done
expect 'batches of 10: send, receive, delete' 0 "$left"

(sleep 2 && sqs send-message --queue-url "$url" --message-body late >/dev/null) &
expect 'a long poll that a message ends' late \
  "$(sqs receive-message --queue-url "$url" --wait-time-seconds 20 --query 'Messages[0].Body' --output text)"
wait
expect 'a long poll that ends empty' '' "$(sqs receive-message --queue-url "$url" --wait-time-seconds 1)"

refused AWS.SimpleQueueService.NonExistentQueue get-queue-url --queue-name "$name-not"
refused InvalidParameterValue receive-message --queue-url "$url" --max-number-of-messages 11
refused ReceiptHandleIsInvalid delete-message --queue-url "$url" --receipt-handle made-up
refused QueueAlreadyExists create-queue --queue-name "$name" --attributes VisibilityTimeout=61

sqs purge-queue --queue-url "$url"
sqs delete-queue --queue-url "$url"
refused AWS.SimpleQueueService.NonExistentQueue receive-message --queue-url "$url"
echo 'all well'
