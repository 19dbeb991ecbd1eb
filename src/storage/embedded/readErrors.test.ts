/** A disk that does not give back what it holds: nothing wrong is said, nothing is lost, and what can go on goes on. */
import { expect, test } from 'vitest';
import { SimulatedDisk } from '../../../test/simulation/simulatedDisk.ts';
import { everything } from '../../../test/simulation/storeModel.ts';
import { logName, logNumberOf } from './commitLog.ts';
import { type Job, runJob } from './jobs.ts';
import { LogStore } from './logStore.ts';
import { manifestName, readManifest } from './manifest.ts';
import { explain } from './open.ts';
import { tableName } from './table.ts';
import { TableReader } from './tableReader.ts';

const limits = { logBytes: 4096, allocatedAtOnce: 4096, carriedBytes: 0, tableBytes: 2048, ballastPieceBytes: 0 };

function open(disk: SimulatedDisk, run = (job: Job) => runJob(disk, job), keptBytes = 0): Promise<LogStore> {
  return LogStore.open(disk, { ...limits, keptBytes, runJob: run });
}

/** Of one queue's message: keys of different ones don't come into the same table. */
const key = (queue: string, n = 0) => Buffer.from(`${queue.repeat(7)}${n}`);
const value = (version: number) => Buffer.alloc(300, version);

/** Ten entries under `a`, which lie in other tables than ten under `b`. */
async function putAll(store: LogStore, version: number): Promise<void> {
  for (let n = 0; n < 10; n += 1) {
    await store.commit(['a', 'b'].map((prefix) => ({ key: key(prefix, n), value: value(version) })));
  }
}

function tablesOf(disk: SimulatedDisk, prefix: string): string[][] {
  const manifest = readManifest(disk, [manifestName]);
  if (manifest === undefined || typeof manifest === 'string') throw new Error('there is a manifest');
  const isOf = (number: number) => {
    const reader = TableReader.open(disk, number);
    reader.close();
    return reader.summary.first.toString().startsWith(prefix);
  };
  const runs = manifest.runs.map((run) => run.map(({ table }) => table).filter(isOf));
  return runs.filter((run) => run.length > 0).map((run) => run.map(tableName));
}

async function logsOf(disk: SimulatedDisk): Promise<number[]> {
  return (await disk.names()).flatMap((name) => logNumberOf(name) ?? []);
}

/** With tables, logs that are in none, and files that the next start removes. */
async function leftByAKill(): Promise<SimulatedDisk> {
  const disk = new SimulatedDisk(1);
  const store = await open(disk);
  await putAll(store, 1);
  await store.settled();
  await store.close();
  await putAll(await open(disk, () => Promise.reject(new Error('no job'))), 2);
  for (const name of [tableName(999_999), logName(1)]) await (await disk.create(name)).close();
  return disk.afterKill();
}

test.each(['names', 'open', 'read'] as const)(
  'an opening that fails in any %s says so, changes nothing and leaves no file open',
  async (operation) => {
    const disk = await leftByAKill();
    const before = disk.contents();
    expect((await logsOf(disk)).length).toBeGreaterThan(2);
    let failures = 0;
    for (;;) {
      disk.failNext('EIO', operation, 1, failures);
      const opened = await open(disk).catch((error: unknown) => explain(error, '/data'));
      if (opened instanceof LogStore) {
        disk.heal();
        await opened.close();
        break;
      }
      expect([opened.reason, opened.message]).toEqual([
        'io',
        expect.stringMatching(/^The store in \/data can not be opened\. .*EIO/),
      ]);
      expect([disk.contents(), disk.openFiles]).toEqual([before, 0]);
      failures += 1;
    }
    expect(failures).toBeGreaterThanOrEqual(operation === 'names' ? 1 : 5);
    expect(disk.contents().has(tableName(999_999))).toBe(false);
  },
);

