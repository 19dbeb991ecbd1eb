import { expect, test } from 'vitest';
import { MemoryStore } from '#storage/memory';
import { type NewQueue, type OneCommit, Partition } from './index.ts';

const settings = { visibilityTimeoutMs: 30_000, delayMs: 0, retentionMs: 345_600_000, maxInFlight: 120_000 };
const path = (name: string) => ({ accountId: '000000000000', region: 'us-east-1', name });
const queue = (name: string): NewQueue => ({ ...path(name), settings, attributes: {}, tags: {} });
const message = (text: string) => ({ messageId: Buffer.alloc(16), payload: Buffer.from(text) });

/** Gives how many there were. */
function sendTo(one: OneCommit, names: readonly string[]): number {
  const queues = one.queues(names.map(path)).filter((queue) => queue !== undefined);
  for (const queue of queues) queue.accept([message(`to ${queue.record.name}`)]).durable.catch(() => undefined);
  return queues.length;
}

/** A store that counts its commits, and can be told to refuse the next. */
class CountingStore extends MemoryStore {
  commits = 0;
  refuses = false;

  override async commit(operations: Parameters<MemoryStore['commit']>[0]): Promise<void> {
    this.commits += 1;
    if (this.refuses) throw new Error('refused');
    await super.commit(operations);
  }
}

async function open(names: readonly string[]) {
  const store = new CountingStore();
  const partition = await Partition.open(store);
  for (const name of names) await partition.createQueue(queue(name));
  const payloads = async (name: string) => {
    const handle = await partition.queue(...(Object.values(path(name)) as [string, string, string]));
    const { messages = [] } = (await handle?.peek({ limit: 10 })) ?? {};
    return messages.map(({ payload }) => Buffer.from(payload).toString());
  };
  return { store, partition, payloads };
}

test('a thousand queues get their messages, and what belongs to it is written, in one commit', async () => {
  const names = Array.from({ length: 1_000 }, (_, index) => `queue-${index}`);
  const { store, partition, payloads } = await open(names);
  const before = store.commits;
  const reached = await partition.inOneCommit((one) => {
    const reached = sendTo(one, names);
    one.write({ kind: 'note', path: 'published', value: { sequence: 1 } });
    return reached;
  });
  expect(reached).toBe(1_000);
  expect(store.commits).toBe(before + 1);
  expect(await payloads('queue-0')).toEqual(['to queue-0']);
  expect(await payloads('queue-999')).toEqual(['to queue-999']);
  expect(await partition.entities.get('note', 'published')).toEqual({ sequence: 1 });
  await partition.close();
});

test('queues that are not in memory are opened first, and those that are not there are told', async () => {
  const { store } = await open(['one', 'two']);
  const again = await Partition.open(store);
  let calls = 0;
  const reached = await again.inOneCommit((one) => {
    calls += 1;
    return sendTo(one, ['one', 'lost', 'two']);
  });
  expect([calls, reached]).toEqual([2, 2]);
  const two = await again.queue('000000000000', 'us-east-1', 'two');
  expect(two?.depth().visible).toBe(1);
  await again.close();
});

test('when the commit fails nobody has anything, and services are told', async () => {
  const { store, partition, payloads } = await open(['one', 'two']);
  let told = 0;
  partition.onStateLost(() => {
    told += 1;
  });
  store.refuses = true;
  const sending = partition.inOneCommit((one) => sendTo(one, ['one', 'two']));
  await expect(sending).rejects.toThrow('refused');
  store.refuses = false;
  expect(told).toBeGreaterThan(0);
  expect([await payloads('one'), await payloads('two')]).toEqual([[], []]);
  await partition.close();
});

test('entities are listed by prefix, in order, and are gone when removed', async () => {
  const { partition } = await open([]);
  const { entities } = partition;
  await entities.write(
    { kind: 'topic', path: 'a/2', value: 2 },
    { kind: 'topic', path: 'a/1', value: 1 },
    { kind: 'topic', path: 'b/1', value: 3 },
    { kind: 'user', path: 'a/1', value: 4 },
  );
  expect(await entities.list('topic', 'a/', 10)).toEqual([
    { path: 'a/1', value: 1 },
    { path: 'a/2', value: 2 },
  ]);
  expect(await entities.list('topic', '', 2, 'a/1')).toEqual([
    { path: 'a/2', value: 2 },
    { path: 'b/1', value: 3 },
  ]);
  await entities.write({ kind: 'topic', path: 'a/2' });
  expect(await entities.get('topic', 'a/2')).toBeUndefined();
  await partition.close();
});
