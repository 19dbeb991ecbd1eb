/** A server whose requests are read by processes of their own: `--threads`. */
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Fixture, queueUrl } from '../crash/fixture.ts';
import { ConnectionLost, Refused, SqsClient } from '../crash/sqsClient.ts';
import { edgeCommandsOf, edgePidsOf } from './edgePids.ts';

const fixture = new Fixture();

async function start(args: readonly string[] = ['--threads', '3']) {
  const server = fixture.start(args);
  const client = await fixture.connect(server);
  return { server, client };
}

/** Processes that read requests: each of them has told that it is ready. */
async function ready(client: SqsClient, wanted: number): Promise<void> {
  for (;;) {
    const { text } = await client.get('/metrics');
    if (text.includes(`posthorn_edge_processes ${wanted}`)) return;
  }
}

/** A client whose connections were made when the processes were ready. */
async function startReady() {
  const { server, client } = await start();
  await ready(client, 2);
  const fresh = await fixture.connect(server);
  await fresh.call('CreateQueue', { QueueName: 'orders' });
  return { server, client: fresh, url: queueUrl(fresh, 'orders') };
}

async function codeOf(answer: Promise<unknown>): Promise<string> {
  try {
    await answer;
  } catch (error) {
    return error instanceof Refused ? error.code : String(error);
  }
  return '';
}

