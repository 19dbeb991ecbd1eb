#!/usr/bin/env python3
"""Celery on a running Posthorn, with real workers: tasks, retries, delays, a killed worker, a FIFO queue, dead letters.

    npm start -- --memory                                                     # in one terminal
    python3 -m venv flow && flow/bin/pip install 'celery[sqs]'                # in another, once
    flow/bin/python test/interop/celeryFlow.py                                # every time
    flow/bin/python test/interop/celeryFlow.py http://localhost:4566          # another endpoint

The file is the application too: workers import it under its name, and learn from the environment what to talk to.
"""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from urllib.parse import urlsplit

import boto3
import celery
import kombu
from celery import chain, group
from celery.exceptions import Reject

if __name__ == "__main__":
    os.environ["FLOW_ENDPOINT"] = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:4566"
    os.environ["FLOW_FOLDER"] = tempfile.mkdtemp(prefix="celery-flow-")
    os.environ["FLOW_PREFIX"] = f"flow-{uuid.uuid4().hex[:8]}-"

endpoint = os.environ["FLOW_ENDPOINT"]
folder = pathlib.Path(os.environ["FLOW_FOLDER"])
prefix = os.environ["FLOW_PREFIX"]
visibility_seconds = 3

app = celery.Celery("celeryFlow")
app.conf.update(
    broker_url=f"sqs://123456789012:secret@{urlsplit(endpoint).netloc}//",
    broker_transport_options={
        "region": "eu-west-1",
        "is_secure": False,
        "queue_name_prefix": prefix,
        "visibility_timeout": visibility_seconds,
        "wait_time_seconds": 5,
        "polling_interval": 0.1,
    },
    result_backend=f"file://{folder}",
    task_default_queue="tasks",
    task_acks_late=True,
    task_acks_on_failure_or_timeout=True,
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
)


def note(name, text):
    """Appends a line to a file that the flow reads: what a worker did, and how often."""
    with open(folder / f"{name}.log", "a", encoding="utf-8") as file:
        file.write(f"{text}\n")


def noted(name):
    path = folder / f"{name}.log"
    return path.read_text(encoding="utf-8").split() if path.exists() else []


@app.task(name="flow.add")
def add(a, b):
    return a + b


@app.task(name="flow.echo")
def echo(text):
    return text


@app.task(name="flow.flaky", bind=True, max_retries=3)
def flaky(self):
    note("flaky", self.request.retries)
    if self.request.retries < 2:
        raise self.retry(countdown=1)
    return self.request.retries


@app.task(name="flow.hang", bind=True)
def hang(self):
    """The first worker never finishes it; whoever gets it after that one died does at once."""
    note("hang", self.request.hostname.split("@")[-1])
    if len(noted("hang")) == 1:
        time.sleep(3600)
    return len(noted("hang"))


@app.task(name="flow.ordered")
def ordered(n):
    note("ordered", n)


@app.task(name="flow.poison")
def poison():
    note("poison", "received")
    raise Reject("never", requeue=False)


def expect(what, condition, found=""):
    print(("ok    " if condition else "FAILED") + f" {what}" + (f": {found}" if not condition else ""), flush=True)
    if not condition:
        sys.exit(1)


class Worker:
    """A Celery worker as its own process group, so that it can be killed with its children."""

    running = []

    def __init__(self, name, queues, concurrency=2):
        self.name = name
        command = [sys.executable, "-m", "celery", "-A", "celeryFlow", "worker", "--queues", queues]
        command += ["--concurrency", str(concurrency), "--hostname", name, "--loglevel", "INFO"]
        command += ["--without-gossip", "--without-mingle"]
        self.log = folder / f"worker-{name}.log"
        with open(self.log, "w", encoding="utf-8") as log:
            here = pathlib.Path(__file__).resolve().parent
            self.process = subprocess.Popen(
                command, cwd=here, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
        Worker.running.append(self)

    def kill(self):
        Worker.running.remove(self)
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self):
        """As an operator does: finish what runs, give back what was fetched."""
        self.process.terminate()
        status = self.process.wait(timeout=60)
        Worker.running.remove(self)
        return status


