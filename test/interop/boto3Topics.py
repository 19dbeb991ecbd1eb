#!/usr/bin/env python3
"""boto3 against a running Posthorn: SNS topics, subscriptions and what queues get. Run as boto3Flow.py is."""
import json
import time

from boto3Client import attributes, client, expect, name, receive, refusal, sqs

sns = client("sns")


def queue(suffix, **more):
    url = sqs.create_queue(QueueName=f"{name}-{suffix}", Attributes=more)["QueueUrl"]
    return url, attributes(url)["QueueArn"]


def bodies(url):
    return [each["Body"] for each in receive(url)]


# Topics

arn = sns.create_topic(Name=name, Attributes={"DisplayName": "Orders"}, Tags=[{"Key": "team", "Value": "a"}])["TopicArn"]
expect("a topic", arn == f"arn:aws:sns:eu-west-1:123456789012:{name}", arn)
expect("the same again", sns.create_topic(Name=name)["TopicArn"] == arn)
pages = sns.get_paginator("list_topics").paginate()
expect("is listed", arn in [topic["TopicArn"] for page in pages for topic in page["Topics"]])
shown = sns.get_topic_attributes(TopicArn=arn)["Attributes"]
policy = json.loads(shown["Policy"])
expect("its policy", policy["Id"] == "__default_policy_ID" and policy["Statement"][0]["Resource"] == arn, policy)
expect("its delivery policy", "defaultHealthyRetryPolicy" in json.loads(shown["EffectiveDeliveryPolicy"])["http"], shown)
expect("its tags", sns.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "a"}])
refusal("InvalidParameter", sns.create_topic, Name=f"{name}!")
refusal("NotFound", sns.get_topic_attributes, TopicArn=f"{arn}-not")

# Queues

plain, plain_arn = queue("plain")
raw, raw_arn = queue("raw")
first = sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=plain_arn)["SubscriptionArn"]
given = {"RawMessageDelivery": "true", "FilterPolicy": json.dumps({"price": [{"numeric": [">=", 10, "<", 20]}]})}
second = sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=raw_arn, Attributes=given)["SubscriptionArn"]
expect("subscribed", sorted([first, second]) == sorted(
    each["SubscriptionArn"] for each in sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]))
values = {
    "price": {"DataType": "Number", "StringValue": "12.5"},
    "tags": {"DataType": "String.Array", "StringValue": json.dumps(["a", 1, None])},
    "bytes": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
}
text = "héllo <&> \"wörld\" \U0001f4ef"
id = sns.publish(TopicArn=arn, Message=text, Subject="Greetings", MessageAttributes=values)["MessageId"]
(received,) = receive(plain)
envelope = json.loads(received["Body"])
found = [envelope[key] for key in ["Type", "MessageId", "TopicArn", "Subject", "Message"]]
expect("in an envelope", found == ["Notification", id, arn, "Greetings", text], found)
expect("with the attributes", envelope["MessageAttributes"]["bytes"] == {"Type": "Binary", "Value": "AP8="}, envelope)
expect("and a signature", {"Signature", "SignatureVersion", "SigningCertURL", "UnsubscribeURL"} <= set(envelope), envelope)
(received,) = receive(raw, MessageAttributeNames=["All"])
expect("and as it is", received["Body"] == text, received)
expect("with attributes of its own", received["MessageAttributes"] == values, received)
entries = [{"Id": str(n), "Message": f"m{n}", "MessageAttributes": {"price": {"DataType": "Number", "StringValue": str(n)}}}
           for n in range(9, 13)]
sent = sns.publish_batch(TopicArn=arn, PublishBatchRequestEntries=entries)
expect("a batch", [each["Id"] for each in sent["Successful"]] == ["9", "10", "11", "12"], sent)
found = sorted(bodies(raw))
expect("of which the filter lets three through", found == ["m10", "m11", "m12"], found)
refusal("EmptyBatchRequest", sns.publish_batch, TopicArn=arn, PublishBatchRequestEntries=[])
refusal("BatchEntryIdsNotDistinct", sns.publish_batch, TopicArn=arn, PublishBatchRequestEntries=[entries[0], entries[0]])
refusal("InvalidParameter", sns.publish, TopicArn=arn, Message="x" * (256 * 1024 + 1))
refusal("InvalidParameter", sns.publish, TopicArn=arn, Message="")
refusal("InvalidParameter", sns.set_subscription_attributes, SubscriptionArn=second, AttributeName="FilterPolicy",
        AttributeValue="{")
sns.set_subscription_attributes(SubscriptionArn=second, AttributeName="FilterPolicy", AttributeValue="{}")
sns.publish(TopicArn=arn, Message="all of it")
expect("an empty policy takes everything", bodies(raw) == ["all of it"])

# Dead letters

dead, dead_arn = queue("dead")
sns.set_subscription_attributes(SubscriptionArn=second, AttributeName="RedrivePolicy",
                                AttributeValue=json.dumps({"deadLetterTargetArn": dead_arn}))
sqs.delete_queue(QueueUrl=raw)
sns.publish(TopicArn=arn, Message="late")
expect("dead letters", bodies(dead) == ["late"])

# FIFO topics, and their archive

fifo_queue = sqs.create_queue(QueueName=f"{name}.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
given = {"FifoTopic": "true", "ContentBasedDeduplication": "true",
         "ArchivePolicy": json.dumps({"MessageRetentionPeriod": "7"})}
fifo = sns.create_topic(Name=f"{name}.fifo", Attributes=given)["TopicArn"]
began = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
subscription = sns.subscribe(TopicArn=fifo, Protocol="sqs", Endpoint=attributes(fifo_queue)["QueueArn"],
                             Attributes={"RawMessageDelivery": "true"})["SubscriptionArn"]
answers = [sns.publish(TopicArn=fifo, Message=text, MessageGroupId="g") for text in ["1", "2", "1", "3"]]
expect("a duplicate is answered with the original", answers[0]["MessageId"] == answers[2]["MessageId"], answers)
expect("order", bodies(fifo_queue) == ["1", "2", "3"])
refusal("InvalidParameter", sns.publish, TopicArn=fifo, Message="x")
sqs.purge_queue(QueueUrl=fifo_queue)
policy = {"PointType": "Timestamp", "StartingPoint": began}
sns.set_subscription_attributes(SubscriptionArn=subscription, AttributeName="ReplayPolicy", AttributeValue=json.dumps(policy))
found = []
while len(found) < 3:
    messages = receive(fifo_queue, WaitTimeSeconds=5)
    expect("a replay brings something", messages != [], found)
    found += [each["Body"] for each in messages]
    for each in messages:
        sqs.delete_message(QueueUrl=fifo_queue, ReceiptHandle=each["ReceiptHandle"])
expect("a replay is in order", found == ["1", "2", "3"], found)

# The end

sns.unsubscribe(SubscriptionArn=first)
refusal("NotFound", sns.get_subscription_attributes, SubscriptionArn=first)
shown = sns.get_topic_attributes(TopicArn=arn)["Attributes"]
expect("counted", [shown["SubscriptionsConfirmed"], shown["SubscriptionsDeleted"]] == ["1", "1"], shown)
sns.set_topic_attributes(TopicArn=fifo, AttributeName="ArchivePolicy", AttributeValue="{}")
for each in [arn, fifo]:
    sns.delete_topic(TopicArn=each)
refusal("NotFound", sns.publish, TopicArn=arn, Message="x")
for each in [plain, dead, fifo_queue]:
    sqs.delete_queue(QueueUrl=each)
print("all well")
