import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { joined, SplitBytes } from '#std/splitBytes';
import { runJob } from './embedded/jobs.ts';
import { LogStore } from './embedded/logStore.ts';
import { NodeDisk } from './embedded/nodeDisk.ts';
import { MemoryStore } from './memory.ts';
import { CommitFailed, type Entry, type KeyRange, type ScanRange, type Store, type WriteOperation } from './store.ts';

/** A store under test. `reopen` is a restart: it closes the store and gives the next one on the same data. */
interface Opened {
  readonly store: Store;
  reopen(): Promise<Store>;
  /** Makes the next commit fail, where the store offers that. */
  failNextCommit?(): void;
  dispose(): Promise<void>;
}

const bytes = (...values: (number | string)[]): Uint8Array =>
  Buffer.concat(values.map((value) => (typeof value === 'number' ? Buffer.of(value) : Buffer.from(value))));
const put = (key: Uint8Array, value: Uint8Array): WriteOperation => ({ key, value });
const plain = (entries: readonly Entry[]) =>
  entries.map(({ key, value }) => [Buffer.from(key).toString('hex'), Buffer.from(value).toString('hex')]);
const everything: ScanRange = { from: bytes(0), to: Buffer.alloc(64, 0xff), limit: 1_000_000 };

describe.each<{ name: string; open: () => Promise<Opened> }>([
  { name: 'memory', open: openMemory },
  { name: 'embedded', open: openEmbedded },
])('the $name store', ({ open }) => {
  let opened: Opened;
  let store: Store;
  beforeEach(async () => {
    opened = await open();
    store = opened.store;
  });
  afterEach(() => opened.dispose());

  const keysIn = async (range: Partial<ScanRange>) =>
    (await store.scan({ ...everything, ...range })).map(({ key }) => Buffer.from(key).toString('latin1'));

  test('is empty at first', async () => {
    expect(await store.get(bytes('a'))).toBeUndefined();
    expect(await store.scan(everything)).toEqual([]);
  });

  test('applies the operations of a commit in their order', async () => {
    await store.commit([put(bytes('a'), bytes('1')), { key: bytes('a') }, put(bytes('a'), bytes('2'))]);
    await store.commit([put(bytes('b'), bytes('1')), put(bytes('b'), bytes('2')), { key: bytes('b') }]);
    expect(plain(await store.scan(everything))).toEqual([['61', '32']]);
  });

  test('takes the deletion of what is not there, and an empty commit', async () => {
    await store.commit([{ key: bytes('missing') }]);
    await store.commit([]);
    await store.commit([put(bytes('a'), bytes('1'))]);
    await store.commit([{ key: bytes('missing') }, { key: bytes('a') }, { key: bytes('a') }]);
    expect(await store.scan(everything)).toEqual([]);
  });

  test('orders keys bytewise, a prefix before what continues it', async () => {
    const keys = [bytes(0), bytes(0, 0), bytes(0, 1), bytes(1), bytes('a'), bytes('a', 0), bytes('aa'), bytes(0x7f)];
    keys.push(bytes(0x80), bytes(0xfe, 0xff), bytes(0xff), bytes(0xff, 0), bytes(0xff, 0xff));
    await store.commit([...keys].reverse().map((key) => put(key, key)));
    expect((await store.scan(everything)).map(({ key }) => Buffer.from(key))).toEqual(
      keys.map((key) => Buffer.from(key)),
    );
  });

  test('scans from the first bound, which is included, to the second, which is not', async () => {
    await store.commit(['a', 'b', 'c', 'd'].map((key) => put(bytes(key), bytes(key))));
    expect(await keysIn({ from: bytes('b'), to: bytes('d') })).toEqual(['b', 'c']);
    expect(await keysIn({ from: bytes('aa'), to: bytes('c', 0) })).toEqual(['b', 'c']);
    expect(await keysIn({ from: bytes('b'), to: bytes('b') })).toEqual([]);
    expect(await keysIn({ from: bytes('c'), to: bytes('b') })).toEqual([]);
    expect(await keysIn({ from: bytes('e'), to: bytes('z') })).toEqual([]);
    expect(await keysIn({ from: new Uint8Array(0), to: bytes('b') })).toEqual(['a']);
  });

  test('scans up to its limits, but never less than one entry for the bytes', async () => {
    await store.commit(['a', 'b', 'c', 'd'].map((key) => put(bytes(key), Buffer.alloc(10))));
    expect(await keysIn({ limit: 0 })).toEqual([]);
    expect(await keysIn({ limit: 2 })).toEqual(['a', 'b']);
    expect(await keysIn({ maxBytes: 0 })).toEqual(['a']);
    expect(await keysIn({ maxBytes: 19 })).toEqual(['a']);
    expect(await keysIn({ maxBytes: 20 })).toEqual(['a', 'b']);
    expect(await keysIn({ maxBytes: 1000, limit: 3 })).toEqual(['a', 'b', 'c']);
  });

  test('keeps empty and large values and long keys', async () => {
    const large = Buffer.alloc(1024 * 1024, 'posthorn');
    const long = Buffer.alloc(1024, 0xfe);
    await store.commit([put(bytes('empty'), new Uint8Array(0)), put(bytes('large'), large), put(long, bytes('x'))]);
    expect(await store.get(bytes('empty'))).toHaveLength(0);
    expect(Buffer.compare((await store.get(bytes('large'))) ?? bytes(), large)).toBe(0);
    expect(await store.get(long)).toHaveLength(1);
    const [, scanned] = await store.scan({ ...everything, limit: 2 });
    expect(Buffer.compare(scanned?.value ?? bytes(), large)).toBe(0);
  });

  test('hands out bytes that belong to the caller', async () => {
    await store.commit([put(bytes('a'), Buffer.alloc(100, 1)), put(bytes('b'), Buffer.alloc(100_000, 1))]);
    const before = [
      await store.get(bytes('a')),
      await store.get(bytes('b')),
      ...(await store.scan(everything)).map((e) => e.value),
    ];
    await store.commit([put(bytes('a'), Buffer.alloc(100, 2)), put(bytes('b'), Buffer.alloc(100_000, 2))]);
    for (const value of before) expect(new Set(value)).toEqual(new Set([1]));
    for (const value of before) value?.fill(3);
    expect(new Set(await store.get(bytes('a')))).toEqual(new Set([2]));
    for (const { key, value } of await store.scan(everything)) {
      expect(new Set(value)).toEqual(new Set([2]));
      key.fill(0);
    }
    expect(await keysIn({})).toEqual(['a', 'b']);
  });

  test('takes views into larger buffers for keys and values', async () => {
    const pool = new Uint8Array(Buffer.from('xxkeyxxvaluexx'));
    await store.commit([put(pool.subarray(2, 5), pool.subarray(7, 12))]);
    expect(plain(await store.scan(everything))).toEqual([
      [Buffer.from('key').toString('hex'), Buffer.from('value').toString('hex')],
    ]);
  });

  test('takes values in two pieces', async () => {
    const value = new SplitBytes(bytes('head '), bytes('and tail'));
    await store.commit([{ key: bytes('split'), value }, put(bytes('z'), bytes('z'))]);
    expect(Buffer.from((await store.get(bytes('split'))) ?? bytes()).toString()).toBe('head and tail');
    value.tail.fill(0);
    const large = new SplitBytes(Buffer.alloc(100, 1), Buffer.alloc(1_000_000, 2));
    await store.commit([{ key: bytes('large'), value: large }]);
    store = await opened.reopen();
    const [first, second, third] = await store.scan(everything);
    expect(Buffer.compare(first?.value ?? bytes(), joined(large))).toBe(0);
    expect(Buffer.from(second?.value ?? bytes()).toString()).toBe('head and tail');
    expect(Buffer.from(third?.key ?? bytes()).toString()).toBe('z');
  });

  test('shows a commit as soon as it has resolved, and as a whole', async () => {
    for (let round = 0; round < 50; round++) {
      const before = await store.scan(everything);
      const committed = store.commit([1, 2, 3].map((n) => put(bytes(n), bytes(round))));
      const during = await store.scan(everything);
      expect(new Set(during.map(({ value }) => value[0])).size).toBeLessThanOrEqual(1);
      expect([0, 3]).toContain(during.length);
      if (before.length === 3) expect(during).toHaveLength(3);
      await committed;
      expect((await store.scan(everything)).map(({ value }) => value[0])).toEqual([round, round, round]);
    }
  });

  test('keeps what was committed over a restart', async () => {
    await store.commit([put(bytes('a'), bytes('1')), put(bytes('b'), bytes('2'))]);
    await store.commit([{ key: bytes('a') }]);
    store = await opened.reopen();
    expect(plain(await store.scan(everything))).toEqual([['62', '32']]);
    await store.commit([put(bytes('c'), bytes('3'))]);
    store = await opened.reopen();
    expect(await keysIn({})).toEqual(['b', 'c']);
  });

  test('finishes its commit before it closes', async () => {
    const committed = store.commit([put(bytes('a'), Buffer.alloc(100_000))]);
    const reopened = opened.reopen();
    await committed;
    store = await reopened;
    expect(await store.get(bytes('a'))).toHaveLength(100_000);
  });

  test('forgets what lies in ranges, or gives what has to be deleted, and leaves all else', async () => {
    const keyOf = (id: number, n: number) => bytes(id, n >> 8, n & 0xff);
    const ids = [1, 2, 3, 4];
    const rangeOf = (id: number) => ({ from: bytes(id), to: bytes(id + 1) });
    for (let n = 0; n < 2_000; n += 20) {
      const some = Array.from({ length: 20 }, (_, i) => n + i);
      await store.commit(ids.flatMap((id) => some.map((each) => put(keyOf(id, each), Buffer.alloc(100, id)))));
    }
    const forgetting = store.forget([rangeOf(2), { from: keyOf(4, 1_000), to: bytes(5) }]);
    await store.commit([put(bytes(3), bytes('beside'))]);
    await forgetting;
    const rest = await store.scan({ ...rangeOf(2), limit: 10_000 });
    expect(rest.length).toBeLessThan(200);
    await store.commit(rest.map(({ key }) => ({ key })));
    const last = await store.scan({ from: keyOf(4, 1_000), to: bytes(5), limit: 10_000 });
    await store.commit(last.map(({ key }) => ({ key })));
    for (let start = 0; start < 2; start += 1) {
      const counts = await Promise.all(
        ids.map(async (id) => (await store.scan({ ...everything, ...rangeOf(id) })).length),
      );
      expect(counts).toEqual([2_000, 0, 2_001, 1_000]);
      store = await opened.reopen();
    }
  });

  test('tells its caller of bugs', async () => {
    await expect(store.commit([put(new Uint8Array(0), bytes('x'))])).rejects.toThrow(RangeError);
    await expect(store.commit([put(Buffer.alloc(1025), bytes('x'))])).rejects.toThrow(RangeError);
    await expect(store.scan({ ...everything, limit: -1 })).rejects.toThrow(RangeError);
    const first = store.commit([put(bytes('a'), bytes('1'))]);
    await expect(store.commit([put(bytes('b'), bytes('1'))])).rejects.toThrow('One commit at a time');
    await first;
    expect(await keysIn({})).toEqual(['a']);
    await store.close();
    await store.close();
    await expect(store.get(bytes('a'))).rejects.toThrow('closed');
    await expect(store.commit([{ key: bytes('a') }])).rejects.toThrow('closed');
  });

  test('leaves nothing behind when a commit fails, and goes on', async () => {
    if (opened.failNextCommit === undefined) return;
    await store.commit([put(bytes('a'), bytes('1'))]);
    opened.failNextCommit();
    await expect(store.commit([put(bytes('a'), bytes('2')), put(bytes('b'), bytes('2'))])).rejects.toThrow(
      CommitFailed,
    );
    expect(plain(await store.scan(everything))).toEqual([['61', '31']]);
    await store.commit([put(bytes('b'), bytes('3'))]);
    expect(await keysIn({})).toEqual(['a', 'b']);
  });

  test('behaves as a sorted map does', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const old = await store.scan(everything);
        await store.commit(old.map(({ key }) => ({ key })));
        const model = new Map<string, Uint8Array>();
        for (const each of steps) {
          if (each.kind === 'reopen') store = await opened.reopen();
          else if (each.kind === 'forget') {
            await store.forget([each.range]);
            const forgotten = scanModel(model, { ...each.range, limit: 1e6 });
            applyTo(
              model,
              forgotten.map(({ key }) => ({ key })),
            );
            const left = await store.scan({ ...each.range, limit: 1e6 });
            await store.commit(left.map(({ key }) => ({ key })));
          } else if (each.kind === 'commit') {
            await store.commit(each.operations);
            applyTo(model, each.operations);
          } else expect(plain(await store.scan(each.range))).toEqual(plain(scanModel(model, each.range)));
        }
        expect(plain(await store.scan(everything))).toEqual(plain(scanModel(model, everything)));
        for (const [key, value] of model) {
          expect(Buffer.from((await store.get(Buffer.from(key, 'latin1'))) ?? 'missing')).toEqual(Buffer.from(value));
        }
      }),
      { numRuns: 200 },
    );
  });
});

