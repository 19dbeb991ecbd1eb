import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SplitBytes } from '#std/splitBytes';
import { CommitFailed, type Entry, type KeyRange, type ScanRange, type Store, type WriteOperation } from '#storage';
import { MemoryStore } from '#storage/memory';
import { GroupCommit } from './groupCommit.ts';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const put = (key: string, value = key): WriteOperation => ({ key: bytes(key), value: bytes(value) });
const del = (key: string): WriteOperation => ({ key: bytes(key) });
const everything: ScanRange = { from: bytes('\0'), to: Buffer.alloc(8, 0xff), limit: 1000 };
const textOf = (value: Uint8Array | undefined) =>
  value === undefined ? undefined : Buffer.from(value).toString('latin1');
const plain = (entries: readonly Entry[]) => entries.map(({ key, value }) => `${textOf(key)}=${textOf(value)}`);
const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

/** A store whose commits wait for the test, which decides what becomes of them. */
class HeldStore implements Store {
  readonly memory = new MemoryStore();
  readonly commits: (readonly WriteOperation[])[] = [];
  #settle: (() => Promise<void>) | undefined;
  #reject: ((error: unknown) => void) | undefined;

  get = (key: Uint8Array) => this.memory.get(key);
  scan = (range: ScanRange) => this.memory.scan(range);
  forget = (ranges: readonly KeyRange[]) => this.memory.forget(ranges);
  close = () => this.memory.close();

