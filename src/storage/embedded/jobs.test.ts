import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { joined } from '#std/splitBytes';
import { SimulatedDisk } from '../../../test/simulation/simulatedDisk.ts';
import type { WriteOperation } from '../store.ts';
import { CommitLog, LogDamaged, logName } from './commitLog.ts';
import { compareKeys } from './entryBytes.ts';
import { frameBytes, writeFrame } from './frames.ts';
import { type FlushResult, type MergeJob, type MergeResult, type OlderRange, runJob, type TableRef } from './jobs.ts';
import { TableDamaged, type TableSummary, tableName } from './table.ts';
import { TableReader } from './tableReader.ts';

/** Keys in hexadecimal, so that they sort as keys do, and what an entry has under one. */
type Contents = ReadonlyMap<string, string>;

const gone = 'gone';
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const textOf = (value: Uint8Array | undefined) => (value === undefined ? gone : `${value.length} ${crc32(value)}`);
const sorted = (contents: Contents) => new Map([...contents].sort(([a], [b]) => (a < b ? -1 : 1)));
const everywhere: readonly OlderRange[] = [{ first: Buffer.alloc(0), last: Buffer.alloc(1024, 0xff) }];

/** As queues have them, few enough to meet each other, and any others. */
const key = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(fc.constantFrom(0x20, 0x21), fc.nat({ max: 3 }), fc.nat({ max: 40 }))
      .map(([kind, id, number]) => {
        const bytes = Buffer.alloc(13);
        bytes[0] = kind;
        bytes[6] = id;
        bytes[12] = number;
        return bytes;
      }),
  },
  { weight: 2, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 3 }).map((bytes) => Buffer.from(bytes)) },
  { weight: 1, arbitrary: fc.uint8Array({ minLength: 1020, maxLength: 1024 }).map((bytes) => Buffer.from(bytes)) },
);
const operation: fc.Arbitrary<WriteOperation> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.tuple(key, fc.nat({ max: 300 }), fc.nat()).map(([its, length, fill]) => ({
      key: its,
      value: Buffer.alloc(length % 50 === 49 ? 3000 + length * 100 : length, String(fill)),
    })),
  },
  { weight: 1, arbitrary: key.map((its) => ({ key: its })) },
);
const commits = fc.array(fc.array(operation, { maxLength: 12 }), { maxLength: 20 });
const ranges = fc.array(key, { maxLength: 6 }).map((keys): OlderRange[] => {
  const bounds = keys.sort(compareKeys).filter((each, at) => at === 0 || compareKeys(keys[at - 1] as Buffer, each) < 0);
  return bounds.flatMap((first, at) => (at % 2 === 0 ? [{ first, last: bounds[at + 1] ?? first }] : []));
});

function isBelow(below: readonly OlderRange[], its: string): boolean {
  return below.some(({ first, last }) => hex(first) <= its && its <= hex(last));
}

function latestOf(all: readonly (readonly WriteOperation[])[]): Contents {
  return new Map(all.flat().map((each) => [hex(each.key), textOf(each.value && joined(each.value))]));
}

function without(contents: Contents, isLeftOut: (its: string, text: string) => boolean): Contents {
  return new Map([...contents].filter(([its, text]) => !isLeftOut(its, text)));
}

async function writeLog(disk: SimulatedDisk, number: number, all: readonly (readonly WriteOperation[])[]) {
  const log = await CommitLog.create(disk, number, undefined);
  for (const [index, operations] of all.entries()) {
    const frame = Buffer.alloc(frameBytes(operations));
    writeFrame(frame, 0, number, index + 1, operations);
    await log.append(frame);
  }
  await log.close();
  return { log: logName(number), knownEnd: log.end };
}

/** The tables of a run from these commits. */
async function flushed(
  disk: SimulatedDisk,
  all: readonly (readonly WriteOperation[])[],
  options: { number: number; maxBytes: number; below?: readonly OlderRange[] },
): Promise<TableSummary[]> {
  const written = await writeLog(disk, options.number, all);
  const { maxBytes, below = everywhere } = options;
  const result = await runJob(disk, {
    kind: 'flush',
    ...written,
    firstTable: options.number * 1000,
    below,
    forgotten: [],
    maxBytes,
  });
  return (result as FlushResult).tables;
}

async function merged(disk: SimulatedDisk, job: Omit<MergeJob, 'kind'>): Promise<MergeResult> {
  return (await runJob(disk, { kind: 'merge', ...job })) as MergeResult;
}

