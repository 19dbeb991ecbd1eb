import { afterEach, describe, expect, it } from 'vitest';
import { CommitFailed, Partition, QueueGone, type ServedQueue } from '#runtime';
import { joined } from '#std/splitBytes';
import { MemoryStore } from '#storage/memory';
import { performCalls } from './performCalls.ts';
import type { QueueOwner } from './queueOwner.ts';
import { SpreadQueues } from './spreadQueues.ts';

const scope = { accountId: '000000000000', region: 'us-east-1' } as const;
const opened: Partition[] = [];

afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});

/** A store whose commits can be held, and then failed. */
class HeldStore extends MemoryStore {
  #held: { readonly fail: Promise<void>; readonly reached: () => void } | undefined;

  /** Resolves when the next commit has come, to what makes it fail. */
  hold(): Promise<() => void> {
    return new Promise((resolve) => {
      let release: () => void = () => undefined;
      const fail = new Promise<void>((failed) => {
        release = failed;
      });
      this.#held = { fail, reached: () => resolve(release) };
    });
  }

  override async commit(...[operations]: Parameters<MemoryStore['commit']>): Promise<void> {
    const held = this.#held;
    if (held === undefined) return super.commit(operations);
    this.#held = undefined;
    held.reached();
    await held.fail;
    throw new CommitFailed('io', 'The disk failed.');
  }
}

async function openPartition(number: number, store = new HeldStore()): Promise<Partition> {
  const partition = await Partition.open(store, { firstId: number * 2 ** 40 + 1 });
  opened.push(partition);
  return partition;
}

/** An owner in this process; what goes in and out is copied, as between processes. */
interface OwnerHere extends QueueOwner {
  /** How often it was asked for a queue. */
  asked: number;
  /** What its next call comes to. */
  failure: Error | undefined;
}

function ownerOf(partition: number, its: Partition): OwnerHere {
  const performed = performCalls(its);
  const call = async (name: keyof typeof performed, args: readonly unknown[]): Promise<unknown> => {
    const { failure } = owner;
    owner.failure = undefined;
    if (name === 'find') owner.asked += 1;
    if (failure !== undefined) throw failure;
    const perform = performed[name] as (...args: readonly unknown[]) => unknown;
    return structuredClone(await perform(...structuredClone(args)));
  };
  const names = Object.keys(performed) as (keyof typeof performed)[];
  const methods = Object.fromEntries(names.map((name) => [name, (...args: unknown[]) => call(name, args)]));
  let lastWaiterId = 0;
  const receive: QueueOwner['receive'] = (queue, request) => {
    lastWaiterId += 1;
    const answer = call('receive', [lastWaiterId, queue, request]) as ReturnType<QueueOwner['receive']>['answer'];
    return { waiterId: lastWaiterId, answer };
  };
  const owner = {
    ...methods,
    partition,
    problem: undefined,
    receive,
    asked: 0,
    failure: undefined,
  } as unknown as OwnerHere;
  return owner;
}

async function openSpread() {
  const stores = [new HeldStore(), new HeldStore(), new HeldStore()];
  const [home, ...others] = await Promise.all(stores.map((store, number) => openPartition(number, store)));
  if (home === undefined) throw new Error('there are three');
  const owners = others.map((each, index) => ownerOf(index + 1, each));
  return { home, others, owners, stores, queues: new SpreadQueues(home, owners) };
}

function queueNamed(name: string, deadLetterTarget?: string) {
  const target = deadLetterTarget && { ...scope, name: deadLetterTarget };
  const settings = {
    ...{ visibilityTimeoutMs: 30_000, delayMs: 0, retentionMs: 345_600_000, maxInFlight: 120_000 },
    ...(target && { deadLetter: { maxReceiveCount: 1, target } }),
  };
  return { ...scope, name, settings, attributes: {}, tags: {} };
}

/** One in each partition, by number. */
async function oneInEach(queues: SpreadQueues): Promise<ServedQueue[]> {
  const found: ServedQueue[] = [];
  for (let index = 0; found.filter(Boolean).length < 3; index += 1) {
    const { handle } = await queues.createQueue(queueNamed(`queue${index}`));
    found['partition' in handle ? (handle.partition as number) : 0] = handle;
  }
  return found;
}

const message = (text: string) => ({ messageId: Buffer.alloc(16, text), payload: Buffer.from(text) });