  commit(operations: readonly WriteOperation[]): Promise<void> {
    expect(this.#settle).toBeUndefined();
    this.commits.push(operations);
    return new Promise((resolve, reject) => {
      this.#reject = reject;
      this.#settle = () => this.memory.commit(operations).then(resolve, reject);
    });
  }

  get isCommitting(): boolean {
    return this.#settle !== undefined;
  }

  async succeed(): Promise<void> {
    const settle = this.#settle;
    this.#settle = undefined;
    await settle?.();
    await nextTurn();
  }

  async fail(error: unknown = new CommitFailed('no-space', 'The disk is full.')): Promise<void> {
    this.#settle = undefined;
    this.#reject?.(error);
    await nextTurn();
  }
}

let store: HeldStore;
let failures: CommitFailed[];
let group: GroupCommit;
const unhandled: unknown[] = [];
const note = (error: unknown) => unhandled.push(error);

beforeEach(() => {
  process.on('unhandledRejection', note);
  store = new HeldStore();
  failures = [];
  group = new GroupCommit(store, { onFailure: (error) => failures.push(error) });
});

afterEach(async () => {
  await nextTurn();
  process.off('unhandledRejection', note);
  expect(unhandled.splice(0)).toEqual([]);
});

test('what was appended is in the store before a range is forgotten', async () => {
  const { durable } = group.append([put('a1'), put('b1')]);
  const forgetting = group.forget([{ from: bytes('a'), to: bytes('b') }]);
  await nextTurn();
  expect(await store.scan(everything)).toEqual([]);
  await store.succeed();
  await durable;
  await forgetting;
  expect(plain(await store.scan(everything))).toEqual(['b1=b1']);
});

test('commits together what is appended in one turn, and then what came meanwhile', async () => {
  const first = group.append([put('a')]);
  expect(group.append([put('b'), del('a')])).toBe(first);
  expect(group.currentBatch).toBe(first.number);
  await nextTurn();
  const second = group.append([put('c')]);
  expect(second.number).toBe(first.number + 1);
  group.append([put('d')]);
  await nextTurn();
  expect(store.commits.map((commit) => commit.length)).toEqual([3]);
  expect(group.durableBatch).toBe(0);
  await store.succeed();
  await first.durable;
  expect(group.durableBatch).toBe(first.number);
  expect(store.commits.map((commit) => commit.length)).toEqual([3, 2]);
  await store.succeed();
  await second.durable;
  expect(plain(await store.scan(everything))).toEqual(['b=b', 'c=c', 'd=d']);
});

test('asks each source once per batch, when the batch is sealed', async () => {
  let count = 0;
  let asked = 0;
  const source = {
    sealInto: (operations: WriteOperation[]) => {
      asked++;
      operations.push(put('count', String(count)));
    },
  };
  for (; count < 5; count++) {
    group.append([put(`m${count}`)]);
    group.touch(source);
  }
  expect(asked).toBe(0);
  await nextTurn();
  expect(asked).toBe(1);
  count = 6;
  const batch = group.touch(source);
  await store.succeed();
  await store.succeed();
  await batch.durable;
  expect(asked).toBe(2);
  expect(textOf(await store.get(bytes('count')))).toBe('6');
  expect(store.commits.at(-1)).toHaveLength(1);
});

test('has a batch in which nothing is to be written durable without a commit', async () => {
  const batch = group.touch({ sealInto: () => undefined });
  await batch.durable;
  expect(group.durableBatch).toBe(batch.number);
  expect(store.commits).toHaveLength(0);
});

test('reads what is pending over what is stored', async () => {
  await store.memory.commit(['a', 'b', 'c', 'd', 'e'].map((key) => put(key, 'old')));
  group.append([put('b', 'flying'), del('c')]);
  await nextTurn();
  group.append([put('c', 'pending'), del('d'), put('bb')]);
  expect(textOf(await group.get(bytes('a')))).toBe('old');
  expect(textOf(await group.get(bytes('b')))).toBe('flying');
  expect(textOf(await group.get(bytes('c')))).toBe('pending');
  expect(await group.get(bytes('d'))).toBeUndefined();
  expect(plain(await group.scan(everything))).toEqual(['a=old', 'b=flying', 'bb=bb', 'c=pending', 'e=old']);
  expect(plain(await group.scan({ ...everything, limit: 3 }))).toEqual(['a=old', 'b=flying', 'bb=bb']);
  expect(plain(await group.scan({ ...everything, from: bytes('c'), to: bytes('e') }))).toEqual(['c=pending']);
  expect(plain(await group.scan({ ...everything, maxBytes: 8 }))).toEqual(['a=old']);
  expect(plain(await group.scan({ ...everything, maxBytes: 9 }))).toEqual(['a=old', 'b=flying']);
  group.append([put('c', 'newest')]);
  expect(textOf(await group.get(bytes('c')))).toBe('newest');
});

test('fills a page although pending deletes hide what the store would fill it with', async () => {
  await store.memory.commit(Array.from({ length: 100 }, (_, i) => put(String(100 + i), 'x'.repeat(10))));
  group.append(Array.from({ length: 90 }, (_, i) => del(String(100 + i))));
  const found = await group.scan({ ...everything, limit: 5, maxBytes: 40 });
  expect(found.map(({ key }) => textOf(key))).toEqual(['190', '191', '192', '193']);
});

test('hands out copies of what is pending', async () => {
  group.append([put('a'), { key: bytes('b'), value: new SplitBytes(bytes('b'), bytes('c')) }]);
  (await group.get(bytes('a')))?.fill(0);
  (await group.get(bytes('b')))?.fill(0);
  expect(plain(await group.scan(everything))).toEqual(['a=a', 'b=bc']);
  for (const { key, value } of await group.scan(everything)) {
    key.fill(0);
    value.fill(0);
  }
  await nextTurn();
  await store.succeed();
  expect(plain(await store.scan(everything))).toEqual(['a=a', 'b=bc']);
});

test('a failure takes everything with it that came after, and the owner knows first', async () => {
  const events: string[] = [];
  group = new GroupCommit(store, {
    onFailure: (error) => {
      events.push(`owner: ${error.reason}`);
      // State that the owner reads again is what is stored.
      expect(group.currentBatch).toBe(3);
      events.push(`appended ${group.append([put('z')]).number}`);
    },
  });
  const first = group.append([put('a')]);
  await nextTurn();
  const second = group.append([put('b')]);
  for (const batch of [first, second])
    batch.durable.catch((error: unknown) => events.push(`${batch.number}: ${error instanceof CommitFailed}`));
  await store.fail();
  expect(events).toEqual(['owner: no-space', 'appended 3', '1: true', '2: true']);
  expect(await group.get(bytes('a'))).toBeUndefined();
  expect(await group.get(bytes('b'))).toBeUndefined();
  expect(group.lastError?.reason).toBe('no-space');
  expect(store.commits).toHaveLength(2);
  await store.succeed();
  expect(group.lastError).toBeUndefined();
  expect(group.durableBatch).toBe(3);
  expect(plain(await store.scan(everything))).toEqual(['z=z']);
});

test('a failure that the store has no name for is an I/O failure', async () => {
  const batch = group.append([put('a')]);
  await nextTurn();
  await store.fail(new Error('strange'));
  await expect(batch.durable).rejects.toThrow(/strange/);
  expect(failures.map(({ reason }) => reason)).toEqual(['io']);
});

test('a source that throws fails its batch, and the next one goes on', async () => {
  const broken = group.append([put('a')]);
  group.touch({
    sealInto: () => {
      throw new RangeError('a counter below zero');
    },
  });
  await expect(broken.durable).rejects.toThrow('a counter below zero');
  expect(failures).toHaveLength(1);
  expect(store.commits).toEqual([]);
  const next = group.append([put('b')]);
  await nextTurn();
  await store.succeed();
  await next.durable;
  expect(plain(await group.scan(everything))).toEqual(['b=b']);
});

test('a scan that leaned on a batch that fails meanwhile fails as well', async () => {
  await store.memory.commit(Array.from({ length: 50 }, (_, i) => put(String(100 + i), 'x'.repeat(10))));
  group.append([del('100'), put('999')]);
  await nextTurn();
  const scan = group.scan({ ...everything, maxBytes: 20, limit: 10 });
  const outcome = expect(scan).rejects.toThrow(CommitFailed);
  await store.fail();
  await outcome;
});

test('no commit starts between two pages of one scan', async () => {
  await store.memory.commit(Array.from({ length: 50 }, (_, i) => put(String(100 + i), 'x'.repeat(10))));
  group.append(Array.from({ length: 49 }, (_, i) => del(String(100 + i))));
  const scan = group.scan({ ...everything, maxBytes: 20 });
  group.append([del('149')]);
  expect(plain(await scan)).toEqual([`149=${'x'.repeat(10)}`]);
  await nextTurn();
  await store.succeed();
  expect(plain(await group.scan(everything))).toEqual([]);
});

test('splits a flood into batches of bounded size, in order', async () => {
  const whole = group.append(Array.from({ length: 3000 }, (_, i) => put(`a${i}`)));
  expect(group.append([put('b')])).toBe(whole);
  await nextTurn();
  const large = group.append(['l', 'm'].map((name) => ({ key: bytes(name), value: Buffer.alloc(9 * 1024 * 1024) })));
  expect(group.append([put('c')])).toBe(large);
  await nextTurn();
  const rest = group.append([put('d')]);
  expect(rest.number).toBe(large.number + 1);
  expect(textOf(await group.get(bytes('c')))).toBe('c');
  for (let i = 0; i < 3; i++) await store.succeed();
  await group.flush();
  expect(store.commits.map((commit) => commit.length)).toEqual([3001, 3, 1]);
});

test('flush waits for what was appended, close for all, and then nothing more is taken', async () => {
  await group.flush();
  group.append([put('a')]);
  await nextTurn();
  group.append([put('b')]);
  let isFlushed = false;
  const flushed = group.flush().then(() => {
    isFlushed = true;
  });
  const closed = group.close();
  expect(() => group.append([put('c')])).toThrow('closed');
  await store.succeed();
  expect(isFlushed).toBe(false);
  await store.succeed();
  await flushed;
  await closed;
});

test('close survives a failing last commit; flush reports it', async () => {
  group.append([put('a')]);
  const flushed = expect(group.flush()).rejects.toThrow(CommitFailed);
  const closed = group.close();
  await nextTurn();
  await store.fail();
  await flushed;
  await closed;
});

test('tells what a commit took', async () => {
  const seen: number[] = [];
  group = new GroupCommit(store, { onFailure: () => undefined, observe: ({ operations }) => seen.push(operations) });
  group.append([put('a'), put('b')]);
  await nextTurn();
  await store.succeed();
  expect(seen).toEqual([2]);
});

const key = fc.constantFrom('a', 'b', 'c', 'ca', 'd', 'e');
const operation = fc.oneof(
  fc.tuple(key, fc.string({ maxLength: 6, unit: 'grapheme-ascii' })).map(([k, v]) => put(k, v)),
  key.map(del),
);
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('append' as const), operations: fc.array(operation, { maxLength: 6 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('scan' as const),
      range: fc
        .record({ from: key.map(bytes), to: key.map(bytes), limit: fc.nat({ max: 6 }), maxBytes: fc.nat({ max: 12 }) })
        .chain((range) =>
          fc.constantFrom<ScanRange>(
            range,
            { from: range.from, to: range.to, limit: range.limit },
            { ...everything, limit: range.limit },
          ),
        ),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('get' as const), key }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('turn' as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('succeed' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('fail' as const) }) },
);