/** Step by step, until nothing is left to merge. */
async function mergedInSteps(disk: SimulatedDisk, job: Omit<MergeJob, 'kind'>): Promise<TableSummary[]> {
  const tables: TableSummary[] = [];
  const later = (refs: readonly TableRef[], upTo: Buffer | undefined) =>
    refs.map(({ number, from }) => {
      const isMerged = from === undefined || (upTo !== undefined && compareKeys(from, upTo) < 0);
      return { number, from: isMerged ? upTo : from };
    });
  let upTo: Buffer | undefined;
  do {
    const inputs = job.inputs.map((refs) => later(refs, upTo));
    const result = await merged(disk, { ...job, inputs, firstTable: job.firstTable + tables.length });
    tables.push(...result.tables);
    if (upTo !== undefined && result.upTo !== undefined) expect(compareKeys(upTo, result.upTo)).toBeLessThan(0);
    upTo = result.upTo;
  } while (upTo !== undefined);
  return tables;
}

/** In order, with what is below `from` left out. */
function contentsOf(disk: SimulatedDisk, tables: readonly TableRef[]): [string, string][] {
  return tables.flatMap(({ number, from }) => {
    const reader = TableReader.open(disk, number);
    const found: [string, string][] = [];
    const cursor = reader.cursor(from ?? Buffer.alloc(0));
    for (; cursor.key !== undefined; cursor.next()) found.push([hex(cursor.key), textOf(cursor.value)]);
    reader.close();
    return found;
  });
}

function entryBytes(disk: SimulatedDisk, { number, entries }: TableSummary): number {
  const reader = TableReader.open(disk, number);
  let bytes = 6 * entries;
  const cursor = reader.cursor(Buffer.alloc(0));
  for (; cursor.key !== undefined; cursor.next()) bytes += cursor.key.length + (cursor.value?.length ?? 0);
  reader.close();
  return bytes;
}

test('a flush gives the last operation on every key, in tables that ascend', async () => {
  await fc.assert(
    fc.asyncProperty(commits, ranges, fc.integer({ min: 1, max: 4000 }), async (all, below, maxBytes) => {
      const disk = new SimulatedDisk(1);
      const tables = await flushed(disk, all, { number: 1, maxBytes, below });
      const expected = without(latestOf(all), (its, text) => text === gone && !isBelow(below, its));
      expect(contentsOf(disk, tables)).toEqual([...sorted(expected)]);
      expect(tables.map(({ number }) => number)).toEqual(tables.map((_, index) => 1000 + index));
      for (const table of tables) {
        expect(table.entries === 1 || entryBytes(disk, table) <= maxBytes).toBe(true);
        expect(TableReader.open(disk, table.number).summary).toEqual(table);
      }
    }),
    { numRuns: 100 },
  );
});

test('a flush ends a table where another kind begins, or another queue once it has a sixteenth of what it may have', async () => {
  const numbers = (kind: number, id: number, count: number) =>
    Array.from({ length: count }, (_, n) => ({
      key: Buffer.of(kind, 0, 0, 0, 0, 0, id, n),
      value: Buffer.alloc(86, n),
    }));
  const all = [...numbers(0x20, 1, 9), ...numbers(0x20, 2, 40), ...numbers(0x20, 3, 4), ...numbers(0x21, 1, 12)];
  const disk = new SimulatedDisk(1);
  const tables = await flushed(disk, [all.toReversed()], { number: 1, maxBytes: 16_000 });
  expect(tables.map(({ entries, first }) => [entries, first[0], first[6]])).toEqual([
    [49, 0x20, 1],
    [4, 0x20, 3],
    [12, 0x21, 1],
  ]);
});

test('tombstones count for that as what they hide', async () => {
  const deletions = [1, 2].flatMap((id) =>
    Array.from({ length: 10 }, (_, n) => ({ key: Buffer.of(0x20, 0, 0, 0, 0, 0, id, n) })),
  );
  const below = [{ first: Buffer.of(0x20), last: Buffer.of(0x21) }];
  const tables = await flushed(new SimulatedDisk(1), [deletions], { number: 1, maxBytes: 100_000, below });
  expect(tables.map(({ entries, tombstones }) => [entries, tombstones])).toEqual([
    [10, 10],
    [10, 10],
  ]);
});

/** Of one queue, `[first, last)`; `value` absent: they are deleted. */
function messages(id: number, first: number, last: number, value?: Buffer): WriteOperation[] {
  const key = (n: number) => Buffer.of(0x20, 0, 0, 0, 0, 0, id, n);
  return Array.from({ length: last - first }, (_, n) => ({ key: key(first + n), ...(value && { value }) }));
}

