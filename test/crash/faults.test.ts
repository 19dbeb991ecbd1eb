/** The real server while something around it fails or leaves: the disk, its own process, its clients. */
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { Prng } from '../../src/std/prng.ts';
import { Fixture, queueUrl } from './fixture.ts';
import type { ServerProcess } from './serverProcess.ts';
import { ConnectionLost, Refused, type SqsClient } from './sqsClient.ts';

const fixture = new Fixture();

async function createQueue(client: SqsClient, attributes: Record<string, string> = {}): Promise<string> {
  const { QueueUrl = '' } = await client.call('CreateQueue', { QueueName: 'queue', Attributes: attributes });
  return QueueUrl;
}

/** When it is answered, the server has read whatever had reached it before the call. */
async function roundTrip(client: SqsClient): Promise<void> {
  await client.get('/_posthorn/health');
}

/** Receives and deletes until nothing comes for `waitSeconds`; the bodies. */
async function drain(client: SqsClient, url: string, waitSeconds: number): Promise<string[]> {
  const bodies: string[] = [];
  for (;;) {
    const request = { QueueUrl: url, MaxNumberOfMessages: 10, WaitTimeSeconds: waitSeconds };
    const { Messages = [] } = await client.call('ReceiveMessage', request);
    if (Messages.length === 0) return bodies;
    const entries = Messages.map(({ ReceiptHandle = '' }, index) => ({ Id: String(index), ReceiptHandle }));
    await client.call('DeleteMessageBatch', { QueueUrl: url, Entries: entries });
    bodies.push(...Messages.map(({ Body = '' }) => Body));
  }
}

/** A file size limit fails writes as a full disk does, and can be lifted from outside. */
describe.skipIf(process.platform !== 'linux')('while no space is left', () => {
  const wrap = (command: readonly string[]) => [
    'sh',
    '-c',
    'trap "" XFSZ; ulimit -S -f 24000; exec "$@"',
    'sh',
    ...command,
  ];
  const makeRoom = (server: ServerProcess) =>
    execFileSync('prlimit', ['--pid', String(server.pid), '--fsize=unlimited']);

  /** Sends until nothing fits any more, not even something small; the bodies that were acknowledged. */
  async function fill(client: SqsClient, url: string): Promise<Set<string>> {
    const acknowledged = new Set<string>();
    let next = 0;
    for (const { size, atOnce } of [
      { size: 50_000, atOnce: 3 },
      { size: 1, atOnce: 1 },
    ]) {
      for (let refusedInARow = 0; refusedInARow < 3; ) {
        const bodies = Array.from({ length: atOnce }, () => `${next++} ${'x'.repeat(size)}`);
        const outcomes = await Promise.all(
          bodies.map((body) => client.call('SendMessage', { QueueUrl: url, MessageBody: body }).catch(refusal)),
        );
        for (const [index, outcome] of outcomes.entries()) {
          refusedInARow = outcome instanceof Refused ? refusedInARow + 1 : 0;
          if (!(outcome instanceof Refused)) acknowledged.add(bodies[index] as string);
        }
      }
    }
    return acknowledged;
  }

  function refusal(error: Error): Refused {
    if (!(error instanceof Refused)) throw error;
    expect([error.status, error.code]).toEqual([503, 'ServiceUnavailable']);
    return error;
  }

  test('sends are refused, health says why, and what was acknowledged is all there when space returns', async () => {
    const server = fixture.start([], { wrap });
    const client = await fixture.connect(server);
    const url = await createQueue(client, { VisibilityTimeout: '1' });
    const acknowledged = await fill(client, url);

    const inXml = await client.query({
      Action: 'SendMessage',
      Version: '2012-11-05',
      QueueUrl: url,
      MessageBody: 'in XML',
    });
    expect(inXml.status).toBe(503);
    expect(inXml.text).toMatch(/<Type>Receiver<\/Type><Code>ServiceUnavailable<\/Code><Message>Nothing was changed: /);
    const sick = await client.get('/_posthorn/health');
    expect(sick.status).toBe(503);
    expect(JSON.parse(sick.text)).toEqual({ ready: false, reason: expect.stringContaining('no space is left') });
    expect((await client.get('/metrics')).text).toMatch(/^posthorn_commit_failures_total [1-9]/m);

    makeRoom(server);
    await expect
      .poll(async () => (await client.get('/_posthorn/health')).text, { timeout: 5_000 })
      .toBe('{"ready":true}\n');
    await client.call('SendMessage', { QueueUrl: url, MessageBody: 'after' });
    acknowledged.add('after');
    const received = await drain(client, url, 2);
    expect(received).toHaveLength(acknowledged.size);
    expect(new Set(received)).toEqual(acknowledged);
  });

  test('a kill and a start bring the same, and nothing that was refused', async () => {
    const server = fixture.start([], { wrap });
    const client = await fixture.connect(server);
    const acknowledged = await fill(client, await createQueue(client));
    await server.kill();
    // There is no more space than before.
    const again = await fixture.connect(fixture.start([], { wrap }));
    const received = await drain(again, queueUrl(again, 'queue'), 0);
    expect(received).toHaveLength(acknowledged.size);
    expect(new Set(received)).toEqual(acknowledged);
  });

  test('everything can be received and deleted, and then there is room for new messages', async () => {
    const client = await fixture.connect(fixture.start([], { wrap }));
    const url = await createQueue(client);
    const acknowledged = await fill(client, url);
    expect(new Set(await drain(client, url, 0))).toEqual(acknowledged);
    const counts = { ApproximateNumberOfMessages: '0', ApproximateNumberOfMessagesNotVisible: '0' };
    const { Attributes } = await client.call('GetQueueAttributes', { QueueUrl: url, AttributeNames: ['All'] });
    expect(Attributes).toMatchObject(counts);
    // Still as little space as before, but the store's own pages are free.
    for (let i = 0; i < 100; i++) await client.call('SendMessage', { QueueUrl: url, MessageBody: 'new' });
    expect((await client.get('/_posthorn/health')).text).toBe('{"ready":true}\n');
    expect(await drain(client, url, 0)).toHaveLength(100);
  });
});

