#!/bin/sh
# SNS with the AWS CLI: topics, subscriptions, publishing to queues. Run as awsCli.sh is.
set -eu
# shellcheck source=expectations.sh
. "$(dirname "$0")/expectations.sh"

aws --version

# Topics

arn=$(sns create-topic --name "$name" --attributes DisplayName=Orders --tags Key=team,Value=a --query TopicArn --output text)
expect 'create-topic' "arn:aws:sns:eu-west-1:123456789012:$name" "$arn"
expect 'again with the same attributes' "$arn" "$(sns create-topic --name "$name" --query TopicArn --output text)"
snsRefused InvalidParameter create-topic --name "$name" --attributes DisplayName=Other
snsRefused InvalidParameter create-topic --name 'no good'
expect 'list-topics' "$arn" "$(sns list-topics --query "Topics[?TopicArn=='$arn'].TopicArn" --output text)"
topicAttribute() { sns get-topic-attributes --topic-arn "$arn" --query "Attributes.$1" --output text; }
expect 'get-topic-attributes' 'Orders 0 123456789012' \
  "$(topicAttribute DisplayName) $(topicAttribute SubscriptionsConfirmed) $(topicAttribute Owner)"
sns set-topic-attributes --topic-arn "$arn" --attribute-name DisplayName --attribute-value Bills
expect 'set-topic-attributes' Bills "$(topicAttribute DisplayName)"
snsRefused InvalidParameter set-topic-attributes --topic-arn "$arn" --attribute-name Colour --attribute-value red
sns tag-resource --resource-arn "$arn" --tags Key=stage,Value=test Key=owner,Value=b
sns untag-resource --resource-arn "$arn" --tag-keys team owner
expect 'tag-resource, untag-resource, list-tags-for-resource' 'stage=test' \
  "$(sns list-tags-for-resource --resource-arn "$arn" --query 'Tags[].join(`=`, [Key, Value])' --output text)"
sns add-permission --topic-arn "$arn" --label partner --aws-account-id 111122223333 --action-name Publish
expect 'add-permission' 1 "$(topicAttribute Policy | grep -c '"Sid":"partner"')"
snsRefused InvalidParameter add-permission --topic-arn "$arn" --label partner --aws-account-id 111122223333 \
  --action-name Publish
sns remove-permission --topic-arn "$arn" --label partner
expect 'remove-permission' 0 "$(topicAttribute Policy | grep -c '"Sid":"partner"' || true)"
protection='{"Name":"p","Version":"2021-06-01","Statement":[{"Sid":"s","DataDirection":"Inbound","Principal":["*"],"DataIdentifier":["arn:aws:dataprotection::aws:data-identifier/EmailAddress"],"Operation":{"Deny":{}}}]}'
sns put-data-protection-policy --resource-arn "$arn" --data-protection-policy "$protection"
expect 'put-data-protection-policy, get-data-protection-policy' "$protection" \
  "$(sns get-data-protection-policy --resource-arn "$arn" --query DataProtectionPolicy --output text)"
sns put-data-protection-policy --resource-arn "$arn" --data-protection-policy ''

# Subscriptions

plain=$(createQueue "$name-plain")
raw=$(createQueue "$name-raw")
dead=$(createQueue "$name-dead")
subscribe() { # queue, then more arguments; prints the subscription's ARN
  queue=$(attribute "$1" QueueArn)
  shift
  sns subscribe --topic-arn "$arn" --protocol sqs --notification-endpoint "$queue" "$@" --query SubscriptionArn --output text
}
first=$(subscribe "$plain")
expect 'subscribe' "$arn" "${first%:*}"
expect 'again' "$first" "$(subscribe "$plain")"
second=$(subscribe "$raw" --attributes '{"RawMessageDelivery":"true","FilterPolicy":"{\"store\":[\"north\"]}"}')
email=$(sns subscribe --topic-arn "$arn" --protocol email --notification-endpoint someone@example.com \
  --query SubscriptionArn --output text)
expect 'e-mail addresses must confirm' 'pending confirmation' "$email"
expect 'with the ARN all the same' "$arn" "$(email=$(sns subscribe --topic-arn "$arn" --protocol email \
  --notification-endpoint someone@example.com --return-subscription-arn --query SubscriptionArn --output text) && echo "${email%:*}")"