const everyMessage = [{ first: Buffer.of(0x20), last: Buffer.of(0x21) }];
const shapeOf = ({ entries, tombstones, first }: TableSummary) => [first[6], first[7], entries, tombstones];

test('what is deleted at the head of a queue and what comes in at its end are tables apart', async () => {
  const disk = new SimulatedDisk(1);
  const value = Buffer.alloc(1000);
  const all = [1, 2].flatMap((id) => [...messages(id, 0, 20), ...messages(id, 90, 110, value)]);
  const tables = await flushed(disk, [all], { number: 1, maxBytes: 100_000, below: everyMessage });
  expect(tables.map(shapeOf)).toEqual([
    [1, 0, 20, 20],
    [1, 90, 20, 0],
    [2, 0, 20, 20],
    [2, 90, 20, 0],
  ]);
});

test('a merge ends where another queue begins, if that leaves it a fourth of what a table may have; a join does not', async () => {
  const disk = new SimulatedDisk(1);
  const value = Buffer.alloc(1000);
  const all = [...messages(1, 0, 5, value), ...messages(2, 0, 30, value), ...messages(3, 0, 5, value)];
  const older = await flushed(disk, [all], { number: 1, maxBytes: 1e6, below: [] });
  const younger = await flushed(disk, [messages(2, 2, 4)], { number: 2, maxBytes: 1e6, below: everyMessage });
  const job = { below: [], maxBytes: 100_000 };
  const apart = await mergedInSteps(disk, { ...job, inputs: [younger, older], firstTable: 9 });
  expect(apart.map(shapeOf)).toEqual([
    [1, 0, 33, 0],
    [3, 0, 5, 0],
  ]);
  const whole = await mergedInSteps(disk, { ...job, inputs: [older], firstTable: 20 });
  expect(whole.map(shapeOf)).toEqual([[1, 0, 40, 0]]);
});

test('a merge of two runs makes one table, and one of more runs as many as a table may have bytes', async () => {
  const disk = new SimulatedDisk(1);
  const value = Buffer.alloc(1000);
  const ids = Array.from({ length: 8 }, (_, n) => n + 1);
  const inputs: TableSummary[][] = [];
  for (const number of [1, 2, 3]) {
    const all = ids.flatMap((id) => messages(id, 10 * number, 10 * number + 10, value));
    inputs.push(await flushed(disk, [all], { number, maxBytes: 1e6, below: [] }));
  }
  const job = { below: [], maxBytes: 100_000, firstTable: 9 };
  const ofTwo = await merged(disk, { ...job, inputs: inputs.slice(1) });
  expect(ofTwo.tables.map(shapeOf)).toEqual([[1, 20, 40, 0]]);
  expect(ofTwo.upTo).toEqual(Buffer.of(0x20, 0, 0, 0, 0, 0, 3, 20));
  const ofThree = await merged(disk, { ...job, inputs });
  expect(ofThree.tables.map(shapeOf)).toEqual([
    [1, 10, 30, 0],
    [2, 10, 30, 0],
    [3, 10, 30, 0],
    // 98 entries of 1,014 bytes.
    [4, 10, 8, 0],
  ]);
  expect(ofThree.upTo).toEqual(Buffer.of(0x20, 0, 0, 0, 0, 0, 4, 18));
});

const some: readonly WriteOperation[] = Array.from({ length: 20 }, (_, n) => ({
  key: Buffer.from(`key ${n + 10}`),
  value: Buffer.alloc(3000, n),
}));

/** Two to five runs of some tables each, the youngest first, of which the first tables have been merged in part. */
const someRuns = fc
  .record({
    runs: fc.array(fc.record({ all: commits, from: fc.option(key, { nil: undefined }) }), {
      minLength: 2,
      maxLength: 5,
    }),
    tableBytes: fc.integer({ min: 300, max: 20_000 }),
    below: ranges,
    before: fc.option(key, { nil: undefined }),
  })
  .map(({ runs, tableBytes, ...rest }) => ({
    ...rest,
    async write(disk: SimulatedDisk): Promise<TableRef[][]> {
      const inputs: TableRef[][] = [];
      for (const { all, from } of runs) {
        const [first, ...others] = await flushed(disk, all, { number: inputs.length + 1, maxBytes: tableBytes });
        inputs.push(first === undefined ? [] : [{ number: first.number, from }, ...others]);
      }
      return inputs;
    },
  }));

