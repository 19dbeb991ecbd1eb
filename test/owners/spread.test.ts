/** A server whose queues are spread over several processes, as clients and operators see it: `--owners`. */
import { execFileSync } from 'node:child_process';
import { readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compactStore } from '../../src/server.ts';
import { Fixture, queueUrl } from '../crash/fixture.ts';
import { gauge, lettersTaken } from '../crash/gauges.ts';
import type { ServerProcess } from '../crash/serverProcess.ts';
import { ConnectionLost, Refused, type SqsClient } from '../crash/sqsClient.ts';

const fixture = new Fixture();

async function start(owners: number, ...args: string[]) {
  const server = fixture.start(['--owners', String(owners), ...args]);
  return { server, client: await fixture.connect(server) };
}

async function stop(server: ServerProcess): Promise<void> {
  server.signal('SIGTERM');
  expect(await server.ended).toEqual({ code: 0, signal: null });
}

const names = Array.from({ length: 12 }, (_, index) => `queue${index}`);

/** So many queues that some are in each process. */
async function createAll(client: SqsClient, attributes: Record<string, string> = {}): Promise<void> {
  for (const QueueName of names) await client.call('CreateQueue', { QueueName, Attributes: attributes });
}

async function receiveOne(client: SqsClient, name: string, WaitTimeSeconds = 0) {
  const wanted = { MessageSystemAttributeNames: ['All' as const], WaitTimeSeconds };
  const { Messages = [] } = await client.call('ReceiveMessage', { QueueUrl: queueUrl(client, name), ...wanted });
  return Messages[0];
}

async function attribute(client: SqsClient, name: string, wanted: 'ApproximateNumberOfMessages'): Promise<string> {
  const request = { QueueUrl: queueUrl(client, name), AttributeNames: [wanted] };
  return (await client.call('GetQueueAttributes', request)).Attributes?.[wanted] ?? '';
}

async function page(client: SqsClient, path: string, init: RequestInit = {}): Promise<Record<string, object[]>> {
  const answer = await fetch(`${client.endpoint}/_posthorn/${path}`, init);
  expect(answer.ok).toBe(true);
  return (await answer.json()) as Record<string, object[]>;
}

function ownersOf({ pid }: ServerProcess): number[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n');
  return lines
    .filter((line) => Number(line.trim().split(/\s+/)[1]) === pid && line.includes('owner.js'))
    .map((line) => Number(line.trim().split(/\s+/)[0]));
}

function partitions(): string[] {
  return readdirSync(join(fixture.dataDirectory, 'partitions')).sort();
}

describe.skipIf(process.platform === 'win32')('queues of several owners', () => {
  it('stay where they are when there are more owners, and when fewer are asked for', async () => {
    const first = await start(1);
    await createAll(first.client);
    for (const [index, name] of names.entries()) {
      const MessageBody = `first ${index}`;
      await first.client.call('SendMessage', { QueueUrl: queueUrl(first.client, name), MessageBody });
    }
    await stop(first.server);
    const second = await start(3);
    expect(ownersOf(second.server)).toHaveLength(2);
    await second.client.call('CreateQueue', { QueueName: names[0] ?? '' });
    for (const [index, name] of names.entries()) {
      expect((await receiveOne(second.client, name))?.Body).toBe(`first ${index}`);
      await second.client.call('CreateQueue', { QueueName: `new-${name}` });
      const QueueUrl = queueUrl(second.client, `new-${name}`);
      await second.client.call('SendMessage', { QueueUrl, MessageBody: `second ${index}` });
    }
    const listed = await second.client.call('ListQueues', { MaxResults: 1000 });
    expect(listed.QueueUrls).toHaveLength(2 * names.length);
    await stop(second.server);
    expect(partitions()).toEqual(['1', '2']);
    const third = await start(1);
    expect(ownersOf(third.server)).toHaveLength(2);
    for (const [index, name] of names.entries()) {
      expect((await receiveOne(third.client, `new-${name}`))?.Body).toBe(`second ${index}`);
    }
    await stop(third.server);
    expect((await compactStore({ dataDir: fixture.dataDirectory })).bytesAfter).toBeGreaterThan(0);
    const last = await start(1);
    expect((await last.client.call('ListQueues', { MaxResults: 1000 })).QueueUrls).toHaveLength(2 * names.length);
  });

  it('are looked into, counted and struck by faults like others, at the edge too', async () => {
    const { server, client: early } = await start(3, '--threads', '2');
    while ((await gauge(early, 'posthorn_edge_processes')) < 1);
    // Its connections are those of the other process.
    const client = await fixture.connect(server);
    await createAll(client);
    for (const name of names) {
      await client.call('SendMessage', { QueueUrl: queueUrl(client, name), MessageBody: 'seen', DelaySeconds: 0 });
    }
    const { queues } = await page(client, 'queues?prefix=queue');
    expect(queues).toMatchObject(names.map(() => ({ visible: 1, inFlight: 0 })));
    const { text } = await client.get('/metrics');
    for (const name of names) {
      expect(text).toContain(
        `posthorn_queue_messages_sent_total{account="000000000000",region="us-east-1",queue="${name}"} 1`,
      );
      const { messages } = await page(client, `queues/000000000000/${name}/messages`);
      expect(messages).toMatchObject([{ body: 'seen', state: 'waiting' }]);
    }
    const rule = { operation: 'SendMessage', error: 'RequestThrottled', times: names.length };
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(rule) };
    await page(client, 'faults', init);
    for (const name of names) {
      const struck = client.call('SendMessage', { QueueUrl: queueUrl(client, name), MessageBody: 'struck' });
      await expect(struck).rejects.toThrow('RequestThrottled');
    }
    for (const name of names) {
      await client.call('SendMessage', { QueueUrl: queueUrl(client, name), MessageBody: 'not any more' });
      await client.call('PurgeQueue', { QueueUrl: queueUrl(client, name) });
      expect(await attribute(client, name, 'ApproximateNumberOfMessages')).toBe('0');
      await client.call('DeleteQueue', { QueueUrl: queueUrl(client, name) });
      await expect(receiveOne(client, name)).rejects.toThrow('QueueDoesNotExist');
    }
  });

  it('keep dead letters, encrypted ones too, on their way to another and back', async () => {
    const { client } = await start(3, '--threads', '2', '--managed-encryption', 'default');
    await createAll(client);
    const dead = 'dead';
    await client.call('CreateQueue', { QueueName: dead });
    const RedrivePolicy = JSON.stringify({
      deadLetterTargetArn: `arn:aws:sqs:us-east-1:000000000000:${dead}`,
      maxReceiveCount: 1,
    });
    for (const name of names) {
      const QueueUrl = queueUrl(client, name);
      await client.call('SetQueueAttributes', { QueueUrl, Attributes: { RedrivePolicy, VisibilityTimeout: '0' } });
      await client.call('SendMessage', { QueueUrl, MessageBody: `of ${name}` });
      expect((await receiveOne(client, name))?.Body).toBe(`of ${name}`);
      expect(await receiveOne(client, name)).toBeUndefined();
    }
    const sources = await client.call('ListDeadLetterSourceQueues', { QueueUrl: queueUrl(client, dead) });
    expect(sources.queueUrls).toEqual([...names].sort().map((name) => queueUrl(client, name)));
    while (Number(await attribute(client, dead, 'ApproximateNumberOfMessages')) < names.length);
    await client.call('StartMessageMoveTask', { SourceArn: `arn:aws:sqs:us-east-1:000000000000:${dead}` });
    for (const name of names) {
      const back = await receiveOne(client, name, 20);
      expect([back?.Body, back?.Attributes?.ApproximateReceiveCount]).toEqual([`of ${name}`, '1']);
    }
    await lettersTaken(client);
    expect(await attribute(client, dead, 'ApproximateNumberOfMessages')).toBe('0');
  });
});