test('a large memory store stays in order through splits and removals', async () => {
  const store = new MemoryStore();
  const keyOf = (n: number) => bytes(n >> 8, n & 0xff);
  const shuffled = Array.from({ length: 20_000 }, (_, n) => (n * 7919) % 20_000);
  for (const n of shuffled) await store.commit([put(keyOf(n), bytes(n & 0xff))]);
  await store.commit(shuffled.filter((n) => n % 3 !== 0).map((n) => ({ key: keyOf(n) })));
  expect(store.size).toBe(6667);
  const found = await store.scan({ from: keyOf(3000), to: keyOf(9001), limit: 10_000 });
  expect(found.map(({ key }) => Buffer.from(key).readUInt16BE())).toEqual(
    Array.from({ length: 2001 }, (_, i) => 3000 + 3 * i),
  );
});

async function openMemory(): Promise<Opened> {
  let store = new MemoryStore();
  return {
    store,
    reopen: async () => {
      store = store.reopen();
      return store;
    },
    failNextCommit: () => store.failNextCommit('no-space'),
    dispose: () => store.close(),
  };
}

/** Small enough that the cases here get into tables, and merge them. */
async function openEmbedded(): Promise<Opened> {
  const directory = mkdtempSync(join(tmpdir(), 'posthorn-store-'));
  const disk = new NodeDisk(directory);
  const limits = { logBytes: 4096, carriedBytes: 512, tableBytes: 8192, keptBytes: 4096, ballastPieceBytes: 4096 };
  const open = () => LogStore.open(disk, { ...limits, runJob: (job) => runJob(disk, job) });
  let store = await open();
  return {
    store,
    reopen: async () => {
      await store.close();
      store = await open();
      return store;
    },
    dispose: async () => {
      await store.close();
      rmSync(directory, { recursive: true });
    },
  };
}

