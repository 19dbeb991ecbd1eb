#!/usr/bin/env python3
"""boto3 against a running Posthorn: create, send 1,000, long-poll, receive, delete, and the errors in between.

    npm start -- --memory                                    # in one terminal
    python3 test/interop/boto3Flow.py                        # in another; any boto3
    python3 test/interop/boto3Flow.py http://localhost:4566  # another endpoint

boto3 before 1.29 speaks the Query protocol, later ones JSON; the first line says which. To try the old one:

    python3 -m venv old && old/bin/pip install 'boto3==1.26.*' && old/bin/python test/interop/boto3Flow.py

boto3 checks the MD5 of every body that it receives by itself.
"""
import threading
import time

from boto3Client import expect, name, refusal, sqs

url = sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "60"}, tags={"team": "a"})["QueueUrl"]
expect(f"create: {url}", url.endswith(f"/123456789012/{name}"))
expect("find", sqs.get_queue_url(QueueName=name)["QueueUrl"] == url)
expect("list", sqs.list_queues(QueueNamePrefix=name)["QueueUrls"] == [url])
expect("tags", sqs.list_queue_tags(QueueUrl=url)["Tags"] == {"team": "a"})
sqs.set_queue_attributes(QueueUrl=url, Attributes={"ReceiveMessageWaitTimeSeconds": "1"})
attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
expect("attributes", attributes["ReceiveMessageWaitTimeSeconds"] == "1" and attributes["VisibilityTimeout"] == "60")

body = 'line\r\nline\rline\n\t"<&>" \u017elu\u0165 \U0001f600'
values = {"bytes": {"DataType": "Binary", "BinaryValue": b"\x00\x80\xff"}, "n": {"DataType": "Number", "StringValue": "1"}}
trace = {"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1"}}
sqs.send_message(QueueUrl=url, MessageBody=body, MessageAttributes=values, MessageSystemAttributes=trace)
(message,) = sqs.receive_message(QueueUrl=url, AttributeNames=["All"], MessageAttributeNames=["All"])["Messages"]
expect("a body with every kind of character", message["Body"] == body)
expect("attributes of a message", message["MessageAttributes"] == values)
expect("the trace header", message["Attributes"]["AWSTraceHeader"] == "Root=1")
sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=120)
sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])

started = time.monotonic()
for first in range(0, 1000, 10):
    entries = [{"Id": str(n), "MessageBody": f"message {n}"} for n in range(first, first + 10)]
    answer = sqs.send_message_batch(QueueUrl=url, Entries=entries)
    if len(answer["Successful"]) != 10 or "Failed" in answer:
        expect(f"a batch: {answer}", False)
seen = set()
while len(seen) < 1000:
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    if not messages:
        break
    seen.update(message["Body"] for message in messages)
    entries = [{"Id": str(n), "ReceiptHandle": each["ReceiptHandle"]} for n, each in enumerate(messages)]
    answer = sqs.delete_message_batch(QueueUrl=url, Entries=entries)
    if "Failed" in answer:
        expect(f"a batch: {answer}", False)
expect(f"send, receive and delete 1,000 ({time.monotonic() - started:.1f} s)", len(seen) == 1000)
counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
expect("nothing is left", [v for k, v in counts.items() if k.startswith("ApproximateNumber")] == ["0", "0", "0"])

started = time.monotonic()
expect("a long poll that ends empty", "Messages" not in sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1))
expect(f"it waited {time.monotonic() - started:.2f} s", 0.95 < time.monotonic() - started < 5)
threading.Timer(0.3, lambda: sqs.send_message(QueueUrl=url, MessageBody="late")).start()
started = time.monotonic()
(message,) = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)["Messages"]
expect(f"a long poll that a message ends, after {time.monotonic() - started:.2f} s", message["Body"] == "late")

refusal("AWS.SimpleQueueService.NonExistentQueue", sqs.get_queue_url, QueueName=f"{name}-not")
refusal("AWS.SimpleQueueService.NonExistentQueue", sqs.send_message, QueueUrl=f"{url}-not", MessageBody="x")
refusal("InvalidParameterValue", sqs.receive_message, QueueUrl=url, MaxNumberOfMessages=11)
refusal("InvalidMessageContents", sqs.send_message, QueueUrl=url, MessageBody="\x00")
refusal("ReceiptHandleIsInvalid", sqs.delete_message, QueueUrl=url, ReceiptHandle="made-up")
refusal("QueueAlreadyExists", sqs.create_queue, QueueName=name, Attributes={"VisibilityTimeout": "61"})
refusal("AWS.SimpleQueueService.EmptyBatchRequest", sqs.send_message_batch, QueueUrl=url, Entries=[])

sqs.purge_queue(QueueUrl=url)
sqs.delete_queue(QueueUrl=url)
refusal("AWS.SimpleQueueService.NonExistentQueue", sqs.receive_message, QueueUrl=url)
print("all well")
