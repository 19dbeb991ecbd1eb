/** Posthorn's own pages, over a socket. */
import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type PosthornServer, startPosthorn } from '../src/server.ts';

let server: PosthornServer;

beforeAll(async () => {
  const queues = [{ name: 'orders' }, { name: 'orders.fifo', attributes: { FifoQueue: 'true' } }];
  server = await startPosthorn({
    ...{ port: 0, memory: true, queues },
    region: 'eu-west-1',
    accountId: '123456789012',
  });
});
afterAll(() => server.close());

async function page(method: string, path: string, body?: unknown) {
  const answer = await fetch(server.endpoint + path, {
    method,
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, type: answer.headers.get('content-type'), text, json: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function sqs(operation: string, input: object) {
  const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${operation}` };
  return fetch(server.endpoint, { method: 'POST', body: JSON.stringify(input), headers });
}

describe('a page', () => {
  it.each([
    ['GET', '/_posthorn/health', 200, 'application/json', '{"ready":true}\n'],
    ['GET', '/_posthorn/elsewhere', 404, 'text/plain', 'There is no /_posthorn/elsewhere.\n'],
    ['POST', '/metrics', 405, 'text/plain', 'POST is not possible here; use GET.\n'],
    ['PUT', '/_posthorn/faults', 405, 'text/plain', 'PUT is not possible here; use GET or POST or DELETE.\n'],
  ])('%s %s', async (method, path, status, type, text) => {
    expect(await page(method, path)).toMatchObject({ status, type, text });
  });

  it('has no body for HEAD, and metrics for Prometheus', async () => {
    expect(await page('HEAD', '/_posthorn/health')).toMatchObject({ status: 200, text: '' });
    expect((await page('GET', '/metrics')).text).toContain('posthorn_requests_total');
  });

  it('does not catch what lies beside it', async () => {
    expect((await page('GET', '/_posthornx')).type).not.toBe('text/plain');
    expect((await page('GET', '/metricsx')).type).not.toBe('text/plain');
  });
});

describe('/_posthorn/queues', () => {
  it('lists the queues of the default account and region', async () => {
    const { json } = await page('GET', '/_posthorn/queues');
    expect(json).toMatchObject({
      queues: [
        { name: 'orders', accountId: '123456789012', region: 'eu-west-1', fifo: false, visible: 0 },
        { name: 'orders.fifo', fifo: true, inFlight: 0, delayed: 0 },
      ],
    });
  });

  it('goes page by page', async () => {
    const first = await page('GET', '/_posthorn/queues?limit=1');
    expect(first.json).toMatchObject({ queues: [{ name: 'orders' }], next: 'orders' });
    const second = await page('GET', '/_posthorn/queues?limit=1&next=orders');
    expect(second.json).toMatchObject({ queues: [{ name: 'orders.fifo' }], next: 'orders.fifo' });
    expect((await page('GET', '/_posthorn/queues?limit=1&next=orders.fifo')).json).toEqual({ queues: [] });
  });

  it.each([
    ['limit=0', 'limit is "0", but must be a whole number from 1 to 1000.'],
    ['limit=1001', 'limit is "1001", but must be a whole number from 1 to 1000.'],
    ['limti=1', 'There is no parameter "limti" here. Known are account, region, prefix, limit, next.'],
  ])('refuses %s', async (query, error) => {
    expect(await page('GET', `/_posthorn/queues?${query}`)).toMatchObject({ status: 400, json: { error } });
  });
});

describe('/_posthorn/queues/<account>/<queue>/messages', () => {
  const path = '/_posthorn/queues/123456789012/orders/messages';

  it('shows what a message is, and where it stands', async () => {
    const sent = await sqs('SendMessage', {
      ...{ QueueUrl: 'orders', MessageBody: 'hello', MessageGroupId: 'g' },
      MessageAttributes: { logo: { DataType: 'Binary', BinaryValue: 'AQI=' } },
    });
    const { MessageId } = (await sent.json()) as { MessageId: string };
    await sqs('ReceiveMessage', { QueueUrl: 'orders', VisibilityTimeout: 600 });
    const instant = expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/);
    expect((await page('GET', path)).json).toEqual({
      messages: [
        {
          ...{ messageId: MessageId, body: 'hello', groupId: 'g', senderId: '123456789012' },
          attributes: { logo: { DataType: 'Binary', BinaryValue: 'AQI=' } },
          ...{ state: 'in-flight', receiveCount: 1 },
          ...{ sentAt: instant, availableAt: instant, firstReceivedAt: instant, visibleAt: instant },
        },
      ],
    });
  });

  it.each([
    ['/_posthorn/queues/123456789012/nothing/messages', 404, 'There is no queue nothing in the account 123456789012'],
    ['/_posthorn/queues/123456789012/%zz/messages', 404, 'There is no queue %zz'],
    [`${path}?region=us-west-2`, 404, 'and the region us-west-2.'],
    [`${path}?state=lost`, 400, 'state is "lost", but must be one of waiting, delayed, in-flight.'],
    [`${path}?limit=many`, 400, 'limit is "many"'],
  ])('refuses %s', async (url, status, error) => {
    expect(await page('GET', url)).toMatchObject({ status, json: { error: expect.stringContaining(error) } });
  });
});

describe('/_posthorn/faults', () => {
  beforeEach(() => page('DELETE', '/_posthorn/faults'));

  it('sets, lists and removes rules', async () => {
    const rule = { operation: 'SendMessage', queue: 'orders', error: 'RequestThrottled', times: 1 };
    const set = await page('POST', '/_posthorn/faults', rule);
    expect(set).toMatchObject({ status: 201, json: { ...rule, error: { code: 'RequestThrottled' }, hits: 0 } });
    const refused = await sqs('SendMessage', { QueueUrl: 'orders', MessageBody: 'x' });
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({ __type: 'com.amazonaws.sqs#RequestThrottled' });
    expect((await sqs('SendMessage', { QueueUrl: 'orders', MessageBody: 'x' })).status).toBe(200);
    expect((await page('GET', '/_posthorn/faults')).json).toMatchObject({ faults: [{ matched: 1, hits: 1 }] });
    const { id } = set.json as { id: string };
    expect(await page('DELETE', `/_posthorn/faults/${id}`)).toMatchObject({ status: 200, json: { removed: 1 } });
    expect(await page('DELETE', `/_posthorn/faults/${id}`)).toMatchObject({
      status: 404,
      json: { error: `There is no fault rule with the id "${id}".` },
    });
  });

  it('answers errors of SQS with the codes of both protocols', async () => {
    await page('POST', '/_posthorn/faults', { service: 'sqs', error: 'QueueDoesNotExist' });
    const json = await sqs('GetQueueUrl', { QueueName: 'orders' });
    expect(json.headers.get('x-amzn-query-error')).toBe('AWS.SimpleQueueService.NonExistentQueue;Sender');
    const query = await page('GET', '/?Action=GetQueueUrl&QueueName=orders');
    expect(query.text).toContain('<Code>AWS.SimpleQueueService.NonExistentQueue</Code>');
  });

  it('says what is wrong with a rule', async () => {
    expect(await page('POST', '/_posthorn/faults', { share: 2, error: 'InternalFailure' })).toMatchObject({
      status: 400,
      json: { error: '"share" is 2, but must be a number from 0 to 1.' },
    });
    const broken = await page('POST', '/_posthorn/faults', '{"error":');
    expect(broken).toMatchObject({ status: 400, json: { error: expect.stringMatching(/^The body is not JSON: /) } });
    const large = await page('POST', '/_posthorn/faults', { error: 'x'.repeat(100_000) });
    expect(large).toMatchObject({ status: 413, json: { error: 'The body is larger than 65536 bytes.' } });
    expect((await page('GET', '/_posthorn/faults')).json).toEqual({ faults: [] });
  });

  it('outlives a client that leaves in the middle of a rule', async () => {
    const socket = connect(server.port, '127.0.0.1');
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write('POST /_posthorn/faults HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"er', () =>
      socket.destroy(),
    );
    await closed;
    expect((await page('GET', '/_posthorn/faults')).status).toBe(200);
  });
});

describe('the outbox', () => {
  it('is empty at first, and can be emptied', async () => {
    expect((await page('GET', '/_posthorn/outbox')).json).toEqual({ entries: [], dropped: 0 });
    expect((await page('DELETE', '/_posthorn/outbox')).json).toEqual({ removed: 0 });
  });

  it.each(['?limit=0', '?next=x', '?from=a'])('refuses %s', async (query) => {
    expect((await page('GET', `/_posthorn/outbox${query}`)).status).toBe(400);
  });
});
