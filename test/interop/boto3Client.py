"""What the scripts of boto3 beside this file share: the client, and how to expect something."""
import sys
import uuid

import boto3
import botocore
from botocore.config import Config
from botocore.exceptions import ClientError

endpoint = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:4566"


def client(service):
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name="eu-west-1",
        aws_access_key_id="123456789012",
        aws_secret_access_key="secret",
        config=Config(retries={"max_attempts": 1}),
    )


sqs = client("sqs")
name = f"interop-{uuid.uuid4().hex[:8]}"
protocol = sqs.meta.service_model.metadata["protocol"]
print(f"boto3 {boto3.__version__}, botocore {botocore.__version__}, protocol {protocol}")


def expect(what, condition, found=""):
    print(("ok    " if condition else "FAILED") + f" {what}" + (f": {found}" if not condition else ""))
    if not condition:
        sys.exit(1)


def refusal(code, call, **parameters):
    try:
        call(**parameters)
    except ClientError as error:
        found = error.response["Error"]
        expect(f"{code}: {found['Message']}", found["Code"] == code, found["Code"])
    else:
        expect(f"{code} is raised", False)


def attributes(url):
    return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]


def receive(url, **more):
    asked = {"MaxNumberOfMessages": 10, "AttributeNames": ["All"], **more}
    return sqs.receive_message(QueueUrl=url, **asked).get("Messages", [])
