#!/usr/bin/env python3
"""boto3 against a running Posthorn: FIFO queues, dead letters, moves of messages, policies. Run as boto3Flow.py is.

boto3 1.26.147 is the first that knows message move tasks.
"""
import json
import time

from boto3Client import attributes, expect, name, receive, refusal, sqs

# FIFO queues

fifo = sqs.create_queue(QueueName=f"{name}.fifo", Attributes={"FifoQueue": "true", "ContentBasedDeduplication": "true"})
url = fifo["QueueUrl"]
shown = {key: attributes(url).get(key) for key in ["FifoQueue", "DeduplicationScope", "FifoThroughputLimit"]}
wanted = {"FifoQueue": "true", "DeduplicationScope": "queue", "FifoThroughputLimit": "perQueue"}
expect("the attributes of a FIFO queue", shown == wanted, shown)
first = sqs.send_message(QueueUrl=url, MessageBody="a1", MessageGroupId="a", MessageDeduplicationId="d")
again = sqs.send_message(QueueUrl=url, MessageBody="a1", MessageGroupId="a", MessageDeduplicationId="d")
ids = ["MessageId", "SequenceNumber"]
expect("a duplicate is answered with the original", [first[id] for id in ids] == [again[id] for id in ids], again)
entries = [{"Id": body, "MessageBody": body, "MessageGroupId": body[0]} for body in ["a2", "b1", "a3", "b1x", "a4"]]
sent = sqs.send_message_batch(QueueUrl=url, Entries=entries)["Successful"]
numbers = [int(first["SequenceNumber"])] + [int(each["SequenceNumber"]) for each in sent]
expect("sequence numbers rise", numbers == sorted(set(numbers)), numbers)
taken = receive(url, MaxNumberOfMessages=2)
expect("several of one group, in order", [each["Body"] for each in taken] == ["a1", "a2"], taken)
others = receive(url)
expect("the group waits", [each["Body"] for each in others] == ["b1", "b1x"], others)
shown = taken[0]["Attributes"]
expect("its attributes", [shown["MessageGroupId"], shown["MessageDeduplicationId"]] == ["a", "d"], shown)
sqs.delete_message(QueueUrl=url, ReceiptHandle=taken[0]["ReceiptHandle"])
expect("it waits for both", receive(url) == [])
sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=taken[1]["ReceiptHandle"], VisibilityTimeout=0)
attempt = {"ReceiveRequestAttemptId": "attempt-1"}
bodies = [each["Body"] for each in receive(url, **attempt)]
expect("and comes in order again", bodies == ["a2", "a3", "a4"], bodies)
bodies = [each["Body"] for each in receive(url, **attempt)]
expect("twice for the same attempt", bodies == ["a2", "a3", "a4"], bodies)
refusal("MissingParameter", sqs.send_message, QueueUrl=url, MessageBody="x")
refusal("InvalidParameterValue", sqs.send_message, QueueUrl=url, MessageBody="x", MessageGroupId="a", DelaySeconds=1)
sqs.delete_queue(QueueUrl=url)

# Dead letters

dead = sqs.create_queue(QueueName=f"{name}-dead")["QueueUrl"]
dead_arn = attributes(dead)["QueueArn"]
policy = {"deadLetterTargetArn": dead_arn, "maxReceiveCount": 1}
url = sqs.create_queue(QueueName=name, Attributes={"RedrivePolicy": json.dumps(policy)})["QueueUrl"]
arn = attributes(url)["QueueArn"]
expect("a redrive policy", json.loads(attributes(url)["RedrivePolicy"]) == policy, attributes(url)["RedrivePolicy"])
expect("its sources", sqs.list_dead_letter_source_queues(QueueUrl=dead)["queueUrls"] == [url])
bodies = [f"m{n}" for n in range(15)]
values = {"kind": {"DataType": "String", "StringValue": "poison"}}
ids = {body: sqs.send_message(QueueUrl=url, MessageBody=body, MessageAttributes=values)["MessageId"] for body in bodies}
count = 0
while count < 15:
    count += len(receive(url, VisibilityTimeout=0))
expect("received too often", receive(url) == [])
buried = receive(dead, MessageAttributeNames=["All"])
expect("they keep their ids", buried and all(ids[each["Body"]] == each["MessageId"] for each in buried), buried)
expect("and their attributes", all(each["MessageAttributes"] == values for each in buried), buried)
sources = {each["Attributes"].get("DeadLetterQueueSourceArn") for each in buried}
expect("and say where they were", sources == {arn}, sources)
entries = [{"Id": str(n), "ReceiptHandle": each["ReceiptHandle"], "VisibilityTimeout": 0} for n, each in enumerate(buried)]
sqs.change_message_visibility_batch(QueueUrl=dead, Entries=entries)


def task():
    """The newest one, once it is over."""
    for _ in range(100):
        (newest,) = sqs.list_message_move_tasks(SourceArn=dead_arn)["Results"]
        if newest["Status"] not in ("RUNNING", "CANCELLING"):
            return newest
        time.sleep(0.1)
    expect("a task ends", False, newest)


handle = sqs.start_message_move_task(SourceArn=dead_arn)["TaskHandle"]
shown = task()
expect("a move back", [shown["Status"], shown["ApproximateNumberOfMessagesMoved"]] == ["COMPLETED", 15], shown)
refusal("InvalidParameterValue", sqs.cancel_message_move_task, TaskHandle=handle)
returned = set()
while len(returned) < 15:
    messages = receive(url, WaitTimeSeconds=5, VisibilityTimeout=60)
    expect("something returned", messages != [])
    returned.update(each["Body"] for each in messages)
expect("all are back", returned == set(bodies), returned)
refusal("InvalidParameterValue", sqs.start_message_move_task, SourceArn=arn)
refusal("ResourceNotFoundException", sqs.start_message_move_task, SourceArn=f"{arn}-not")
other = {"deadLetterTargetArn": f"{dead_arn}-not", "maxReceiveCount": 1}
missing = {"RedrivePolicy": json.dumps(other)}
refusal("InvalidParameterValue", sqs.set_queue_attributes, QueueUrl=url, Attributes=missing)
sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": ""})
expect("an empty policy removes it", "RedrivePolicy" not in attributes(url))
# Over Query, an empty list is no element at all.
expect("no sources any more", sqs.list_dead_letter_source_queues(QueueUrl=dead).get("queueUrls", []) == [])

# Permissions

granted = {"AWSAccountIds": ["111122223333", "444455556666"], "Actions": ["SendMessage", "GetQueueUrl"]}
sqs.add_permission(QueueUrl=url, Label="partner", **granted)
statement = json.loads(attributes(url)["Policy"])["Statement"][0]
expect("a permission", [statement["Sid"], statement["Resource"]] == ["partner", arn], statement)
expect("its actions", sorted(statement["Action"]) == ["SQS:GetQueueUrl", "SQS:SendMessage"], statement)
refusal("InvalidParameterValue", sqs.add_permission, QueueUrl=url, Label="partner", **granted)
sqs.remove_permission(QueueUrl=url, Label="partner")
expect("is gone", "Policy" not in attributes(url), attributes(url).get("Policy"))
for each in [url, dead]:
    sqs.delete_queue(QueueUrl=each)
print("all well")