describe.skipIf(process.platform === 'win32')('a server with several owners', () => {
  it('ends with 70 when one is killed, with its polls, and has everything when it starts again', async () => {
    const { server, client } = await start(3);
    await createAll(client);
    for (const name of names) {
      await client.call('SendMessage', { QueueUrl: queueUrl(client, name), MessageBody: name });
      await client.call('CreateQueue', { QueueName: `empty-${name}` });
    }
    const polls = names.map((name) =>
      client.start('ReceiveMessage', { QueueUrl: queueUrl(client, `empty-${name}`), WaitTimeSeconds: 20 }),
    );
    const ends = polls.map(({ answer }) => answer.then(() => 'answered', kindOf));
    await Promise.all(polls.map(({ written }) => written));
    const [victim = 0] = ownersOf(server);
    process.kill(victim, 'SIGKILL');
    expect(await server.ended).toEqual({ code: 70, signal: null });
    expect(server.errors).toMatch(/The process that owned partition \d ended unexpectedly/);
    for (const end of await Promise.all(ends)) expect(['answered', 'InternalFailure', 'lost']).toContain(end);
    const again = await start(3);
    for (const name of names) expect((await receiveOne(again.client, name))?.Body).toBe(name);
  });

  it('takes all of them with it when it is killed, and can be started at once', async () => {
    const { server, client } = await start(3);
    await createAll(client);
    await server.kill();
    const again = await start(3);
    expect((await again.client.call('ListQueues', {})).QueueUrls).toHaveLength(names.length);
  });

  it('does not start without one of its partitions, with one in the place of another, or as a partition', async () => {
    await stop((await start(3)).server);
    const [one, two, aside] = ['1', '2', 'aside'].map((name) => join(fixture.dataDirectory, 'partitions', name));
    if (one === undefined || two === undefined || aside === undefined) throw new Error('these are three');
    renameSync(one, aside);
    expect(await refusal()).toMatch(/partition 1 is missing/);
    renameSync(two, one);
    renameSync(aside, two);
    expect(await refusal()).toMatch(/is not the server's partition [12], but another one/);
    const part = fixture.start(['--data-dir', one]);
    expect(await part.ended).toMatchObject({ code: 4 });
    expect(part.errors).toContain("is a part of a server's");
    rmSync(two, { recursive: true });
    expect(await refusal()).toMatch(/partition/);
  });
});

async function refusal(): Promise<string> {
  const server = fixture.start();
  expect(await server.ended).toMatchObject({ code: 4 });
  return server.errors;
}

function kindOf(error: unknown): string {
  if (error instanceof ConnectionLost) return 'lost';
  return error instanceof Refused ? error.code : String(error);
}
