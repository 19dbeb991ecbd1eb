/** What the audit is told of calls, once each. */
import { EventEmitter, once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type AuditedCall, AwsError, type CallContext, type ServedService } from './contract.ts';
import { sqs } from './generated/sqs.ts';
import { type Listener, startListener } from './index.ts';

let listener: Listener | undefined;
afterEach(async () => {
  await listener?.close();
  listener = undefined;
});

async function start(operations: ServedService['operations'], wants = () => true) {
  const calls: AuditedCall[] = [];
  const asked = vi.fn(wants);
  const log = { error: vi.fn() };
  const audit = { wants: asked, onCall: (call: AuditedCall) => void calls.push(call) };
  const services = [{ contract: sqs, operations }];
  listener = await startListener({ host: '127.0.0.1', port: 0, services, log, audit });
  return { url: listener.url, port: listener.address.port, calls, asked, log };
}

const credential = 'AWS4-HMAC-SHA256 Credential=111122223333/20260101/eu-west-1/sqs/aws4_request, Signature=0';

function post(url: string, operation: string, body: string) {
  const target = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${operation}` };
  return fetch(url, {
    method: 'POST',
    body,
    headers: { ...target, authorization: credential, 'user-agent': 'a test' },
  });
}

describe('the audit', () => {
  it('is told of an answered call: who, what, from where, and the answer', async () => {
    const { url, calls } = await start({ GetQueueUrl: () => ({ QueueUrl: 'x' }) });
    const answer = await post(url, 'GetQueueUrl', '{"QueueName":"q"}');
    expect(calls).toEqual([
      {
        ...{ contract: sqs, operation: 'GetQueueUrl', accessKeyId: '111122223333', region: 'eu-west-1' },
        requestId: answer.headers.get('x-amzn-requestid'),
        context: expect.objectContaining({ accountId: '111122223333', region: 'eu-west-1' }),
        ...{ input: { QueueName: 'q' }, output: { QueueUrl: 'x' } },
        source: { address: '127.0.0.1', userAgent: 'a test', host: new URL(url).host },
      },
    ]);
  });

  it('is told of refusals, and of what nobody expected as the client is', async () => {
    const { url, calls } = await start({
      GetQueueUrl: () => Promise.reject(new AwsError('QueueDoesNotExist', 'no')),
      DeleteQueue: () => {
        throw new Error('a bug, and what it knows');
      },
    });
    await post(url, 'GetQueueUrl', '{"QueueName":"q"}');
    await post(url, 'DeleteQueue', '{"QueueUrl":"q"}');
    expect(calls.map(({ error }) => error?.code)).toEqual(['QueueDoesNotExist', 'InternalFailure']);
    expect(JSON.stringify(calls.at(-1)?.error?.message ?? '')).not.toContain('a bug');
  });

  it('is told of an input that can not be decoded, without it and with its sender', async () => {
    const { url, calls } = await start({ GetQueueUrl: () => ({}) });
    await post(url, 'GetQueueUrl', '{"QueueName":7');
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({ context: { accountId: '111122223333' }, error: expect.any(AwsError) });
    expect(calls[0]).not.toHaveProperty('input');
  });

  it('is told nothing of what is no operation, or none that is served', async () => {
    const { url, calls } = await start({});
    await post(url, 'NoSuchThing', '{}');
    await post(url, 'GetQueueUrl', '{"QueueName":"q"}');
    expect(calls).toEqual([]);
  });

  it('is asked first, with the error', async () => {
    const { url, calls, asked } = await start({ GetQueueUrl: () => ({}) }, () => false);
    await post(url, 'GetQueueUrl', '{"QueueName":"q"}');
    await post(url, 'GetQueueUrl', '{}');
    expect(calls).toEqual([]);
    expect(asked.mock.calls).toEqual([
      ['sqs', 'GetQueueUrl', undefined],
      ['sqs', 'GetQueueUrl', expect.any(AwsError)],
    ]);
  });

  it('is told of what was done for a client that has left', async () => {
    const turns = new EventEmitter();
    const begun = once(turns, 'begun');
    const { port, calls } = await start({
      DeleteQueue: async (_input: never, { client }: CallContext) => {
        client.onGone(() => turns.emit('gone'));
        turns.emit('begun');
        await once(turns, 'gone');
        return {};
      },
    });
    const socket = connect(port, '127.0.0.1');
    socket.write('GET /?Action=DeleteQueue&QueueUrl=q HTTP/1.1\r\nHost: h\r\n\r\n');
    await begun;
    socket.destroy();
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    expect(calls[0]).toMatchObject({ operation: 'DeleteQueue', output: {} });
  });
});