test('behaves as a map that forgets what failed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      store = new HeldStore();
      group = new GroupCommit(store, { onFailure: () => undefined });
      // What readers see, and what the last commit that succeeded left.
      const model = new MemoryStore();
      const outcomes = new Map<number, string>();
      for (const each of steps) {
        if (each.kind === 'append') {
          const batch = group.append(each.operations);
          await model.commit(each.operations);
          batch.durable.then(
            () => outcomes.set(batch.number, 'durable'),
            () => outcomes.set(batch.number, 'failed'),
          );
        } else if (each.kind === 'scan') {
          expect(plain(await group.scan(each.range))).toEqual(plain(await model.scan(each.range)));
        } else if (each.kind === 'get') {
          expect(textOf(await group.get(bytes(each.key)))).toBe(textOf(await model.get(bytes(each.key))));
        } else if (each.kind === 'turn') await nextTurn();
        else if (each.kind === 'succeed') await store.succeed();
        else if (store.isCommitting) {
          const { currentBatch } = group;
          await store.fail();
          expect(group.currentBatch).toBeGreaterThanOrEqual(currentBatch);
          await model.commit((await model.scan(everything)).map(({ key: stale }) => ({ key: stale })));
          await model.commit(await store.memory.scan(everything));
        }
      }
      for (let i = 0; i < 3; i++) {
        await nextTurn();
        await store.succeed();
      }
      await group.close();
      expect(plain(await store.memory.scan(everything))).toEqual(plain(await model.scan(everything)));
      for (const [number, outcome] of outcomes) expect(outcome === 'failed' || number <= group.durableBatch).toBe(true);
    }),
    { numRuns: 500 },
  );
});
