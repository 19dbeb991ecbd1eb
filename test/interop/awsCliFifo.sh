#!/bin/sh
# FIFO queues with the AWS CLI: order, duplicates, groups that wait. Run as awsCli.sh is.
set -eu
# shellcheck source=expectations.sh
. "$(dirname "$0")/expectations.sh"

aws --version
url=$(createQueue "$name.fifo" --attributes FifoQueue=true,ContentBasedDeduplication=true)
expect 'create-queue' "/123456789012/$name.fifo" "/${url#*//*/}"
expect 'its defaults' 'true true queue perQueue' "$(attributes "$url" FifoQueue ContentBasedDeduplication DeduplicationScope \
  FifoThroughputLimit)"
sqs set-queue-attributes --queue-url "$url" \
  --attributes DeduplicationScope=messageGroup,FifoThroughputLimit=perMessageGroupId
expect 'high throughput' 'messageGroup perMessageGroupId' \
  "$(attributes "$url" DeduplicationScope FifoThroughputLimit)"

send() { # group, body, then more arguments; prints message id and sequence number
  group="$1"
  body="$2"
  shift 2
  sqs send-message --queue-url "$url" --message-group-id "$group" --message-body "$body" "$@" \
    --query '[MessageId,SequenceNumber]' --output text
}

receive() { # prints bodies; more arguments
  sqs receive-message --queue-url "$url" "$@" --query 'Messages[].Body' --output text
}

first=$(send a one --message-deduplication-id d-1)
expect 'a duplicate is answered with the original' "$first" "$(send a one --message-deduplication-id d-1)"
sequence=$(echo "$first" | cut -f 2)
expect 'a sequence number has 20 digits' 20 "${#sequence}"
second=$(send a two | cut -f 2)
expect 'sequence numbers rise' "$sequence" "$(printf '%s\n%s\n' "$second" "$sequence" | sort | head -1)"
expect 'a batch' 'three four' "$(sqs send-message-batch --queue-url "$url" --query 'Successful[].Id' --output text \
  --entries Id=three,MessageBody=three,MessageGroupId=a Id=four,MessageBody=four,MessageGroupId=b | tr '\t' ' ')"

handle=$(sqs receive-message --queue-url "$url" --query 'Messages[0].ReceiptHandle' --output text)
expect 'a group waits for its message in flight' four "$(receive --max-number-of-messages 10)"
expect 'and nothing else is there' None "$(receive --max-number-of-messages 10)"
sqs delete-message --queue-url "$url" --receipt-handle "$handle"
expect 'then comes in order' 'two three' "$(receive --max-number-of-messages 10 --visibility-timeout 0 | tr '\t' ' ')"
attempt='--max-number-of-messages 1 --receive-request-attempt-id attempt-1'
# shellcheck disable=SC2086
expect 'an attempt' two "$(receive $attempt)"
# shellcheck disable=SC2086
expect 'is answered the same again' two "$(receive $attempt)"

system=$(sqs receive-message --queue-url "$url" --message-system-attribute-names All --receive-request-attempt-id attempt-1 \
  --max-number-of-messages 1 --query 'Messages[0].Attributes.[MessageGroupId,ApproximateReceiveCount]' --output text)
expect 'its group' a "$(echo "$system" | cut -f 1)"

refused MissingParameter send-message --queue-url "$url" --message-body x
refused InvalidParameterValue send-message --queue-url "$url" --message-body x --message-group-id a --delay-seconds 1
refused InvalidParameterValue create-queue --queue-name "$name-plain" --attributes FifoQueue=true
refused InvalidAttributeValue set-queue-attributes --queue-url "$url" --attributes FifoQueue=false
sqs purge-queue --queue-url "$url"
expect 'purge-queue' 0 "$(attribute "$url" ApproximateNumberOfMessages)"
sqs delete-queue --queue-url "$url"
echo 'all well'