describe.skipIf(process.platform === 'win32').each(['SIGTERM', 'SIGINT'] as const)('%s', (signal) => {
  test('answers long polls, keeps what was accepted, and ends within 2 s', async () => {
    const server = fixture.start();
    const client = await fixture.connect(server);
    const url = await createQueue(client);
    const { QueueUrl: emptyUrl = '' } = await client.call('CreateQueue', { QueueName: 'empty' });
    const polls = [1, 2, 3, 4, 5].map(() => client.call('ReceiveMessage', { QueueUrl: emptyUrl, WaitTimeSeconds: 20 }));
    const accepted: string[] = [];
    let announceRunning: () => void = () => undefined;
    const running = new Promise<void>((resolve) => {
      announceRunning = resolve;
    });
    const senders = [1, 2, 3, 4].map((sender) =>
      sendUntilGone(client, url, sender, (body) => {
        accepted.push(body);
        if (accepted.length === 40) announceRunning();
      }),
    );
    await running;

    const signalledAt = performance.now();
    server.signal(signal);
    expect(await Promise.all(polls)).toEqual([{}, {}, {}, {}, {}]);
    await Promise.all(senders);
    expect(await server.ended).toEqual({ code: 0, signal: null });
    // The polls had 20 s to go, and a connection that is not closed gets 25 s.
    expect(performance.now() - signalledAt).toBeLessThan(2_000);
    expect(server.errors).toBe('');

    const again = await fixture.connect(fixture.start());
    const received = new Set(await drain(again, queueUrl(again, 'queue'), 0));
    expect(accepted.filter((body) => !received.has(body))).toEqual([]);
  });

  async function sendUntilGone(client: SqsClient, url: string, sender: number, onAccepted: (body: string) => void) {
    for (let i = 0; ; i++) {
      const body = `${sender} ${i}`;
      try {
        await client.call('SendMessage', { QueueUrl: url, MessageBody: body });
      } catch (error) {
        if (error instanceof ConnectionLost) return;
        throw error;
      }
      onAccepted(body);
    }
  }
});