expect 'list-subscriptions-by-topic' "$(printf '%s\n' PendingConfirmation "$first" "$second" | sort)" \
  "$(sns list-subscriptions-by-topic --topic-arn "$arn" --query 'Subscriptions[].SubscriptionArn' --output text | tr '\t' '\n' | sort)"
expect 'list-subscriptions' 3 \
  "$(sns list-subscriptions --query "length(Subscriptions[?TopicArn=='$arn'])" --output text)"
expect 'their numbers' '2 1 0' \
  "$(topicAttribute SubscriptionsConfirmed) $(topicAttribute SubscriptionsPending) $(topicAttribute SubscriptionsDeleted)"
subscriptionAttribute() { sns get-subscription-attributes --subscription-arn "$1" --query "Attributes.$2" --output text; }
expect 'get-subscription-attributes' 'true {"store":["north"]}' \
  "$(subscriptionAttribute "$second" RawMessageDelivery) $(subscriptionAttribute "$second" FilterPolicy)"
sns set-subscription-attributes --subscription-arn "$second" --attribute-name FilterPolicy \
  --attribute-value '{"price":[{"numeric":[">=",10]}]}'
sns set-subscription-attributes --subscription-arn "$second" --attribute-name FilterPolicyScope --attribute-value MessageBody
expect 'set-subscription-attributes' 'MessageBody' "$(subscriptionAttribute "$second" FilterPolicyScope)"
snsRefused InvalidParameter set-subscription-attributes --subscription-arn "$second" --attribute-name FilterPolicy \
  --attribute-value '{"price":[{"numeric":["~",10]}]}'
sns set-subscription-attributes --subscription-arn "$second" --attribute-name RedrivePolicy \
  --attribute-value "{\"deadLetterTargetArn\":\"$(attribute "$dead" QueueArn)\"}"
snsRefused InvalidParameter confirm-subscription --topic-arn "$arn" --token made-up
snsRefused InvalidParameter subscribe --topic-arn "$arn" --protocol pigeon --notification-endpoint x
snsRefused NotFound subscribe --topic-arn "$arn-not" --protocol email --notification-endpoint someone@example.com

# Messages

receive() { # url, query; receives one message and leaves it in flight
  sqs receive-message --queue-url "$1" --wait-time-seconds 5 --message-attribute-names All --query "Messages[0].$2" --output text
}
id=$(sns publish --topic-arn "$arn" --message '{"price": 12}' --subject 'A bill' --query MessageId --output text \
  --message-attributes '{"n":{"DataType":"Number","StringValue":"1"}}')
envelope=$(receive "$plain" Body)
expect 'in an envelope' "Notification $id $arn A bill {\"price\": 12} 1" "$(echo "$envelope" | python3 -c '
import json, sys
it = json.load(sys.stdin)
print(*[it[key] for key in ["Type", "MessageId", "TopicArn", "Subject", "Message"]], it["MessageAttributes"]["n"]["Value"])')"
expect 'and as it is' '{"price": 12}	1' "$(receive "$raw" '[Body,MessageAttributes.n.StringValue]')"
expect 'publish-batch' 'a b' "$(sns publish-batch --topic-arn "$arn" --query 'Successful[].Id' --output text \
  --publish-batch-request-entries '[{"Id":"a","Message":"{\"price\":1}"},{"Id":"b","Message":"{\"price\":99}"}]' | tr '\t' ' ')"
expect 'one of the two passes the filter' '{"price":99}' "$(receive "$raw" Body)"
expect 'and the other does not' None "$(sqs receive-message --queue-url "$raw" --query Messages --output text)"
sns set-subscription-attributes --subscription-arn "$second" --attribute-name FilterPolicy --attribute-value '{}'
sns publish --topic-arn "$arn" --message-structure json --message '{"default":"for all","sqs":"for queues"}' >/dev/null
expect 'a message of its own for each protocol' 'for queues' "$(receive "$raw" Body)"
snsRefused InvalidParameter publish --topic-arn "$arn" --message '{"sqs":"x"}' --message-structure json
snsRefused NotFound publish --topic-arn "$arn-not" --message x
snsRefused InvalidParameter publish --topic-arn "$arn" --message x --message-deduplication-id d
sqs delete-queue --queue-url "$raw"
sns publish --topic-arn "$arn" --message '{"price":10}' >/dev/null
expect 'dead letters of a queue that is gone' '{"price":10}' "$(receive "$dead" Body)"