const smallKey = fc
  .array(fc.constantFrom(0, 1, 0x61, 0xfe, 0xff), { minLength: 1, maxLength: 3 })
  .map((key) => bytes(...key));
const smallValue = fc.oneof(
  { weight: 5, arbitrary: fc.uint8Array({ maxLength: 20 }).map((value) => Buffer.from(value)) },
  { weight: 1, arbitrary: fc.nat({ max: 9000 }).map((length) => Buffer.alloc(length, length)) },
);
const operation = fc.oneof(
  fc.record({ key: smallKey, value: smallValue }),
  fc.record({ key: smallKey }),
) satisfies fc.Arbitrary<WriteOperation>;
const scanRange = fc
  .record({ from: smallKey, to: smallKey, limit: fc.nat({ max: 8 }), maxBytes: fc.option(fc.nat({ max: 60 })) })
  .map(({ maxBytes, ...range }): ScanRange => (maxBytes === null ? range : { ...range, maxBytes }));
const keyRange = fc.tuple(smallKey, smallKey).map((keys): KeyRange => {
  const [from, to] = keys.sort(Buffer.compare) as [Buffer, Buffer];
  return { from, to };
});
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('commit' as const), operations: fc.array(operation, { maxLength: 8 }) }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('scan' as const), range: scanRange }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reopen' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('forget' as const), range: keyRange }) },
);

function applyTo(model: Map<string, Uint8Array>, operations: readonly WriteOperation[]): void {
  for (const { key, value } of operations) {
    const name = Buffer.from(key).toString('latin1');
    if (value === undefined) model.delete(name);
    else model.set(name, joined(value));
  }
}

function scanModel(model: ReadonlyMap<string, Uint8Array>, range: ScanRange): Entry[] {
  const inRange = [...model]
    .map(([key, value]) => ({ key: Buffer.from(key, 'latin1'), value }))
    .filter(({ key }) => Buffer.compare(key, range.from) >= 0 && Buffer.compare(key, range.to) < 0)
    .sort((a, b) => Buffer.compare(a.key, b.key))
    .slice(0, range.limit);
  let total = 0;
  const end = inRange.findIndex(({ value }, index) => {
    total += value.length;
    return index > 0 && total > (range.maxBytes ?? Number.POSITIVE_INFINITY);
  });
  return end === -1 ? inRange : inRange.slice(0, end);
}