describe('a client that leaves its long poll', () => {
  const rounds = 100;

  function poll(client: SqsClient, url: string, waitSeconds: number) {
    return client.start('ReceiveMessage', {
      QueueUrl: url,
      WaitTimeSeconds: waitSeconds,
      MaxNumberOfMessages: 10,
      MessageSystemAttributeNames: ['ApproximateReceiveCount'],
    });
  }

  test.each([
    ['before a message comes', true],
    ['just before a message comes', false],
  ])('%s, takes nothing with it', async (_, isNoticed) => {
    const client = await fixture.connect(fixture.start());
    // Had the message been taken out, it would stay away for longer than the test lasts.
    const url = await createQueue(client, { VisibilityTimeout: '600' });
    for (let round = 0; round < rounds; round++) {
      const leaving = poll(client, url, 20);
      await leaving.written;
      await roundTrip(client);
      leaving.hangUp();
      if (isNoticed) await roundTrip(client);
      await client.call('SendMessage', { QueueUrl: url, MessageBody: `${round}` });
      const { Messages = [] } = await poll(client, url, 1).answer;
      expect(Messages).toMatchObject([{ Body: `${round}`, Attributes: { ApproximateReceiveCount: '1' } }]);
      await client.call('DeleteMessage', { QueueUrl: url, ReceiptHandle: Messages[0]?.ReceiptHandle ?? '' });
    }
  });

  test('at any moment while a message comes, at worst delays it by its visibility', async () => {
    const client = await fixture.connect(fixture.start());
    const url = await createQueue(client, { VisibilityTimeout: '1' });
    const random = new Prng(1);
    const outcomes = { answered: 0, 'given back': 0, 'lost on the wire': 0 };
    for (let round = 0; round < rounds; round++) {
      const leaving = poll(client, url, 20);
      await leaving.written;
      await roundTrip(client);
      const sent = client.call('SendMessage', { QueueUrl: url, MessageBody: `${round}` });
      for (let turns = random.below(500); turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
      leaving.hangUp();
      await sent;
      const [first] = (await leaving.answer.catch(() => ({ Messages: [] }))).Messages ?? [];
      const [message = first] = first === undefined ? ((await poll(client, url, 3).answer).Messages ?? []) : [];
      expect(message?.Body).toBe(`${round}`);
      const isFirst = message?.Attributes?.ApproximateReceiveCount === '1';
      outcomes[first !== undefined ? 'answered' : isFirst ? 'given back' : 'lost on the wire'] += 1;
      await client.call('DeleteMessage', { QueueUrl: url, ReceiptHandle: message?.ReceiptHandle ?? '' });
    }
    // The answer may have left when the connection went: nobody can know that it was not read, not even this test.
    expect(outcomes.answered + outcomes['given back'] + outcomes['lost on the wire']).toBe(rounds);
  });

  test('at any moment, gets what it named by asking again', async () => {
    const client = await fixture.connect(fixture.start());
    const { QueueUrl: url = '' } = await client.call('CreateQueue', {
      QueueName: 'queue.fifo',
      Attributes: { FifoQueue: 'true', ContentBasedDeduplication: 'true', VisibilityTimeout: '600' },
    });
    const random = new Prng(2);
    for (let round = 0; round < rounds; round++) {
      const request = { QueueUrl: url, ReceiveRequestAttemptId: `${round}`, WaitTimeSeconds: 20 };
      const leaving = client.start('ReceiveMessage', request);
      await leaving.written;
      await roundTrip(client);
      const sent = client.call('SendMessage', { QueueUrl: url, MessageBody: `${round}`, MessageGroupId: 'group' });
      for (let turns = random.below(500); turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
      leaving.hangUp();
      // At once, while the receive that it left may be under way.
      const [{ Messages = [] }] = await Promise.all([client.call('ReceiveMessage', request), sent]);
      expect(Messages).toMatchObject([{ Body: `${round}` }]);
      // Refused if it were visible again.
      await client.call('DeleteMessage', { QueueUrl: url, ReceiptHandle: Messages[0]?.ReceiptHandle ?? '' });
    }
  });
});
