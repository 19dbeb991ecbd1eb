/** Processes that own partitions, as home and the edge deal with them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { AnsweredElsewhere } from '../../src/aws/index.ts';
import { Channel } from '../../src/edge/channel.ts';
import { type Door, enterDoor } from '../../src/edge/door.ts';
import { OwnerLost } from '../../src/edge/ownerLost.ts';
import { RemoteQueues, StaleQueue } from '../../src/edge/remoteQueues.ts';
import type { Owner } from '../../src/owners/owner.ts';
import { OwnerPool, type OwnerPoolOptions } from '../../src/owners/ownerPool.ts';
import type { QueueName } from '../../src/owners/queueOwner.ts';
import { MoveAlreadyRunning, type NewQueue, QueueGone } from '../../src/runtime/index.ts';
import { required } from '../../src/std/assert.ts';
import { SplitBytes } from '../../src/std/splitBytes.ts';
import { StoreUnusable } from '../../src/storage/store.ts';
import { CompiledParts } from '../compiledParts.ts';

/** A home that is killed: its owners find out by themselves. */
const homeProgram = `
import { join } from 'node:path';
import { OwnerPool } from './dist/owners/ownerPool.js';

const [program, root] = process.argv.slice(2);
const ignore = () => undefined;
const pool = await OwnerPool.open({
  partitions: [1, 2].map((number) => ({ number, directory: join(root, String(number)), isNew: true })),
  ...{ program, mark: 'mark', managedEncryption: 'explicit', log: { error: ignore } },
  ...{ home: {}, onLost: ignore, onCommit: ignore, onCommitFailed: ignore },
});
process.stdout.write(JSON.stringify(pool.doors) + '\\n');
`;

const parts = new CompiledParts(['owner.ts', 'storeJobs.ts', 'owners/ownerPool.ts'], { 'home.mjs': homeProgram });
let root = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'posthorn-owners-'));
  const made = root;
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
});

/** Two partitions; home passes on what they ask, and has no queues itself. */
async function open(given: Partial<OwnerPoolOptions> & { readonly isNew?: boolean } = {}) {
  const { isNew = true, ...options } = given;
  const lost: string[] = [];
  const logged: unknown[] = [];
  let tellLost: () => void = () => undefined;
  const isLost = new Promise<void>((resolve) => {
    tellLost = resolve;
  });
  const others = (asker: number): Owner[] => pool.owners.filter(({ partition }) => partition !== asker);
  const pool: OwnerPool = await OwnerPool.open({
    partitions: [1, 2].map((number) => ({ number, directory: join(root, `${number}`), isNew })),
    ...{ program: parts.path('dist/owner.js'), mark: 'mark', managedEncryption: 'explicit' },
    log: { error: (details, text) => logged.push({ details, text }) },
    home: {
      find: async (path, asker) => {
        for (const owner of others(asker)) {
          const record = await owner.find(path);
          if (record !== undefined) return { partition: owner.partition, record };
        }
        return undefined;
      },
      ship: (from, to, letters) => required(pool.owners[to - 1], 'a partition').takeLetters(from, letters),
      keysMoved: async () => undefined,
    },
    onLost: (sentence) => {
      lost.push(sentence);
      tellLost();
    },
    ...{ onCommit: () => undefined, onCommitFailed: () => undefined },
    ...options,
  });
  onTestFinished(() => pool.close());
  pool.begin();
  const [first, second] = pool.owners as readonly [Owner, Owner];
  return { pool, first, second, lost, isLost, logged };
}

const settings = { visibilityTimeoutMs: 30_000, delayMs: 0, retentionMs: 345_600_000, maxInFlight: 120_000 };
const scope = { accountId: '111122223333', region: 'eu-west-1' };
const asked = { maxMessages: 10, visibilityTimeoutMs: undefined, waitMs: 0 };
const message = (text: string) => ({ messageId: Buffer.alloc(16, text), payload: Buffer.from(text) });

