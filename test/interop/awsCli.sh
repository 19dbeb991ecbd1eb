#!/bin/sh
# The AWS CLI against a running Posthorn, as a person would type it. Needs `aws` (1 or 2); stops at the first thing wrong.
#
#     npm start -- --memory                          # in one terminal
#     sh test/interop/awsCli.sh                      # in another
#     sh test/interop/awsCli.sh http://localhost:9   # another endpoint
set -eu

endpoint="${1:-http://127.0.0.1:4566}"
export AWS_ACCESS_KEY_ID=123456789012 AWS_SECRET_ACCESS_KEY=secret AWS_DEFAULT_REGION=eu-west-1
export AWS_PAGER='' AWS_MAX_ATTEMPTS=1
name="interop-$$-$(date +%s)"

sqs() {
  aws --endpoint-url "$endpoint" sqs "$@"
}

expect() { # what, wanted, found
  if [ "$2" = "$3" ]; then
    echo "ok     $1"
  else
    echo "FAILED $1: wanted '$2', found '$3'" >&2
    exit 1
  fi
}

refused() { # the code, then the command
  code="$1"
  shift
  if output=$(sqs "$@" 2>&1); then
    echo "FAILED $1 is not refused" >&2
    exit 1
  fi
  case "$output" in
    *"($code)"*) echo "ok     $(echo "$output" | tail -1)" ;;
    *) echo "FAILED $1: $output" >&2 && exit 1 ;;
  esac
}

aws --version
expect 'get-caller-identity' 123456789012 \
  "$(aws --endpoint-url "$endpoint" sts get-caller-identity --query Account --output text)"

url=$(sqs create-queue --queue-name "$name" --attributes VisibilityTimeout=60 --tags team=a --query QueueUrl --output text)
expect 'create-queue' "/123456789012/$name" "/${url#*//*/}"
expect 'get-queue-url' "$url" "$(sqs get-queue-url --queue-name "$name" --query QueueUrl --output text)"
expect 'list-queues' "$url" "$(sqs list-queues --queue-name-prefix "$name" --query 'QueueUrls[0]' --output text)"
expect 'list-queue-tags' a "$(sqs list-queue-tags --queue-url "$url" --query Tags.team --output text)"
sqs set-queue-attributes --queue-url "$url" --attributes DelaySeconds=0
expect 'get-queue-attributes' 60 \
  "$(sqs get-queue-attributes --queue-url "$url" --attribute-names All --query Attributes.VisibilityTimeout --output text)"

sqs send-message --queue-url "$url" --message-body 'hello <&> "world"' \
  --message-attributes '{"n":{"DataType":"Number","StringValue":"1"}}' >/dev/null
expect 'send-message, receive-message' 'hello <&> "world"	1' \
  "$(sqs receive-message --queue-url "$url" --message-attribute-names All \
    --query 'Messages[0].[Body,MessageAttributes.n.StringValue]' --output text)"

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