test('a merge gives the youngest entry of every key, and drops tombstones that hide nothing', async () => {
  await fc.assert(
    fc.asyncProperty(someRuns, async ({ write, below, before }) => {
      const disk = new SimulatedDisk(1);
      const inputs = await write(disk);
      const all = new Map(inputs.toReversed().flatMap((tables) => contentsOf(disk, tables)));
      const expected = without(all, (its, text) => {
        return (before !== undefined && its >= hex(before)) || (text === gone && !isBelow(below, its));
      });
      const tables = await mergedInSteps(disk, { inputs, before, below, firstTable: 9, maxBytes: 1e9 });
      expect(contentsOf(disk, tables)).toEqual([...sorted(expected)]);
      // Nothing ends them but that another kind begins.
      const kinds = tables.map(({ first }) => first[0]);
      expect(kinds).toEqual([
        ...new Set([...expected.keys()].sort().map((its) => Number.parseInt(its.slice(0, 2), 16))),
      ]);
    }),
    { numRuns: 100 },
  );
});

test('a merge ends before the key where it is to end, be it the last of a table', async () => {
  const disk = new SimulatedDisk(1);
  const older = await flushed(disk, [some.filter((_, n) => n % 2 === 0)], { number: 1, maxBytes: 1e6 });
  const younger = await flushed(disk, [some.filter((_, n) => n % 2 === 1)], { number: 2, maxBytes: 1e6 });
  for (const [index, { key: before }] of some.entries()) {
    const { tables, upTo } = await merged(disk, {
      inputs: [younger, older],
      before,
      below: [],
      firstTable: 9,
      maxBytes: 1e6,
    });
    const expected = some.slice(0, index).map(({ key: its }) => hex(its));
    expect(contentsOf(disk, tables).map(([its]) => its)).toEqual(expected);
    expect(upTo).toBeUndefined();
  }
});

test('a merge in steps comes to what one step gives', async () => {
  let mostSteps = 0;
  await fc.assert(
    fc.asyncProperty(someRuns, fc.integer({ min: 1, max: 6000 }), async ({ write, below, before }, maxBytes) => {
      const disk = new SimulatedDisk(1);
      const job = { inputs: await write(disk), before, below, firstTable: 9 };
      const whole = await mergedInSteps(disk, { ...job, maxBytes: 1e9 });
      const tables = await mergedInSteps(disk, { ...job, firstTable: 100, maxBytes });
      mostSteps = Math.max(mostSteps, tables.length);
      expect(contentsOf(disk, tables)).toEqual(contentsOf(disk, whole));
      for (const table of tables) expect(table.entries === 1 || entryBytes(disk, table) <= maxBytes).toBe(true);
    }),
    { numRuns: 100 },
  );
  expect(mostSteps).toBeGreaterThan(5);
});

test('a log that is damaged, and a table that is, end the job', async () => {
  const disk = new SimulatedDisk(1);
  const written = await writeLog(disk, 1, [some]);
  const job = { kind: 'flush', firstTable: 1, below: [], forgotten: [], maxBytes: 1e6 } as const;
  const beyond = { ...job, ...written, knownEnd: written.knownEnd + 8 };
  await expect(runJob(disk, beyond)).rejects.toThrow(LogDamaged);
  const { tables } = (await runJob(disk, { ...job, ...written })) as FlushResult;
  const name = tableName(tables[0]?.number ?? 0);
  const file = disk.openForReading(name);
  const bytes = Buffer.alloc(file.size);
  file.read(bytes, 0);
  bytes[40_000] = (bytes[40_000] as number) ^ 1;
  await (await disk.create(name)).append(bytes);
  const merge = { inputs: [tables], below: [], firstTable: 2, maxBytes: 1e6 };
  await expect(merged(disk, merge)).rejects.toThrow(TableDamaged);
});

test('a job that fails to write can be done again under the same numbers', async () => {
  const disk = new SimulatedDisk(1);
  const written = await writeLog(disk, 1, [some]);
  const flush = { kind: 'flush', ...written, firstTable: 1, below: [], forgotten: [], maxBytes: 20_000 } as const;
  for (const operation of ['create', 'append', 'sync'] as const) {
    disk.failNext('ENOSPC', operation);
    await expect(runJob(disk, flush)).rejects.toMatchObject({ code: 'ENOSPC' });
  }
  const { tables } = (await runJob(disk, flush)) as FlushResult;
  const expected = [...sorted(latestOf([some]))];
  expect(contentsOf(disk, tables)).toEqual(expected);
  const merge = { inputs: [tables], below: [], firstTable: 100, maxBytes: 1e6 };
  for (const operation of ['create', 'append', 'sync'] as const) {
    disk.failNext('EIO', operation);
    await expect(merged(disk, merge)).rejects.toMatchObject({ code: 'EIO' });
  }
  const again = await merged(disk, merge);
  expect(contentsOf(disk, again.tables)).toEqual(expected);
});