# A FIFO topic, with an archive

fifoQueue=$(createQueue "$name.fifo" --attributes FifoQueue=true)
fifo=$(sns create-topic --name "$name.fifo" --query TopicArn --output text \
  --attributes '{"FifoTopic":"true","ContentBasedDeduplication":"true","ArchivePolicy":"{\"MessageRetentionPeriod\":\"1\"}"}')
began=$(date -u +%Y-%m-%dT%H:%M:%S.000Z)
subscription=$(sns subscribe --topic-arn "$fifo" --protocol sqs --notification-endpoint "$(attribute "$fifoQueue" QueueArn)" \
  --attributes RawMessageDelivery=true --query SubscriptionArn --output text)
for text in one two one; do
  sns publish --topic-arn "$fifo" --message "$text" --message-group-id g >/dev/null
done
expect 'in order, and once' 'one two' "$(sqs receive-message --queue-url "$fifoQueue" --max-number-of-messages 10 \
  --query 'Messages[].Body' --output text | tr '\t' ' ')"
snsRefused InvalidParameter publish --topic-arn "$fifo" --message x
sqs purge-queue --queue-url "$fifoQueue"
sns set-subscription-attributes --subscription-arn "$subscription" --attribute-name ReplayPolicy \
  --attribute-value "{\"PointType\":\"Timestamp\",\"StartingPoint\":\"$began\"}"
expect 'a replay' one "$(receive "$fifoQueue" Body)"
snsRefused InvalidState delete-topic --topic-arn "$fifo"
sns set-topic-attributes --topic-arn "$fifo" --attribute-name ArchivePolicy --attribute-value '{}'

# Platforms and phones

app=$(sns create-platform-application --name "$name" --platform GCM --attributes PlatformCredential=key \
  --query PlatformApplicationArn --output text)
device=$(sns create-platform-endpoint --platform-application-arn "$app" --token token --query EndpointArn --output text)
expect 'create-platform-endpoint' true \
  "$(sns get-endpoint-attributes --endpoint-arn "$device" --query Attributes.Enabled --output text)"
expect 'list-endpoints-by-platform-application' "$device" "$(sns list-endpoints-by-platform-application \
  --platform-application-arn "$app" --query 'Endpoints[].EndpointArn' --output text)"
sns set-endpoint-attributes --endpoint-arn "$device" --attributes Enabled=false
snsRefused EndpointDisabled publish --target-arn "$device" --message x
sns delete-endpoint --endpoint-arn "$device"
sns delete-platform-application --platform-application-arn "$app"
# They are those of a whole account, in which others may be at work.
other() { (AWS_ACCESS_KEY_ID=210987654321 && sns "$@"); }
other set-sms-attributes --attributes DefaultSMSType=Transactional
expect 'set-sms-attributes, get-sms-attributes' Transactional \
  "$(other get-sms-attributes --attributes DefaultSMSType --query attributes.DefaultSMSType --output text)"
expect 'check-if-phone-number-is-opted-out' False \
  "$(sns check-if-phone-number-is-opted-out --phone-number +12065550100 --query isOptedOut --output text)"
id=$(sns publish --phone-number +12065550100 --message hello --query MessageId --output text)
expect 'an SMS has an id' 36 "${#id}"

# The end

sns unsubscribe --subscription-arn "$first"
expect 'unsubscribe' '1 1 1' \
  "$(topicAttribute SubscriptionsConfirmed) $(topicAttribute SubscriptionsPending) $(topicAttribute SubscriptionsDeleted)"
snsRefused NotFound get-subscription-attributes --subscription-arn "$first"
for each in "$arn" "$fifo"; do sns delete-topic --topic-arn "$each"; done
sns delete-topic --topic-arn "$arn"
snsRefused NotFound get-topic-attributes --topic-arn "$arn"
for each in "$plain" "$dead" "$fifoQueue"; do sqs delete-queue --queue-url "$each"; done
echo 'all well'