test('a table that can not be read stops neither flushes nor other merges, and is merged when it can', async () => {
  const disk = new SimulatedDisk(2);
  const store = await open(disk);
  await putAll(store, 1);
  await store.settled();
  const unreadable = tablesOf(disk, 'a').flat();
  for (const name of unreadable) disk.failReadsOf(name);
  for (let version = 2; version <= 5; version += 1) await putAll(store, version);
  for (let times = 0; times < 4; times += 1) await store.settled();
  await expect(store.scan({ ...everything, to: key('b') })).rejects.toMatchObject({ code: 'EIO' });
  expect(await store.get(key('a', 3))).toEqual(value(5));
  expect(await store.scan({ ...everything, from: key('b') })).toHaveLength(10);
  expect((await logsOf(disk)).length).toBeLessThanOrEqual(3);
  disk.heal();
  expect(unreadable.length).toBeGreaterThan(0);
  expect(await disk.names()).toEqual(expect.arrayContaining(unreadable));
  expect(tablesOf(disk, 'b')).toHaveLength(1);
  for (let times = 0; times < 4; times += 1) await store.settled();
  expect((await disk.names()).filter((name) => unreadable.includes(name))).toEqual([]);
  expect((await store.scan(everything)).map((entry) => entry.value)).toEqual(
    Array.from({ length: 20 }, () => value(5)),
  );
  await store.close();
});

test('work that fails is told of once, until all has gone well again', async () => {
  const disk = new SimulatedDisk(3);
  const told: string[] = [];
  const runOn = (job: Job) => runJob(disk, job);
  const onBackgroundFailure = (error: Error) => told.push(error.message);
  const store = await LogStore.open(disk, { ...limits, keptBytes: 0, runJob: runOn, onBackgroundFailure });
  for (const times of [1, 2]) {
    await putAll(store, 1);
    await store.settled();
    expect(told).toHaveLength(times - 1);
    for (const name of tablesOf(disk, 'a').flat()) disk.failReadsOf(name);
    for (const version of [2, 3]) {
      await putAll(store, version);
      await store.settled();
    }
    expect(told).toHaveLength(times);
    expect(told.at(-1)).toContain('EIO');
    disk.heal();
    await store.settled();
  }
  await store.close();
});

test('a full log that can not be read is answered from memory; in the end commits wait for it', async () => {
  const disk = new SimulatedDisk(3);
  const store = await open(disk);
  await store.settled();
  for (const name of await disk.names()) if (logNumberOf(name) !== undefined) disk.failReadsOf(name);
  let version = 0;
  let refusal: unknown;
  while (refusal === undefined && version < 100) {
    version += 1;
    refusal = await putAll(store, version).catch((error: unknown) => error);
  }
  expect(refusal).toMatchObject({ name: 'CommitFailed', reason: 'io' });
  expect(await store.scan(everything)).toHaveLength(20);
  disk.heal();
  await putAll(store, version);
  await store.settled();
  expect((await store.scan(everything)).map((entry) => entry.value)).toEqual(
    Array.from({ length: 20 }, () => value(version)),
  );
  await store.close();
});

test('what can not be read may be deleted from a store that is full', async () => {
  const disk = new SimulatedDisk(4);
  const store = await open(disk, (job) => runJob(disk, job), 4096);
  await putAll(store, 1);
  await store.settled();
  disk.capacity = disk.bytes;
  let refusal: unknown;
  for (let n = 0; refusal === undefined && n < 100; n += 1) {
    refusal = await store.commit([{ key: key('c', n), value: value(2) }]).catch((error: unknown) => error);
  }
  expect(refusal).toMatchObject({ name: 'CommitFailed', reason: 'no-space' });
  const tables = [...disk.contents().keys()].filter((name) => name.startsWith('table'));
  expect(tables.length).toBeGreaterThan(0);
  for (const name of tables) disk.failReadsOf(name);
  await expect(store.get(key('b', 5))).rejects.toMatchObject({ code: 'EIO' });
  await store.commit([{ key: key('b', 5) }]);
  expect(store.shortage).toBeDefined();
  expect(await store.get(key('b', 5))).toBeUndefined();
  await store.close();
});