describe('queues of several partitions', () => {
  it('are spread over all of them, and found again in any', async () => {
    const { home, others, queues } = await openSpread();
    const names = Array.from({ length: 60 }, (_, index) => `queue${index}`);
    for (const name of names) expect((await queues.createQueue(queueNamed(name))).created).toBe(true);
    const held = await Promise.all(
      [home, ...others].map((each) => each.listQueues({ ...scope, prefix: '' }, 1000).then((all) => all.length)),
    );
    expect(held).toEqual([20, 20, 20]);
    const fresh = new SpreadQueues(
      home,
      others.map((each, index) => ownerOf(index + 1, each)),
    );
    const ids = new Set<number>();
    for (const name of names) {
      const queue = await fresh.queue(scope.accountId, scope.region, name);
      expect(queue?.record.name).toBe(name);
      ids.add(queue?.record.queueId ?? 0);
      expect((await fresh.createQueue(queueNamed(name))).created).toBe(false);
    }
    expect(ids.size).toBe(60);
    expect(await fresh.queue(scope.accountId, scope.region, 'absent')).toBeUndefined();
  });

  it('take and give messages wherever they are', async () => {
    const { queues } = await openSpread();
    for (const queue of await oneInEach(queues)) {
      const waiting = queue.receive({ maxMessages: 1, visibilityTimeoutMs: undefined, waitMs: 20_000 });
      await queue.send([message('one'), message('two')]);
      const first = await waiting.answer;
      expect(
        first.kind === 'received' && first.messages.map(({ payload }) => Buffer.from(joined(payload)).toString()),
      ).toEqual(['one']);
      expect(await queue.depth()).toMatchObject({ visible: 1, inFlight: 1 });
      const peeked = await queue.peek({ limit: 10 });
      expect(peeked.messages.map(({ state }) => state)).toEqual(['in-flight', 'waiting']);
      const [receipt] = first.kind === 'received' ? first.messages : [];
      if (receipt === undefined) throw new Error('nothing was received');
      expect(await queue.changeVisibility([{ ...receipt, timeoutMs: 60_000 }])).toEqual(['changed']);
      expect(await queue.delete([receipt])).toEqual(['deleted']);
      await queue.purge();
      expect(await queue.depth()).toMatchObject({ visible: 0, inFlight: 0 });
      expect(queue.record.purgedAt).toBeTypeOf('number');
      const cancelled = queue.receive({ maxMessages: 1, visibilityTimeoutMs: undefined, waitMs: 20_000 });
      await queue.depth();
      queue.cancelReceive(cancelled.waiterId);
      expect(await cancelled.answer).toEqual({ kind: 'received', messages: [] });
    }
  });

  it('are listed in one order, page by page', async () => {
    const { queues } = await openSpread();
    const names = ['a', 'a-', 'a.fifo', 'aB', 'ab', ...Array.from({ length: 40 }, (_, index) => `q${index * 7}`)];
    for (const name of names) await queues.createQueue(queueNamed(name, 'a'));
    const sorted = [...names].sort();
    const listed: string[] = [];
    const sources: string[] = [];
    for (let after: string | undefined; listed.length < names.length; after = listed.at(-1)) {
      const page = await queues.listQueues({ ...scope, prefix: '', ...(after !== undefined && { after }) }, 7);
      expect(page.length).toBe(Math.min(7, names.length - listed.length));
      listed.push(...page.map(({ name }) => name));
      const found = await queues.listDeadLetterSources({ ...scope, name: 'a' }, after, 7);
      sources.push(...found.map(({ name }) => name));
    }
    expect(listed).toEqual(sorted);
    expect(sources).toEqual(sorted);
    const some = await queues.listQueues({ ...scope, prefix: 'q1' }, 100);
    expect(some.map(({ name }) => name)).toEqual(sorted.filter((name) => name.startsWith('q1')));
  });

  it('are made once, however many ask for one name at a time', async () => {
    const { home, others, queues } = await openSpread();
    for (const name of ['x', 'y', 'z']) {
      const all = await Promise.all(Array.from({ length: 10 }, () => queues.createQueue(queueNamed(name))));
      expect(all.filter(({ created }) => created)).toHaveLength(1);
      expect(new Set(all.map(({ handle }) => handle.record.queueId)).size).toBe(1);
    }
    const lists = [home, ...others].map((each) => each.listQueues({ ...scope, prefix: '' }, 10));
    expect((await Promise.all(lists)).flat()).toHaveLength(3);
  });

  it('show a change at once, and keep one record as long as nothing changes', async () => {
    const { queues, owners } = await openSpread();
    const [, queue] = await oneInEach(queues);
    if (queue === undefined) throw new Error('no queue is in partition 1');
    const { record } = queue;
    await queue.send([message('one')]);
    expect(queue.record).toBe(record);
    const both = [
      queue.update({ tags: { ...queue.record.tags, a: '1' } }),
      queue.update({ tags: { ...queue.record.tags, b: '2' } }),
    ];
    expect(queue.record.tags).toEqual({ a: '1', b: '2' });
    await Promise.all(both);
    expect((await owners[0]?.find(queue.record))?.tags).toEqual({ a: '1', b: '2' });
    expect(await queues.queue(scope.accountId, scope.region, queue.record.name)).toBe(queue);
  });

  it('are asked for anew when nobody knows what became of a change', async () => {
    const { queues, owners } = await openSpread();
    const [, queue] = await oneInEach(queues);
    const [owner] = owners;
    if (queue === undefined || owner === undefined) throw new Error('no queue is in partition 1');
    const { name } = queue.record;
    owner.failure = new CommitFailed('no-space', 'The disk is full.');
    await expect(queue.update({ tags: { lost: 'yes' } })).rejects.toThrow(CommitFailed);
    expect((await queues.queue(scope.accountId, scope.region, name))?.record.tags).toEqual({});
  });

  it('are gone when they are deleted, and others when they are made anew', async () => {
    const { queues } = await openSpread();
    for (const queue of await oneInEach(queues)) {
      const { name, queueId } = queue.record;
      await queue.send([message('old')]);
      await queue.deleteQueue();
      expect(await queues.queue(scope.accountId, scope.region, name)).toBeUndefined();
      expect(queues.deletedAt({ ...scope, name })).toBeTypeOf('number');
      await expect(queue.send([message('late')])).rejects.toThrow(QueueGone);
      const { created, handle } = await queues.createQueue(queueNamed(name));
      expect([created, handle.record.queueId === queueId]).toEqual([true, false]);
      await expect(queue.send([message('late')])).rejects.toThrow(QueueGone);
      expect(await handle.depth()).toMatchObject({ visible: 0 });
    }
  });

  it('are not made elsewhere while a deletion may still fail', async () => {
    const { home, others, queues, stores } = await openSpread();
    for (const [partition, queue] of (await oneInEach(queues)).entries()) {
      const { name, queueId } = queue.record;
      const held = stores[partition]?.hold();
      const deleted = queue.deleteQueue().then(() => 'deleted', String);
      const fail = await held;
      const made = queues.createQueue(queueNamed(name)).then(() => 'made', String);
      // All that does not wait for the store has happened then.
      await new Promise(setImmediate);
      fail?.();
      expect(await Promise.all([deleted, made])).toEqual(Array(2).fill('CommitFailed: The disk failed.'));
      // Nor before the store has taken something again.
      await expect(queues.createQueue(queueNamed(`new-${name}`))).rejects.toThrow('The disk failed.');
      const again = await queues.createQueue(queueNamed(name));
      expect([again.created, again.handle.record.queueId]).toEqual([false, queueId]);
      await again.handle.send([message('one')]);
      expect((await queues.createQueue(queueNamed(`new-${name}`))).created).toBe(true);
    }
    const lists = [home, ...others].map((each) => each.listQueues({ ...scope, prefix: '' }, 100));
    const names = (await Promise.all(lists)).flat().map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('are counted together', async () => {
    const { queues } = await openSpread();
    const all = await oneInEach(queues);
    for (const queue of all) await queue.send([message('one')]);
    const { totals, depths } = await queues.counts();
    for (const { record } of all) {
      const path = `${scope.accountId}/${scope.region}/${record.name}`;
      expect(totals.get(path)).toMatchObject({ sent: 1 });
      expect(depths.get(path)).toEqual({ visible: 1, inFlight: 0, delayed: 0 });
    }
  });

  it('have tasks that run where the messages are', async () => {
    const { queues } = await openSpread();
    for (const source of await oneInEach(queues)) {
      const task = await queues.moves.start({ source, messagesPerSecond: 1 });
      const listed = await queues.moves.list(source, 10);
      expect(listed.map(({ taskId }) => taskId)).toEqual([task.taskId]);
      expect(await queues.moves.cancel(source, 'another')).toBeUndefined();
    }
  });

  it('that a service keeps for itself lie at home, and nobody else is asked', async () => {
    const { home, queues, owners } = await openSpread();
    expect(await queues.queue('sns', 'us-east-1', 'deliveries')).toBeUndefined();
    expect(owners.map(({ asked }) => asked)).toEqual([0, 0]);
    await home.createQueue({ ...queueNamed('deliveries'), accountId: 'sns' });
    expect((await queues.queue('sns', 'us-east-1', 'deliveries'))?.record.name).toBe('deliveries');
  });

  it('are told to a partition that does not have them, and not to the one that should', async () => {
    const { queues } = await openSpread();
    const all = await oneInEach(queues);
    for (const [partition, { record }] of all.entries()) {
      const asker = (partition + 1) % 3;
      expect(await queues.findFor(asker, record)).toMatchObject({ partition, record: { queueId: record.queueId } });
      expect(await queues.findFor(partition, record)).toBeUndefined();
    }
    expect(await queues.findFor(1, { ...scope, name: 'absent' })).toBeUndefined();
  });

  it('can not be said to be absent while an owner does not answer', async () => {
    const { queues, owners } = await openSpread();
    const [at] = await oneInEach(queues);
    const [, owner] = owners;
    if (owner === undefined || at === undefined) throw new Error('there are two owners');
    owner.failure = new Error('it has died');
    await expect(queues.queue(scope.accountId, scope.region, 'unknown')).rejects.toThrow('it has died');
    owner.failure = new Error('it has died');
    await expect(queues.createQueue(queueNamed('unknown'))).rejects.toThrow('it has died');
    expect(await queues.queue(scope.accountId, scope.region, at.record.name)).toBe(at);
  });
});
