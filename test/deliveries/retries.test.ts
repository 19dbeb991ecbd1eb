/** A whole server and an HTTP endpoint that fails: what is tried again, what is given up, and what a restart leaves. */
import { mkdtemp, rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { type PosthornOptions, type PosthornServer, startPosthorn } from '../../src/server.ts';
import { afterTest, httpEnd, type Received } from './ends.ts';

const patience = { timeout: 20_000, interval: 10 };

/** Retries that don't wait, as many as given. */
const atOnce = (numRetries: number) => ({
  healthyRetryPolicy: { minDelayTarget: 1, maxDelayTarget: 1, numRetries, numNoDelayRetries: numRetries },
});

class Client {
  readonly server: PosthornServer;

  constructor(server: PosthornServer) {
    this.server = server;
  }

  async call(Action: string, parameters: Record<string, string> = {}): Promise<(name: string) => string> {
    const body = new URLSearchParams({ Action, ...parameters });
    const answer = await fetch(this.server.endpoint, { method: 'POST', body });
    const text = await answer.text();
    if (!answer.ok) throw new Error(text);
    return (name) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1] ?? '';
  }

  async sqs(operation: string, input: object): Promise<Record<string, unknown>> {
    const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${operation}` };
    const answer = await fetch(this.server.endpoint, { method: 'POST', body: JSON.stringify(input), headers });
    return (await answer.json()) as Record<string, unknown>;
  }

  async page(path: string): Promise<{ status: number; text: string; json: () => unknown }> {
    const answer = await fetch(this.server.endpoint + path);
    const text = await answer.text();
    return { status: answer.status, text, json: () => JSON.parse(text) };
  }

  async subscribe(Endpoint: string, attributes: Record<string, object | string> = {}) {
    const TopicArn = (await this.call('CreateTopic', { Name: 'news' }))('TopicArn');
    const given = Object.entries(attributes).flatMap(([key, value], index) => [
      [`Attributes.entry.${index + 1}.key`, key],
      [`Attributes.entry.${index + 1}.value`, typeof value === 'string' ? value : JSON.stringify(value)],
    ]);
    const subscription = { TopicArn, Protocol: 'http', Endpoint, ReturnSubscriptionArn: 'true' };
    const answer = await this.call('Subscribe', { ...subscription, ...Object.fromEntries(given) });
    return { TopicArn, SubscriptionArn: answer('SubscriptionArn') };
  }
}

async function open(options: PosthornOptions = { memory: true }): Promise<Client> {
  const server = await startPosthorn({ port: 0, ...options });
  afterTest(() => server.close());
  return new Client(server);
}

/** An endpoint that confirms its subscription, and answers messages as it is told. */
async function subscriber(answer: (response: ServerResponse, attempt: number) => void) {
  const messages: Received[] = [];
  const confirmed: Promise<Response>[] = [];
  const end = await httpEnd((response, received) => {
    if (received.headers['x-amz-sns-message-type'] === 'SubscriptionConfirmation') {
      response.writeHead(200).end();
      confirmed.push(fetch((JSON.parse(received.body) as { SubscribeURL: string }).SubscribeURL));
      return;
    }
    messages.push(received);
    answer(response, messages.length);
  });
  const isConfirmed = async () => {
    await vi.waitFor(() => expect(confirmed).toHaveLength(1), patience);
    expect((await confirmed[0])?.status).toBe(200);
  };
  return { ...end, messages, isConfirmed };
}

describe('an HTTP endpoint that fails', () => {
  it('gets the message again, and its success ends that', async () => {
    const client = await open();
    const end = await subscriber((response, attempt) => response.writeHead(attempt < 3 ? 503 : 200).end('thanks'));
    const { TopicArn } = await client.subscribe(end.url, { DeliveryPolicy: atOnce(5) });
    await end.isConfirmed();
    const role = { AttributeName: 'HTTPSuccessFeedbackRoleArn', AttributeValue: 'arn:aws:iam::000000000000:role/x' };
    await client.call('SetTopicAttributes', { TopicArn, ...role });
    await client.call('Publish', { TopicArn, Message: 'hello' });
    const path = `/_posthorn/topics/${encodeURIComponent(TopicArn)}/deliveries`;
    const page = await vi.waitFor(async () => {
      const found = (await client.page(`${path}?status=SUCCESS`)).json() as { deliveries: object[] };
      expect(found.deliveries).toHaveLength(1);
      return found;
    }, patience);
    expect(end.messages).toHaveLength(3);
    expect(new Set(end.messages.map(({ body }) => body)).size).toBe(1);
    expect(page).toMatchObject({
      totals: { published: 1, delivered: 1, failed: 0, filteredOut: 0, redriven: 0 },
      deliveries: [{ status: 'SUCCESS', delivery: { attempts: 3, statusCode: 200, destination: end.url } }],
    });
    const metrics = await client.page('/metrics');
    expect(metrics.text).toContain(`posthorn_topic_notifications_delivered_total{topic="${TopicArn}"} 1`);
  });

  it.each([
    ['says that it never will', 403, 1],
    ['fails to the end', 500, 4],
  ])('and %s: the message is in the dead-letter queue', async (_, status, attempts) => {
    const client = await open();
    const end = await subscriber((response) => response.writeHead(status).end());
    const { QueueUrl } = await client.sqs('CreateQueue', { QueueName: 'dead' });
    const deadLetterTargetArn = 'arn:aws:sqs:us-east-1:000000000000:dead';
    const { TopicArn, SubscriptionArn } = await client.subscribe(end.url, {
      DeliveryPolicy: atOnce(3),
      RedrivePolicy: { deadLetterTargetArn },
    });
    await end.isConfirmed();
    await client.call('Publish', { TopicArn, Message: 'hello', Subject: 'A greeting' });
    const wanted = { QueueUrl, WaitTimeSeconds: 20, MessageAttributeNames: ['All'] };
    const { Messages: [letter] = [] } = (await client.sqs('ReceiveMessage', wanted)) as { Messages?: Letter[] };
    expect(JSON.parse(letter?.Body ?? '')).toMatchObject({
      Type: 'Notification',
      Message: 'hello',
      Subject: 'A greeting',
      TopicArn,
    });
    expect(letter?.Body).toBe(end.messages[0]?.body);
    expect(letter?.MessageAttributes).toMatchObject({
      ErrorCode: { StringValue: String(status) },
      ErrorMessage: { StringValue: `The endpoint answered with status ${status}.` },
    });
    expect(end.messages).toHaveLength(attempts);
    const { json } = await client.page(`/_posthorn/topics/${encodeURIComponent(TopicArn)}/deliveries`);
    expect(json()).toMatchObject({
      totals: { published: 1, delivered: 0, failed: 1, redriven: 1 },
      deliveries: [{ status: 'FAILURE', delivery: { subscriptionArn: SubscriptionArn, attempts, redriven: true } }],
    });
  });

  it('gets nothing any more once it has unsubscribed', async () => {
    const client = await open();
    const end = await subscriber((response) => response.writeHead(503).end());
    const policy = { healthyRetryPolicy: { minDelayTarget: 1, maxDelayTarget: 1, numRetries: 50 } };
    const { TopicArn, SubscriptionArn } = await client.subscribe(end.url, { DeliveryPolicy: policy });
    await end.isConfirmed();
    await client.call('Publish', { TopicArn, Message: 'hello' });
    await vi.waitFor(() => expect(end.messages).toHaveLength(1), patience);
    await client.call('Unsubscribe', { SubscriptionArn });
    // A second has passed when a retry of another subscription has come.
    const slow = await subscriber((response, attempt) => response.writeHead(attempt === 1 ? 503 : 200).end());
    await client.subscribe(slow.url, { DeliveryPolicy: policy });
    await slow.isConfirmed();
    await client.call('Publish', { TopicArn, Message: 'later' });
    await vi.waitFor(() => expect(slow.messages).toHaveLength(2), patience);
    const kinds = end.messages.map(({ headers }) => headers['x-amz-sns-message-type']);
    expect(kinds.filter((kind) => kind === 'Notification')).toHaveLength(1);
  });
});

it('tells the topic of an application that a push has failed for good', async () => {
  const adm = await httpEnd((response, { path }) => {
    if (path === '/auth/O2/token') response.end('{"access_token":"t","expires_in":3600}');
    else response.writeHead(400).end('{"reason":"Unregistered"}');
  });
  const client = await open({ memory: true, admUrl: adm.url });
  const TopicArn = (await client.call('CreateTopic', { Name: 'failures' }))('TopicArn');
  const { QueueUrl } = await client.sqs('CreateQueue', { QueueName: 'failures' });
  const Endpoint = 'arn:aws:sqs:us-east-1:000000000000:failures';
  await client.call('Subscribe', { TopicArn, Protocol: 'sqs', Endpoint });
  const attributes = { PlatformPrincipal: 'id', PlatformCredential: 'secret', EventDeliveryFailure: TopicArn };
  const given = Object.entries(attributes).flatMap(([key, value], index) => [
    [`Attributes.entry.${index + 1}.key`, key],
    [`Attributes.entry.${index + 1}.value`, value],
  ]);
  const app = { Name: 'app', Platform: 'ADM', ...Object.fromEntries(given) };
  const PlatformApplicationArn = (await client.call('CreatePlatformApplication', app))('PlatformApplicationArn');
  const created = await client.call('CreatePlatformEndpoint', { PlatformApplicationArn, Token: 'device' });
  const TargetArn = created('EndpointArn');
  const MessageId = (await client.call('Publish', { TargetArn, Message: 'hello' }))('MessageId');
  const wanted = { QueueUrl, WaitTimeSeconds: 20 };
  const { Messages: [told] = [] } = (await client.sqs('ReceiveMessage', wanted)) as { Messages?: Letter[] };
  const { Message } = JSON.parse(told?.Body ?? '{}') as { Message: string };
  expect(JSON.parse(Message)).toMatchObject({
    ...{ EventType: 'DeliveryFailure', EndpointArn: TargetArn, Resource: PlatformApplicationArn, MessageId },
    ...{ FailureType: 'InvalidPlatformToken', DeliveryAttempts: 1, Service: 'SNS' },
  });
});

interface Letter {
  readonly Body: string;
  readonly MessageAttributes: Record<string, { StringValue: string }>;
}

describe('a restart', () => {
  it('leaves retries, and what has not been tried', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'posthorn-retries-'));
    afterTest(() => rm(dataDir, { recursive: true, force: true }));
    const before = await open({ dataDir });
    let isUp = false;
    const end = await subscriber((response) => response.writeHead(isUp ? 200 : 503).end());
    const policy = { healthyRetryPolicy: { minDelayTarget: 1, maxDelayTarget: 1, numRetries: 50 } };
    const { TopicArn } = await before.subscribe(end.url, { DeliveryPolicy: policy });
    await end.isConfirmed();
    for (const Message of ['one', 'two', 'three']) await before.call('Publish', { TopicArn, Message });
    await vi.waitFor(() => expect(end.messages.length).toBeGreaterThanOrEqual(3), patience);
    await before.server.close();
    const tried = end.messages.length;
    isUp = true;
    await open({ dataDir });
    const arrived = () =>
      end.messages.slice(tried).map(({ body }) => (JSON.parse(body) as { Message: string }).Message);
    await vi.waitFor(() => expect(new Set(arrived())).toEqual(new Set(['one', 'two', 'three'])), patience);
    expect(arrived()).toHaveLength(3);
  });

  it('breaks off what hangs, and sends it again', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'posthorn-retries-'));
    afterTest(() => rm(dataDir, { recursive: true, force: true }));
    const before = await open({ dataDir });
    const end = await subscriber((response, attempt) => {
      if (attempt > 1) response.writeHead(200).end();
    });
    const { TopicArn } = await before.subscribe(end.url);
    await end.isConfirmed();
    await before.call('Publish', { TopicArn, Message: 'hello' });
    await vi.waitFor(() => expect(end.messages).toHaveLength(1), patience);
    await before.server.close();
    await open({ dataDir });
    await vi.waitFor(() => expect(end.messages).toHaveLength(2), patience);
  });
});