async function create(owner: Owner, name: string, given: Partial<NewQueue> = {}): Promise<QueueName> {
  const { record } = await owner.createQueue({ ...scope, name, settings, attributes: {}, tags: {}, ...given });
  return { ...scope, name, queueId: record.queueId };
}

async function textsOf(answer: ReturnType<Owner['receive']>['answer']): Promise<string[]> {
  const received = await answer;
  return received.kind === 'received' ? received.messages.map(({ payload }) => String(payload)) : [received.kind];
}

/** As a process at the edge. */
async function enter(door: Door | undefined): Promise<{ queues: RemoteQueues; close: () => void }> {
  const socket = await enterDoor(required(door, 'a door'));
  let calls = 0;
  const queues: RemoteQueues = new RemoteQueues(
    new Channel(
      socket,
      (frame) => queues.take(frame),
      () => queues.lose(new OwnerLost()),
    ),
    () => ++calls,
  );
  onTestFinished(() => {
    socket.destroy();
  });
  return { queues, close: () => socket.destroy() };
}

describe('an owner', () => {
  it('does to its queues what home asks', async () => {
    const { first, second } = await open();
    const [orders, bills] = [await create(first, 'orders'), await create(second, 'bills')];
    expect(bills.queueId - orders.queueId).toBe(2 ** 40);
    expect(await first.createQueue({ ...orders, settings, attributes: {}, tags: {} })).toMatchObject({
      created: false,
      record: { queueId: orders.queueId },
    });
    const split = { ...message('b'), payload: new SplitBytes(Buffer.from('b'.repeat(9000)), Buffer.from('end')) };
    const sent = await first.send(orders, [message('a'), split]);
    expect(sent.map(({ isDuplicate }) => isDuplicate)).toEqual([false, false]);
    const peeked = await first.peek(orders, { limit: 10 });
    expect(peeked.messages.map(({ payload }) => payload.length)).toEqual([1, 9003]);
    const { answer } = first.receive(orders, asked);
    const received = await answer;
    const messages = received.kind === 'received' ? received.messages : [];
    expect(messages.map(({ payload }) => String(payload).slice(-4))).toEqual(['a', 'bend']);
    expect(await first.depth(orders)).toEqual({ visible: 0, inFlight: 2, delayed: 0 });
    const [one, other] = messages;
    first.release(orders, [required(one, 'a message')]);
    expect(await first.delete(orders, [required(other, 'a message')])).toEqual(['deleted']);
    expect(await first.changeVisibility(orders, [{ ...required(other, 'a message'), timeoutMs: 0 }])).not.toEqual([
      'changed',
    ]);
    await first.update(orders, { tags: { team: 'shop' } });
    expect((await first.find(orders))?.tags).toEqual({ team: 'shop' });
    await first.purge(orders);
    expect(await first.depth(orders)).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
    const { totals, depths } = await first.counts();
    expect(totals.get('111122223333/eu-west-1/orders')).toMatchObject({ sent: 2, deleted: 1 });
    expect([...depths]).toEqual([['111122223333/eu-west-1/orders', { visible: 0, inFlight: 0, delayed: 0 }]]);
    expect((await first.listQueues({ ...scope, prefix: '' }, 10)).map(({ name }) => name)).toEqual(['orders']);
  });

  it('does nothing to a queue of the same name', async () => {
    const { first } = await open();
    const before = await create(first, 'orders');
    await first.deleteQueue(before);
    await expect(first.send(before, [message('late')])).rejects.toThrow(QueueGone);
    const anew = await create(first, 'orders');
    await expect(first.send(before, [message('late')])).rejects.toThrow(QueueGone);
    await expect(first.receive(before, asked).answer).rejects.toThrow(QueueGone);
    first.release(before, []);
    expect(await first.depth(anew)).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  it('wakes receives that wait, and forgets those that were called off', async () => {
    const { pool, first } = await open();
    const orders = await create(first, 'orders');
    const left = first.receive(orders, { ...asked, waitMs: 20_000 });
    const waiting = first.receive(orders, { ...asked, waitMs: 20_000 });
    first.cancelReceive(left.waiterId);
    expect(await textsOf(left.answer)).toEqual([]);
    await first.send(orders, [message('a')]);
    expect(await textsOf(waiting.answer)).toEqual(['a']);
    const last = first.receive(orders, { ...asked, waitMs: 20_000 });
    pool.answerWaiting();
    expect(await textsOf(last.answer)).toEqual([]);
  });

  it('starts and ends tasks that move messages', async () => {
    const { first } = await open();
    const dead = await create(first, 'dead');
    const orders = await create(first, 'orders');
    await first.send(dead, [message('a'), message('b'), message('c')]);
    const task = await first.startMove(dead, { destination: orders, messagesPerSecond: 1 });
    await expect(first.startMove(dead, { destination: orders })).rejects.toThrow(MoveAlreadyRunning);
    expect(await first.listMoves(dead, 10)).toMatchObject([{ taskId: task.taskId, toMove: 3 }]);
    const cancelled = await first.cancelMove(dead, task.taskId);
    expect(cancelled?.status).toMatch(/^CANCELL/);
    expect(await first.cancelMove(dead, 'another')).toBeUndefined();
  });
});

describe('several owners', () => {
  it('bring dead letters to the queue of another, those that come later behind', async () => {
    const { first, second } = await open();
    const dead = await create(second, 'dead');
    const deadLetter = { maxReceiveCount: 1, target: { ...scope, name: 'dead' } };
    const orders = await create(first, 'orders', { settings: { ...settings, visibilityTimeoutMs: 0, deadLetter } });
    for (const text of ['a', 'b', 'c']) await first.send(orders, [message(text)]);
    expect(await textsOf(first.receive(orders, asked).answer)).toEqual(['a', 'b', 'c']);
    // Received too often now, so they leave.
    expect(await textsOf(first.receive(orders, asked).answer)).toEqual([]);
    const arrived: string[] = [];
    while (arrived.length < 3)
      arrived.push(...(await textsOf(second.receive(dead, { ...asked, waitMs: 20_000 }).answer)));
    expect(arrived).toEqual(['a', 'b', 'c']);
    expect(await first.depth(orders)).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  it('keep what they have accepted, and their places, over a stop', async () => {
    const { pool, first } = await open();
    const orders = await create(first, 'orders');
    await first.send(orders, [message('a')]);
    // The next begins while they hold their directories still.
    const closed = pool.close();
    const again = await open({ isNew: false });
    await closed;
    expect(await textsOf(again.first.receive(orders, asked).answer)).toEqual(['a']);
    expect(await again.second.find(orders)).toBeUndefined();
    expect(again.lost).toEqual([]);
  });

  it('are not started where a partition is missing, or is another', async () => {
    const { pool } = await open();
    await pool.close();
    const refusals = async (given: Parameters<typeof open>[0]) => {
      const error: unknown = await open({ isNew: false, ...given }).catch((reason: unknown) => reason);
      return error instanceof StoreUnusable ? `${error.reason}: ${error.message}` : String(error);
    };
    const foreign =
      /^corrupt: The store in \S+ is not the server's partition \d, but another one\. Nothing was changed\./;
    expect(await refusals({ mark: 'another' })).toMatch(foreign);
    const [one, two] = [join(root, '1'), join(root, '2')];
    renameSync(one, `${one}-away`);
    expect(await refusals({})).toMatch(
      /^corrupt: The server's partition 1 is missing from \S+\. Nothing was changed\./,
    );
    renameSync(two, one);
    renameSync(`${one}-away`, two);
    expect(await refusals({})).toMatch(foreign);
    expect(await refusals({ isNew: true })).toMatch(foreign);
  });
});

describe('the edge', () => {
  it('asks an owner itself', async () => {
    const { pool, first } = await open();
    const orders = await create(first, 'orders');
    const { queues } = await enter(pool.doors[0]);
    const queue = required(await queues.queue(scope.accountId, scope.region, 'orders'), 'the queue');
    const waiting = queue.receive({ ...asked, waitMs: 20_000 });
    await queue.send([message('a')]);
    expect(await textsOf(waiting.answer)).toEqual(['a']);
    expect(await first.depth(orders)).toEqual({ visible: 0, inFlight: 1, delayed: 0 });
    await first.mustForward(true);
    await expect(queue.send([message('struck')])).rejects.toThrow(AnsweredElsewhere);
    await first.mustForward(false);
    await queue.send([message('b')]);
    await first.update(orders, { attributes: { SqsManagedSseEnabled: 'true' } });
    await expect(queue.send([message('stale')])).rejects.toThrow(StaleQueue);
    await expect(queues.queue(scope.accountId, scope.region, 'orders')).rejects.toThrow(AnsweredElsewhere);
  });

  it('that leaves takes nothing with it', async () => {
    const { pool, first } = await open();
    const orders = await create(first, 'orders');
    const { queues, close } = await enter(pool.doors[0]);
    const queue = required(await queues.queue(scope.accountId, scope.region, 'orders'), 'the queue');
    const { answer } = queue.receive({ ...asked, waitMs: 20_000 });
    close();
    await expect(answer).rejects.toThrow(OwnerLost);
    await first.send(orders, [message('a')]);
    expect(await textsOf(first.receive(orders, { ...asked, waitMs: 20_000 }).answer)).toEqual(['a']);
  });

  it('is not let in without the token of the door', async () => {
    const { pool } = await open();
    const [door, other] = pool.doors;
    const { queues } = await enter({ ...required(door, 'a door'), token: required(other, 'a door').token });
    await expect(queues.queue(scope.accountId, scope.region, 'orders')).rejects.toThrow(OwnerLost);
  });
});

describe.skipIf(process.platform === 'win32')('an owner that is killed', () => {
  it('is told of once, and what it was asked is in doubt', async () => {
    const { pool, first, second, lost, isLost } = await open();
    const [orders, bills] = [await create(first, 'orders'), await create(second, 'bills')];
    const { queues } = await enter(pool.doors[0]);
    const queue = required(await queues.queue(scope.accountId, scope.region, 'orders'), 'the queue');
    const polls = [
      first.receive(orders, { ...asked, waitMs: 20_000 }).answer,
      queue.receive({ ...asked, waitMs: 20_000 }).answer,
    ];
    const elsewhere = second.receive(bills, { ...asked, waitMs: 20_000 });
    first.kill();
    await Promise.all(polls.map((poll) => expect(poll).rejects.toThrow(OwnerLost)));
    await expect(first.send(orders, [message('late')])).rejects.toThrow(OwnerLost);
    await expect(queue.send([message('late')])).rejects.toThrow(OwnerLost);
    await isLost;
    await second.send(bills, [message('nothing happened here')]);
    expect(await textsOf(elsewhere.answer)).toEqual(['nothing happened here']);
    await pool.close();
    expect(lost).toHaveLength(1);
    expect(lost[0]).toMatch(/^The process that owned partition 1 ended unexpectedly \(SIGKILL\)/);
  });
});

it('owners end with home', async () => {
  const home: ChildProcess = spawn(process.execPath, [parts.path('home.mjs'), parts.path('dist/owner.js'), root], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(required(home.stdout, 'a stream'), 'data')) as [Buffer];
  const doors = JSON.parse(String(line)) as Door[];
  home.kill('SIGKILL');
  for (const { path } of doors) while (await isOpen(path));
  // Nobody holds the directories any more.
  const { second } = await open({ isNew: false });
  await create(second, 'orders');
});

function isOpen(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.on('error', () => resolve(false));
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
