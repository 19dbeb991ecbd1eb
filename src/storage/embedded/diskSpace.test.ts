import { beforeEach, expect, test } from 'vitest';
import { SimulatedDisk } from '../../../test/simulation/simulatedDisk.ts';
import { CommitLog, logName } from './commitLog.ts';
import { DiskSpace } from './diskSpace.ts';
import { frameBytes } from './frames.ts';
import { Memtable } from './memtable.ts';
import type { Growth } from './reserve.ts';
import { Tables } from './tables.ts';

const keptBytes = 8000;
const kept = { keptBytes, ballastPieceBytes: 4000, carriedBytes: 1000, tableBytes: 50_000 };
/** Of a commit. */
const bytes = 100;

let disk: SimulatedDisk;
let space: DiskSpace;
let log: CommitLog;
beforeEach(async () => {
  disk = new SimulatedDisk(1);
  space = new DiskSpace(disk, [], await Tables.open(disk, [], { firstLog: 1, lastLog: 0, runs: [] }), kept);
  log = await space.forNewLog((spare) => CommitLog.create(disk, 1, undefined, spare, 1000));
});

/** The kind that is refused. */
const refused = (kind: Growth) => space.makeRoom(log, bytes, () => kind, undefined);
const kinds = async () => [await refused('more'), await refused('notes'), await refused('none')];
const room = () => log.allocated - log.end;

/** As if so many bytes were in it. */
function holding(liveBytes: number): Memtable {
  const memtable = new Memtable();
  if (liveBytes === 0) return memtable;
  const operations = [{ key: Buffer.from('key'), value: Buffer.alloc(liveBytes) }];
  memtable.layOut(operations, liveBytes + 100, 1, 1);
  memtable.apply(operations.length, () => true);
  return memtable;
}

/** Leaves the log room for a commit and a share of what is kept. */
async function fillDisk(share: number): Promise<void> {
  await log.allocate(bytes + share * keptBytes);
  disk.capacity = disk.bytes;
}

test('what is kept is allocated behind every commit, as long as there is space', async () => {
  expect(await kinds()).toEqual([undefined, undefined, undefined]);
  expect(room()).toBeGreaterThanOrEqual(bytes + keptBytes);
  expect(space.shortage).toBeUndefined();
});

test('on a full disk each kind leaves its share, and all are taken again when there is space', async () => {
  await fillDisk(0.6);
  expect(await kinds()).toEqual(['more', undefined, undefined]);
  expect(space.shortage).toMatchObject({ name: 'CommitFailed', reason: 'no-space' });
  disk.capacity = Number.POSITIVE_INFINITY;
  expect(await kinds()).toEqual([undefined, undefined, undefined]);
  expect(space.shortage).toBeUndefined();
});

test('receives and deletes are given the space of the next log, and flushes keep theirs', async () => {
  // One piece for a flush of what is in the log, two for the next one.
  while (await space.keepBallast(holding(2000)));
  expect((await disk.names()).filter((name) => name.startsWith('ballast'))).toHaveLength(3);
  await fillDisk(0.2);
  expect(await kinds()).toEqual(['more', undefined, undefined]);
  expect(room()).toBeGreaterThanOrEqual(bytes + keptBytes / 2);
  // Messages wait until the ballast is whole.
  disk.capacity += 2 * keptBytes;
  expect(await kinds()).toEqual(['more', undefined, undefined]);
  while (await space.keepBallast(holding(2000)));
  expect(await refused('more')).toBeUndefined();
});

test('the ballast that a flush needs is not given to receives', async () => {
  await space.keepBallast(holding(2000));
  await fillDisk(0.2);
  expect(await kinds()).toEqual(['more', 'notes', undefined]);
  expect((await disk.names()).filter((name) => name.startsWith('ballast'))).toHaveLength(1);
});

test('the spare is the next log, and given up before the ballast is', async () => {
  await space.keepBallast(holding(2000));
  for (const name of ['first', 'second']) {
    await (await disk.create(name)).close();
    space.takeBack(name);
  }
  await space.keepSpares(1);
  expect(await disk.names()).not.toContain('first');
  expect(await space.giveUp()).toBe(true);
  expect((await disk.names()).sort()).toEqual(['ballast-0', logName(1)]);
  await (await disk.create('third')).close();
  space.takeBack('third');
  disk.failNext('EIO', 'remove');
  await expect(space.giveUp()).rejects.toMatchObject({ code: 'EIO' });
  await space.forNewLog((spare) => CommitLog.create(disk, 2, log, spare, 1000));
  expect((await disk.names()).sort()).toEqual(['ballast-0', logName(1), logName(2)]);
  expect([await space.giveUp(), await space.giveUp()]).toEqual([true, false]);
});

test('a log is begun early while something is short: when it has little room, or most of it is of no use', async () => {
  expect(space.wantsNewLog(log, holding(0), bytes)).toBe(false);
  await fillDisk(0.6);
  await refused('more');
  expect(space.wantsNewLog(log, holding(0), bytes)).toBe(false);
  expect(space.wantsNewLog(log, holding(0), room())).toBe(true);
  disk.capacity = Number.POSITIVE_INFINITY;
  const operations = [{ key: Buffer.from('key'), value: Buffer.alloc(2 * keptBytes) }];
  await log.append(new Memtable().layOut(operations, frameBytes(operations), 1, 1));
  await fillDisk(0.6);
  await refused('more');
  expect([1, keptBytes].map((liveBytes) => space.wantsNewLog(log, holding(liveBytes), bytes))).toEqual([true, false]);
});

test('the background has to see to the ballast when a flush may need more of it', async () => {
  expect([0, 900, 1100].map((liveBytes) => space.isWanting(holding(liveBytes)))).toEqual([false, false, true]);
  while (await space.keepBallast(holding(1100)));
  expect(space.isWanting(holding(1100))).toBe(false);
  expect(space.isWanting(holding(9000))).toBe(true);
});
