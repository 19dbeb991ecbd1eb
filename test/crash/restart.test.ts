/** What a restart keeps, and what the pages beside the API say. */
import { describe, expect, test } from 'vitest';
import { Fixture, queueUrl } from './fixture.ts';
import type { SqsClient } from './sqsClient.ts';

const fixture = new Fixture();

async function receive(client: SqsClient, options: { wait?: number; visibility?: number; max?: number } = {}) {
  const { Messages = [] } = await client.call('ReceiveMessage', {
    QueueUrl: queueUrl(client, 'orders'),
    MaxNumberOfMessages: options.max ?? 10,
    WaitTimeSeconds: options.wait ?? 0,
    ...(options.visibility !== undefined && { VisibilityTimeout: options.visibility }),
    MessageSystemAttributeNames: ['All'],
    MessageAttributeNames: ['All'],
  });
  return Messages;
}

async function countsOf(client: SqsClient) {
  const { Attributes: all = {} } = await client.call('GetQueueAttributes', {
    QueueUrl: queueUrl(client, 'orders'),
    AttributeNames: ['All'],
  });
  return {
    visible: all.ApproximateNumberOfMessages,
    inFlight: all.ApproximateNumberOfMessagesNotVisible,
    delayed: all.ApproximateNumberOfMessagesDelayed,
  };
}

/** All that describes a queue and does not change by itself. */
async function describeQueue(client: SqsClient) {
  const url = queueUrl(client, 'orders');
  const { Attributes } = await client.call('GetQueueAttributes', { QueueUrl: url, AttributeNames: ['All'] });
  const { Tags } = await client.call('ListQueueTags', { QueueUrl: url });
  const { QueueUrls = [] } = await client.call('ListQueues', {});
  return { Attributes, Tags, names: QueueUrls.map((each) => each.split('/').at(-1)) };
}

const delaySeconds = 5;

/** Two messages in flight, one delayed, one waiting; the receipts of those in flight. */
async function prepare(
  client: SqsClient,
  isToBeKilled = false,
): Promise<{ first: string; second: string; delayedUntil: number }> {
  const attributes = { VisibilityTimeout: '45', MessageRetentionPeriod: '3600', ReceiveMessageWaitTimeSeconds: '0' };
  const tags = { team: 'crash', empty: '' };
  const { QueueUrl = '' } = await client.call('CreateQueue', { QueueName: 'orders', Attributes: attributes, tags });
  await client.call('CreateQueue', { QueueName: 'other' });
  await client.call('SetQueueAttributes', { QueueUrl, Attributes: { MaximumMessageSize: '2048' } });
  for (const body of ['first', 'second']) await client.call('SendMessage', { QueueUrl, MessageBody: body });
  const first = await receive(client, { max: 1, visibility: 600 });
  const second = await receive(client, { max: 1, visibility: 600 });
  // A kill forgets receives of the last second, but no acknowledged change of a visibility.
  for (const { ReceiptHandle = '' } of isToBeKilled ? [...first, ...second] : []) {
    await client.call('ChangeMessageVisibility', { QueueUrl, ReceiptHandle, VisibilityTimeout: 600 });
  }
  const delayedUntil = Date.now() + delaySeconds * 1000;
  await client.call('SendMessage', { QueueUrl, MessageBody: 'delayed', DelaySeconds: delaySeconds });
  await client.call('SendMessage', {
    QueueUrl,
    MessageBody: 'waiting',
    MessageAttributes: { kind: { DataType: 'Binary', BinaryValue: 'AAEC' as never } },
  });
  return { first: first[0]?.ReceiptHandle ?? '', second: second[0]?.ReceiptHandle ?? '', delayedUntil };
}

describe.each(['SIGTERM', 'SIGKILL'] as const)('after %s and a start', (signal) => {
  test('queues, messages, what is in flight, delays and receipts are as before', async () => {
    const server = fixture.start();
    const before = await fixture.connect(server);
    const { first, second, delayedUntil } = await prepare(before, signal === 'SIGKILL');
    const description = await describeQueue(before);
    expect(description.names).toEqual(['orders', 'other']);
    server.signal(signal);
    await server.ended;

    const client = await fixture.connect(fixture.start());
    expect(await describeQueue(client)).toEqual(description);
    expect(await countsOf(client)).toEqual({ visible: '1', inFlight: '2', delayed: '1' });
    const waiting = await receive(client);
    expect(waiting).toMatchObject([
      {
        Body: 'waiting',
        MessageAttributes: { kind: { BinaryValue: 'AAEC' } },
        Attributes: { ApproximateReceiveCount: '1' },
      },
    ]);

    // The receipts from before still do what receipts do.
    const url = queueUrl(client, 'orders');
    await client.call('DeleteMessage', { QueueUrl: url, ReceiptHandle: first });
    await client.call('ChangeMessageVisibility', { QueueUrl: url, ReceiptHandle: second, VisibilityTimeout: 0 });
    const returned = await receive(client);
    expect(returned).toMatchObject([{ Body: 'second', Attributes: { ApproximateReceiveCount: '2' } }]);

    const delayed = await receive(client, { wait: 20 });
    expect(Date.now()).toBeGreaterThanOrEqual(delayedUntil);
    expect(delayed).toMatchObject([{ Body: 'delayed' }]);
    for (const { ReceiptHandle = '' } of [...waiting, ...returned, ...delayed]) {
      await client.call('DeleteMessage', { QueueUrl: url, ReceiptHandle });
    }
    expect(await countsOf(client)).toEqual({ visible: '0', inFlight: '0', delayed: '0' });
  });
});