describe.skipIf(process.platform === 'win32')('processes at the edge', () => {
  it('send, receive, change and delete messages as one process does', async () => {
    const { client, url } = await startReady();
    const sent = await client.call('SendMessage', { QueueUrl: url, MessageBody: 'h\u00e9' });
    await client.call('SendMessageBatch', {
      QueueUrl: url,
      Entries: ['a', 'b'].map((Id) => ({ Id, MessageBody: Id.repeat(400_000), DelaySeconds: 0 })),
    });
    const attributes = { MaxNumberOfMessages: 10, MessageSystemAttributeNames: ['All' as const] };
    const { Messages = [] } = await client.call('ReceiveMessage', { QueueUrl: url, ...attributes });
    expect(Messages.map(({ Body = '' }) => Body.length)).toEqual([2, 400_000, 400_000]);
    expect(Messages[0]).toMatchObject({ MessageId: sent.MessageId, MD5OfBody: sent.MD5OfMessageBody, Body: 'h\u00e9' });
    expect(Messages[0]?.Attributes).toMatchObject({ ApproximateReceiveCount: '1', SenderId: '000000000000' });
    const [first, second, third] = Messages.map(({ ReceiptHandle = '' }) => ReceiptHandle);
    const change = { QueueUrl: url, ReceiptHandle: first ?? '', VisibilityTimeout: 0 };
    await client.call('ChangeMessageVisibility', change);
    const again = await client.call('ReceiveMessage', { QueueUrl: url, ...attributes });
    expect(again.Messages?.[0]?.Attributes?.ApproximateReceiveCount).toBe('2');
    const Entries = [again.Messages?.[0]?.ReceiptHandle ?? '', second ?? '', third ?? ''].map(
      (ReceiptHandle, index) => ({
        Id: `${index}`,
        ReceiptHandle,
      }),
    );
    const deleted = await client.call('DeleteMessageBatch', { QueueUrl: url, Entries });
    expect(deleted.Successful).toHaveLength(3);
    const { Attributes } = await client.call('GetQueueAttributes', { QueueUrl: url, AttributeNames: ['All'] });
    expect(Attributes).toMatchObject({ ApproximateNumberOfMessages: '0', ApproximateNumberOfMessagesNotVisible: '0' });
  });

  it('count their requests', async () => {
    const { client, url } = await startReady();
    await client.call('SendMessage', { QueueUrl: url, MessageBody: 'one' });
    const counted = 'posthorn_requests_total{service="sqs",operation="SendMessage",status="200",code=""} 1';
    for (;;) {
      if ((await client.get('/metrics')).text.includes(counted)) return;
    }
  });

  it('know at once what a queue has become', async () => {
    const { client, url } = await startReady();
    await client.call('SendMessage', { QueueUrl: url, MessageBody: 'x'.repeat(3000) });
    await client.call('SetQueueAttributes', { QueueUrl: url, Attributes: { MaximumMessageSize: '2000' } });
    const tooLong = { QueueUrl: url, MessageBody: 'x'.repeat(3000) };
    expect(await codeOf(client.call('SendMessage', tooLong))).toBe('InvalidParameterValueException');
    await client.call('PurgeQueue', { QueueUrl: url });
    expect((await client.call('ReceiveMessage', { QueueUrl: url })).Messages).toBeUndefined();
    await client.call('DeleteQueue', { QueueUrl: url });
    expect(await codeOf(client.call('SendMessage', tooLong))).toBe('QueueDoesNotExist');
    await client.call('CreateQueue', { QueueName: 'orders' });
    await client.call('SendMessage', tooLong);
  });

  it('leave to the other process what only that one can do', async () => {
    const { client, url } = await startReady();
    // Encryption: the keys are there.
    await client.call('SetQueueAttributes', { QueueUrl: url, Attributes: { SqsManagedSseEnabled: 'true' } });
    await client.call('SendMessage', { QueueUrl: url, MessageBody: 'sealed' });
    await client.call('SetQueueAttributes', { QueueUrl: url, Attributes: { SqsManagedSseEnabled: 'false' } });
    expect((await client.call('ReceiveMessage', { QueueUrl: url })).Messages?.[0]?.Body).toBe('sealed');
    // The Query protocol, and pages.
    const query = await client.query({
      Action: 'SendMessage',
      QueueUrl: url,
      MessageBody: 'form',
      Version: '2012-11-05',
    });
    expect(query.text).toContain('<SendMessageResponse');
    expect((await client.get('/_posthorn/health')).text).toContain('"ready":true');
    // Faults that somebody sets.
    const rule = { operation: 'SendMessage', error: 'RequestThrottled', times: 1 };
    const set = await fetch(`${client.endpoint}/_posthorn/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(rule),
    });
    expect([set.status, await set.text()].join(' ')).toMatch(/^20/);
    expect(await codeOf(client.call('SendMessage', { QueueUrl: url, MessageBody: 'struck' }))).toBe('RequestThrottled');
    await client.call('SendMessage', { QueueUrl: url, MessageBody: 'not any more' });
  });

  it('give requests of other forms to Node, and answers in the order of the requests', async () => {
    const { client } = await startReady();
    const { hostname, port } = new URL(client.endpoint);
    const plain = (id: number) => {
      const body = `{"QueueName":"orders${id}"}`;
      const target = 'x-amz-target: AmazonSQS.CreateQueue\r\ncontent-type: application/x-amz-json-1.0\r\n';
      return `POST / HTTP/1.1\r\nhost: a\r\n${target}content-length: ${body.length}\r\n\r\n${body}`;
    };
    const chunked =
      'POST / HTTP/1.1\r\nhost: a\r\nx-amz-target: AmazonSQS.ListQueues\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n';
    const socket = connect(Number(port), hostname);
    socket.write(plain(1) + plain(2) + chunked + plain(3).replace('host: a', 'host: a\r\nconnection: close'));
    let text = '';
    for await (const chunk of socket) text += chunk;
    const bodies = text.split(/HTTP\/1\.1 200 OK/).map((answer) => answer.split('\r\n\r\n')[1] ?? '');
    expect(bodies).toHaveLength(5);
    expect(bodies[1]).toContain('orders1');
    expect(bodies[2]).toContain('orders2');
    expect(bodies[3]).toContain('orders1"');
    expect(bodies[4]).toContain('orders3');
  });

  it('wake long polls, and forget those whose client has left', async () => {
    const { client, url } = await startReady();
    const left = client.start('ReceiveMessage', { QueueUrl: url, WaitTimeSeconds: 20 });
    await left.written;
    const waiting = client.call('ReceiveMessage', { QueueUrl: url, WaitTimeSeconds: 20 });
    left.hangUp();
    await expect(left.answer).rejects.toThrow(ConnectionLost);
    await client.call('SendMessage', { QueueUrl: url, MessageBody: 'for who is still there' });
    expect((await waiting).Messages?.[0]?.Body).toBe('for who is still there');
  });

  it('that are killed take their connections with them, nothing else, and come back', async () => {
    const { server, client, url } = await startReady();
    await client.call('SendMessage', { QueueUrl: url, MessageBody: 'kept' });
    const waiting = client.start('ReceiveMessage', { QueueUrl: queueUrl(client, 'orders'), WaitTimeSeconds: 20 });
    await waiting.answer;
    const polls = [1, 2, 3, 4].map(() => client.start('ReceiveMessage', { QueueUrl: url, WaitTimeSeconds: 20 }));
    await Promise.all(polls.map(({ written }) => written));
    const before = edgePidsOf(server.pid);
    expect(before).toHaveLength(2);
    for (const pid of before) process.kill(pid, 'SIGKILL');
    for (const { answer } of polls) await expect(answer).rejects.toThrow(ConnectionLost);
    // Nobody waits any more, so the message is for the next who asks.
    while (edgePidsOf(server.pid).some((pid) => before.includes(pid)));
    const meanwhile = await fixture.connect(server);
    await ready(meanwhile, 2);
    await meanwhile.call('SendMessage', { QueueUrl: url, MessageBody: 'sent meanwhile' });
    const fresh = await fixture.connect(server);
    expect((await fresh.call('ReceiveMessage', { QueueUrl: url })).Messages?.[0]?.Body).toBe('sent meanwhile');
    expect(edgePidsOf(server.pid)).toHaveLength(2);
  });

  it('leave nobody waiting at the end for connections that died with them', { timeout: 15_000 }, async () => {
    const { server, url, client } = await startReady();
    await client.call('SendMessage', { QueueUrl: url, MessageBody: 'sent' });
    const before = edgePidsOf(server.pid);
    for (const pid of before) process.kill(pid, 'SIGKILL');
    while (edgePidsOf(server.pid).filter((pid) => !before.includes(pid)).length < 2);
    server.signal('SIGTERM');
    expect(await server.ended).toEqual({ code: 0, signal: null });
  });

  it('have the sizes of the heap that the first one was given, and none of its other flags', async () => {
    const flags = ['--max-semi-space-size=32', '--no-warnings'];
    const wrap = ([node = '', ...rest]: readonly string[]) => [node, ...flags, ...rest];
    const server = fixture.start(['--threads', '2'], { wrap });
    const client = await fixture.connect(server);
    await ready(client, 1);
    expect(edgeCommandsOf(server.pid)).toEqual([expect.stringMatching(/ --max-semi-space-size=32 \S*edge\.js$/)]);
  });

  it('get the connections that are made while they start', async () => {
    const { server, client, url } = await startReady();
    for (const pid of edgePidsOf(server.pid)) process.kill(pid, 'SIGKILL');
    const early = [1, 2, 3, 4].map(() => new SqsClient(client.endpoint));
    const sends = early.map(async (each) => {
      for (;;) {
        try {
          return await each.call('SendMessage', { QueueUrl: url, MessageBody: 'early' });
        } catch (error) {
          if (!(error instanceof ConnectionLost)) throw error;
        }
      }
    });
    await Promise.all(sends);
    const [client0 = client] = early;
    const { Attributes } = await client0.call('GetQueueAttributes', { QueueUrl: url, AttributeNames: ['All'] });
    expect(Number(Attributes?.ApproximateNumberOfMessages)).toBeGreaterThanOrEqual(4);
    for (const each of early) each.close();
  });

  it('answer what is under way when the server stops', async () => {
    const { server, client, url } = await startReady();
    const poll = client.start('ReceiveMessage', { QueueUrl: url, WaitTimeSeconds: 20 });
    await poll.written;
    await client.call('SendMessage', { QueueUrl: queueUrl(client, 'orders'), MessageBody: 'x', DelaySeconds: 60 });
    server.signal('SIGTERM');
    expect(await poll.answer).toEqual({});
    expect(await server.ended).toEqual({ code: 0, signal: null });
  });

  it('end with the server that is killed', async () => {
    const { server } = await startReady();
    const children = edgePidsOf(server.pid);
    await server.kill();
    // real time: the kernel tells nobody but their parent, which is gone.
    while (children.some(isAlive)) await delay(10);
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