def until(what, condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            expect(what, False, f"not within {seconds} s; see {folder}")
        time.sleep(0.1)
    expect(what, True)


def run_tasks():
    expect("a task", add.delay(2, 3).get(timeout=60) == 5)
    text = 'line\r\nline\t"<&>" \u017elu\u0165 \U0001f600 ' + "x" * 200_000
    expect("a large text with every kind of character", echo.delay(text).get(timeout=60) == text)
    sums = group(add.s(n, n) for n in range(50))().get(timeout=120)
    expect("50 tasks at a time", sums == [2 * n for n in range(50)], sums)
    expect("a chain", chain(add.s(1, 1), add.s(10), add.s(100))().get(timeout=60) == 112)
    expect("retries with a countdown", flaky.delay().get(timeout=60) == 2 and noted("flaky") == ["0", "1", "2"])
    started = time.monotonic()
    expect("a task for later", add.apply_async((1, 1), countdown=2).get(timeout=60) == 2)
    expect("which ran later", time.monotonic() - started >= 2)
    started = time.monotonic()
    expect("a message that SQS delays", add.apply_async((1, 2), DelaySeconds=2).get(timeout=60) == 3)
    expect("which was delayed", time.monotonic() - started >= 2)


def survive_a_kill(first):
    result = hang.delay()
    until("a worker has begun a task", lambda: len(noted("hang")) == 1)
    first.kill()
    second = Worker("second", "tasks")
    expect("a second worker gets it after the visibility timeout", result.get(timeout=60) == 2)
    expect("of a killed one", noted("hang") == ["first", "second"], noted("hang"))
    return second


def keep_order(sqs):
    """Two workers on one FIFO queue; the group's order must hold between them."""
    workers = [Worker(f"fifo-{n}", "ordered.fifo", concurrency=1) for n in (1, 2)]
    for n in range(20):
        ordered.apply_async((n,), queue="ordered.fifo", MessageGroupId="one", MessageDeduplicationId=f"d{n}")
    ordered.apply_async((99,), queue="ordered.fifo", MessageGroupId="one", MessageDeduplicationId="d0")
    until("a FIFO queue is worked off", lambda: len(noted("ordered")) >= 20)
    until("and empty", lambda: count(sqs, "ordered.fifo") == 0)
    expect("in order, without the duplicate", noted("ordered") == [str(n) for n in range(20)], noted("ordered"))
    expect("workers stop", all(worker.stop() == 0 for worker in workers))


def bury(sqs):
    """What a task rejects stays for SQS to move, when its queue has a redrive policy."""
    dead = sqs.create_queue(QueueName=f"{prefix}dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = f'{{"deadLetterTargetArn":"{arn}","maxReceiveCount":"2"}}'
    attributes = {"VisibilityTimeout": "1", "RedrivePolicy": policy}
    sqs.create_queue(QueueName=f"{prefix}poisoned", Attributes=attributes)
    worker = Worker("bury", "poisoned", concurrency=1)
    poison.apply_async(queue="poisoned")
    until("a rejected task goes to the dead letter queue", lambda: count(sqs, "dead") == 1)
    expect("after two receives", len(noted("poison")) == 2, noted("poison"))
    expect("the worker stops", worker.stop() == 0)


def count(sqs, name):
    url = sqs.get_queue_url(QueueName=f"{prefix}{name}")["QueueUrl"]
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed"]
    return sum(map(int, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"].values()))


def main():
    print(f"celery {celery.__version__}, kombu {kombu.__version__}, boto3 {boto3.__version__}")
    sqs = boto3.client(
        "sqs",
        endpoint_url=endpoint,
        region_name="eu-west-1",
        aws_access_key_id="123456789012",
        aws_secret_access_key="secret",
    )
    first = Worker("first", "tasks")
    run_tasks()
    second = survive_a_kill(first)
    until("nothing is left", lambda: count(sqs, "tasks") == 0)
    expect("the worker stops", second.stop() == 0)
    keep_order(sqs)
    bury(sqs)
    for url in sqs.list_queues(QueueNamePrefix=prefix)["QueueUrls"]:
        sqs.delete_queue(QueueUrl=url)
    print("all well")


if __name__ == "__main__":
    try:
        main()
        shutil.rmtree(folder)
    finally:
        for each in list(Worker.running):
            each.kill()