test('/_posthorn/health and /metrics say how the server is', async () => {
  const client = await fixture.connect(fixture.start());
  const health = await client.get('/_posthorn/health');
  expect([health.status, health.headers['content-type'], health.text]).toEqual([
    200,
    'application/json',
    '{"ready":true}\n',
  ]);
  await prepare(client);
  await receive(client);
  await receive(client);
  const { status, headers, text } = await client.get('/metrics');
  expect(status).toBe(200);
  expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
  const metrics = parsePrometheus(text);

  expect([...metrics.types]).toEqual(stableMetrics);
  const queue = 'account="000000000000",region="us-east-1",queue="orders"';
  expect(metrics.samples.get(`posthorn_queue_messages{${queue},state="visible"}`)).toBe(0);
  expect(metrics.samples.get(`posthorn_queue_messages{${queue},state="inFlight"}`)).toBe(3);
  expect(metrics.samples.get(`posthorn_queue_messages{${queue},state="delayed"}`)).toBe(1);
  expect(metrics.samples.get(`posthorn_queue_messages_sent_total{${queue}}`)).toBe(4);
  expect(metrics.samples.get(`posthorn_queue_messages_received_total{${queue}}`)).toBe(3);
  expect(metrics.samples.get(`posthorn_queue_messages_deleted_total{${queue}}`)).toBe(0);
  expect(metrics.samples.get(`posthorn_queue_empty_receives_total{${queue}}`)).toBe(1);
  const sends = 'service="sqs",operation="SendMessage",status="200",code=""';
  expect(metrics.samples.get(`posthorn_requests_total{${sends}}`)).toBe(4);
  expect(metrics.samples.get('posthorn_commit_failures_total')).toBe(0);
  expect(metrics.samples.get('posthorn_commit_seconds_count')).toBeGreaterThan(5);
});

test('the pages beside the API take no other method and know no other path', async () => {
  const client = await fixture.connect(fixture.start());
  expect((await client.get('/_posthorn/nothing')).status).toBe(404);
  const response = await fetch(`${client.endpoint}/_posthorn/health`, { method: 'DELETE' });
  expect(response.status).toBe(405);
});

/** Dashboards and alerts go by these names: a change is an incompatible one. */
const stableMetrics = [
  ['posthorn_commit_seconds', 'histogram'],
  ['posthorn_commit_operations', 'histogram'],
  ['posthorn_commit_failures_total', 'counter'],
  ['posthorn_queue_messages', 'gauge'],
  ['posthorn_queue_messages_sent_total', 'counter'],
  ['posthorn_queue_messages_received_total', 'counter'],
  ['posthorn_queue_messages_deleted_total', 'counter'],
  ['posthorn_queue_empty_receives_total', 'counter'],
  ['posthorn_topic_messages_published_total', 'counter'],
  ['posthorn_topic_notifications_delivered_total', 'counter'],
  ['posthorn_topic_notifications_failed_total', 'counter'],
  ['posthorn_topic_notifications_filtered_out_total', 'counter'],
  ['posthorn_topic_notifications_redriven_total', 'counter'],
  ['posthorn_deliveries_pending', 'gauge'],
  ['posthorn_fan_out_copies_promised', 'gauge'],
  ['posthorn_edge_processes', 'gauge'],
  ['posthorn_letters_waiting', 'gauge'],
  ['posthorn_waiting_memory_bytes', 'gauge'],
  ['posthorn_requests_total', 'counter'],
  ['posthorn_request_seconds_total', 'counter'],
  ['posthorn_event_loop_delay_seconds', 'gauge'],
  ['posthorn_audit_records_lost_total', 'counter'],
  ['process_resident_memory_bytes', 'gauge'],
];

const sampleLine =
  /^([a-zA-Z_:][\w:]*(?:\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*",?)*\})?) (-?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Inf)|NaN)$/;

/** The text format of Prometheus, version 0.0.4: every line must be one that it knows. */
function parsePrometheus(text: string) {
  const types = new Map<string, string>();
  const samples = new Map<string, number>();
  expect(text.endsWith('\n')).toBe(true);
  for (const line of text.split('\n')) {
    const [, name, type] = /^# TYPE (\S+) (counter|gauge|histogram|summary|untyped)$/.exec(line) ?? [];
    if (name !== undefined && type !== undefined) types.set(name, type);
    if (line === '' || name !== undefined || /^# HELP \S+ .+$/.test(line)) continue;
    const [, sample, value] = sampleLine.exec(line) ?? [];
    if (sample === undefined) throw new Error(`not a line of the text format: ${line}`);
    if (samples.has(sample)) throw new Error(`twice: ${line}`);
    samples.set(sample, Number(value));
  }
  return { types, samples };
}
