import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { required } from '#std/assert';
import { SimulatedDisk } from '../../../test/simulation/simulatedDisk.ts';
import type { WriteOperation } from '../store.ts';
import {
  allocationBytes,
  CommitLog,
  LogDamaged,
  type LogEnd,
  logHeaderBytes,
  logName,
  logNumberOf,
  type ReplayedFrame,
  type ReplayedLog,
  replayLog,
  secureLog,
} from './commitLog.ts';
import type { Disk } from './disk.ts';
import { frameBytes, readRecord, writeFrame } from './frames.ts';

test('a log gives back its commits in order, and what it was told of the log before', async () => {
  const disk = new SimulatedDisk(1);
  const log = await CommitLog.create(disk, 8, { number: 5, end: 2 ** 47 });
  expect(log).toMatchObject({ number: 8, end: logHeaderBytes, allocated: allocationBytes, isBroken: false });
  await log.append(frame(8, 40, [put('a', '1'), put('b', ''), { key: Buffer.from('c') }]));
  await log.append(frame(8, 42, []));
  await log.append(frame(8, 43, [put('d', 'x'.repeat(100))]));
  await log.close();
  const { commits, log: replayed } = replay(disk, logName(8));
  expect(commits).toEqual([
    [40, ['a=1', 'b=', 'c deleted']],
    [42, []],
    [43, [`d=${'x'.repeat(100)}`]],
  ]);
  const lastFrame = log.end - frameBytes([put('d', 'x'.repeat(100))]);
  expect(replayed).toMatchObject({
    number: 8,
    previous: { number: 5, end: 2 ** 47 },
    lastFrame,
    end: log.end,
    commits: 3,
  });
});

test('a replayed frame says where it lies', async () => {
  const disk = new SimulatedDisk(1);
  const log = await CommitLog.create(disk, 1, undefined);
  const ends: number[] = [];
  const frames = [frame(1, 1, [put('a', '1')]), frame(1, 2, [put('b', '2'), put('c', '3')])];
  for (const each of frames) {
    await log.append(each);
    ends.push(log.end);
  }
  const seen: { bytes: Buffer; end: number }[] = [];
  const replayed = replayLog(disk, logName(1), ({ bytes, end }) => seen.push({ bytes, end }));
  expect(seen).toEqual(frames.map((bytes, index) => ({ bytes, end: ends[index] })));
  expect(replayed?.previous).toBeUndefined();
});

test('space is allocated a mebibyte at a time, before it is used', async () => {
  const disk = new SimulatedDisk(2);
  const log = await CommitLog.create(disk, 1, undefined);
  expect(disk.bytes).toBe(allocationBytes);
  await log.allocate(allocationBytes - logHeaderBytes);
  expect(log.allocated).toBe(allocationBytes);
  await log.allocate(allocationBytes - logHeaderBytes + 1);
  expect(log.allocated).toBe(2 * allocationBytes);
  const large = [put('large', 'x'.repeat(5 * allocationBytes))];
  await log.append(frame(1, 1, large));
  expect(log.allocated).toBe(6 * allocationBytes);
  expect(disk.bytes).toBe(log.allocated);
  expect(replay(disk, logName(1)).log).toMatchObject({ commits: 1, end: logHeaderBytes + frameBytes(large) });
  expect((await CommitLog.create(disk, 2, log, logName(1))).allocated).toBe(6 * allocationBytes);
});

test('a full disk keeps a log from growing, and does not break it', async () => {
  const disk = new SimulatedDisk(3);
  const log = await CommitLog.create(disk, 1, undefined);
  await log.append(frame(1, 1, [put('a', '1')]));
  const { end } = log;
  disk.capacity = 2.5 * allocationBytes;
  const large = [put('b', 'x'.repeat(3 * allocationBytes))];
  await expect(log.append(frame(1, 2, large))).rejects.toMatchObject({ code: 'ENOSPC' });
  await expect(log.allocate(2 * allocationBytes)).rejects.toMatchObject({ code: 'ENOSPC' });
  expect(log).toMatchObject({ end, isBroken: false, allocated: 2 * allocationBytes });
  await log.append(frame(1, 2, [put('c', '2')]));
  disk.capacity = Number.POSITIVE_INFINITY;
  await log.append(frame(1, 3, large));
  expect(replay(disk, logName(1)).commits.map(([commit]) => commit)).toEqual([1, 2, 3]);
});

test('a frame that could not be written breaks the log, and the next log keeps it from coming to life', async () => {
  // Depending on the seed, nothing, a part or all of the frame is there.
  const left = new Set<number>();
  for (let seed = 1; seed <= 200; seed += 1) {
    const disk = new SimulatedDisk(seed);
    const broken = await CommitLog.create(disk, 1, undefined);
    await broken.append(frame(1, 1, [put('kept', '1')]));
    disk.failNext('EIO', 'write');
    const refused = frame(1, 2, [put('', '')]);
    await expect(broken.append(refused)).rejects.toMatchObject({ code: 'EIO' });
    expect(broken.isBroken).toBe(true);
    await expect(broken.append(frame(1, 3, []))).rejects.toThrow('a broken log takes no frames');
    await CommitLog.create(disk, 2, broken);
    const previous = required(replay(disk, logName(2)).log?.previous, 'the log before');
    expect(previous).toEqual({ number: 1, end: broken.end });
    expect(replay(disk, logName(1), previous.end).commits).toEqual([[1, ['kept=1']]]);
    left.add(replay(disk, logName(1)).commits.length);
  }
  expect([...left].sort()).toEqual([1, 2]);
});

test('a log takes only frames that are its own, in order, and one at a time', async () => {
  const log = await CommitLog.create(new SimulatedDisk(4), 2, undefined);
  await expect(log.append(frame(1, 1, []))).rejects.toThrow('a frame is appended whole, to the log it was written for');
  await expect(log.append(frame(2, 1, [put('a', '1')]).subarray(0, 32))).rejects.toThrow('a frame is appended whole');
  const first = log.append(frame(2, 5, []));
  await expect(log.append(frame(2, 6, []))).rejects.toThrow('one write to a log at a time');
  await expect(log.allocate(1)).rejects.toThrow('one write to a log at a time');
  await first;
  await expect(log.append(frame(2, 5, []))).rejects.toThrow('commit numbers ascend');
  await log.append(frame(2, 7, []));
  await expect(CommitLog.create(new SimulatedDisk(4), 2, { number: 2, end: 512 })).rejects.toThrow(
    'log numbers ascend',
  );
});

test('what a recycled file held is never replayed', async () => {
  const contents = fc.array(fc.array(fc.nat({ max: 3 }), { maxLength: 3 }), { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(contents, contents, fc.boolean(), async (before, after, isSame) => {
      const disk = new SimulatedDisk(5);
      const wanted = isSame ? before.slice(0, -1) : after;
      const old = await filled(disk, 3, undefined, before);
      const log = await filled(disk, 4, old, wanted, logName(3));
      expect(await disk.names()).toEqual([logName(4)]);
      expect(log.allocated).toBe(allocationBytes);
      const replayed = replay(disk, logName(4));
      expect(replayed.commits).toEqual(wanted.map((sizes, index) => [index + 1, linesOf(operationsOf(sizes))]));
      expect(replayed.log?.end).toBe(log.end);
    }),
    { numRuns: 100 },
  );
});

test('a message that holds a frame of a log to come is no commit of that log', async () => {
  const disk = new SimulatedDisk(6);
  const short = [put('k1', '')];
  const forged = frame(2, 1000, [put('stolen', 'yes')]);
  // The value begins where the recycled log's first frame ends: behind two headers and a key of two bytes.
  expect(frameBytes(short)).toBe(40);
  await (await CommitLog.create(disk, 1, undefined)).append(frame(1, 1, [{ key: Buffer.from('k1'), value: forged }]));
  const log = await CommitLog.create(disk, 2, undefined, logName(1));
  await log.append(frame(2, 1, short));
  expect(contentsOf(disk, logName(2)).indexOf(forged)).toBe(log.end);
  expect(replay(disk, logName(2)).commits).toEqual([[1, ['k1=']]]);
  // The same when it was interrupted between the renaming and the header, which is still that of the log before.
  const interrupted = new SimulatedDisk(6);
  const victim = await CommitLog.create(interrupted, 1, undefined);
  await victim.append(frame(1, 1, [{ key: Buffer.from('k1'), value: forged }]));
  await interrupted.rename(logName(1), logName(2));
  expect(replay(interrupted, logName(2)).log).toBeUndefined();
});

test('while the next log can not be made, the one before goes on or is broken, and loses nothing', async () => {
  const outcomes = new Set<string>();
  for (const operation of ['rename', 'openLog', 'write', 'syncDirectory'] as const) {
    for (let seed = 1; seed <= 20; seed += 1) {
      const disk = new SimulatedDisk(seed);
      await filled(disk, 1, undefined, [[1]]);
      const previous = await filled(disk, 2, undefined, [[1]]);
      disk.failNext('EIO', operation);
      await expect(CommitLog.create(disk, 3, previous, logName(1))).rejects.toMatchObject({ code: 'EIO' });
      if (!previous.isBroken) await previous.append(frame(2, 2, []));
      const found = disk.afterKill();
      const newest = (await found.names()).includes(logName(3)) ? replay(found, logName(3)).log : undefined;
      const { commits } = replay(found, logName(2), newest?.previous?.end);
      expect(commits.map(([commit]) => commit)).toEqual(previous.isBroken ? [1] : [1, 2]);
      outcomes.add(`${operation}: ${previous.isBroken ? 'broken' : 'goes on'}, ${newest ? 'made' : 'not made'}`);
    }
  }
  expect([...outcomes].sort()).toEqual([
    'openLog: goes on, not made',
    'rename: goes on, not made',
    'syncDirectory: goes on, not made',
    'write: broken, made',
    'write: broken, not made',
  ]);
});

test('an attempt to make a log may be repeated', async () => {
  for (const operation of ['rename', 'openLog', 'write', 'syncDirectory'] as const) {
    for (const recycled of [logName(1), undefined]) {
      const disk = new SimulatedDisk(7);
      const previous = await filled(disk, 1, undefined, [[1]]);
      if (operation === 'rename' && recycled === undefined) continue;
      disk.failNext('EIO', operation);
      await expect(CommitLog.create(disk, 2, previous, recycled)).rejects.toMatchObject({ code: 'EIO' });
      const log = await CommitLog.create(disk, 2, previous, recycled);
      expect(previous.isBroken).toBe(true);
      await log.append(frame(2, 1, []));
      const { number, end } = previous;
      expect(replay(disk, logName(2))).toMatchObject({ commits: [[1, []]], log: { previous: { number, end } } });
    }
  }
});

test('a log that was interrupted while it was made is nothing yet', async () => {
  const { bytes } = await image([[1], [2]]);
  for (let length = 0; length < 28; length += 1) {
    for (const size of [length, logHeaderBytes, 4096]) {
      const begun = Buffer.alloc(size);
      bytes.copy(begun, 0, 0, length);
      const disk = await diskWith(begun);
      expect(replay(disk, imageName).log).toBeUndefined();
      expect(() => replay(disk, imageName, logHeaderBytes)).toThrow(LogDamaged);
    }
  }
  const renamed = new SimulatedDisk(8);
  const { end } = await filled(renamed, 3, undefined, [[1], [2]]);
  await renamed.rename(logName(3), imageName);
  expect(replay(renamed, imageName).log).toBeUndefined();
  expect(() => replay(renamed, imageName, end)).toThrow('is damaged at byte 0: its header is not whole');
});

test('a log of a later format is refused', async () => {
  const { bytes } = await image([]);
  bytes[5] = 2;
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 28)), 28);
  const disk = await diskWith(bytes);
  expect(() => replay(disk, imageName)).toThrow('its format is 2, where 1 is known');
});

test('of a log that was cut, the newest gives the commits before, and any other is damaged', async () => {
  const { bytes, end, ends } = await image([[3], [], [1, 2]]);
  for (let length = 0; length < bytes.length; length += 1) {
    const disk = await diskWith(bytes.subarray(0, length));
    const whole = ends.filter((each) => each <= length).length;
    const replayed = replay(disk, imageName);
    expect(replayed.log?.commits).toBe(length < logHeaderBytes ? undefined : whole);
    expect(replayed.commits).toEqual(imageCommits([[3], [], [1, 2]]).slice(0, whole));
    if (length < end) expect(() => replay(disk, imageName, end)).toThrow(LogDamaged);
  }
});

test('any changed bit is damage, or ends the newest log before its last commit', async () => {
  const contents = [[3], [], [1, 2]];
  const { bytes, end, ends } = await image(contents);
  const lastFrame = required(ends.at(-2), 'the end of the last frame but one');
  for (let bit = 0; bit < 8 * (end + 16); bit += 1) {
    const at = bit >> 3;
    const disk = await diskWith(flipped(bytes, bit));
    const matters = at < 32 || (at >= logHeaderBytes && at < end);
    if (!matters) expect(replay(disk, imageName).commits).toEqual(imageCommits(contents));
    else if (at >= lastFrame) expect(replay(disk, imageName).commits).toEqual(imageCommits(contents).slice(0, -1));
    else expect(() => replay(disk, imageName)).toThrow(LogDamaged);
    if (matters) expect(() => replay(disk, imageName, end)).toThrow(LogDamaged);
    else expect(replay(disk, imageName, end).commits).toEqual(imageCommits(contents));
  }
});

test('a known end ends a log where it says, between two commits', async () => {
  const contents = [[3], [], [1, 2]];
  const { bytes, end, ends } = await image(contents);
  const disk = await diskWith(bytes);
  for (let knownEnd = 0; knownEnd <= bytes.length + 8; knownEnd += 1) {
    const commits = [logHeaderBytes, ...ends].indexOf(knownEnd);
    if (commits === -1) expect(() => replay(disk, imageName, knownEnd)).toThrow(LogDamaged);
    else expect(replay(disk, imageName, knownEnd).commits).toEqual(imageCommits(contents).slice(0, commits));
  }
  const inSecond = required(ends[0], 'the end of the first frame') + 8;
  expect(() => replay(disk, imageName, inSecond)).toThrow(`is damaged at byte ${ends[0]}: commits follow`);
  // What follows may be in any state.
  const torn = await diskWith(flipped(bytes, 8 * (ends[0] ?? 0)));
  expect(() => replay(torn, imageName)).toThrow(`is damaged at byte ${ends[0]}: commits follow`);
  expect(replay(torn, imageName, ends[0]).commits).toEqual(imageCommits(contents).slice(0, 1));
  expect(() => replay(torn, imageName, end)).toThrow(`commits follow, up to ${end}`);
});

test('a log whose commits are not in order is damaged', async () => {
  const { bytes, ends } = await image([[1], [1], [2]]);
  const [first = 0, second = 0] = ends;
  const swapped = Buffer.concat([
    bytes.subarray(0, logHeaderBytes),
    bytes.subarray(first, second),
    bytes.subarray(logHeaderBytes, first),
  ]);
  const disk = await diskWith(swapped);
  expect(() => replay(disk, imageName)).toThrow(`is damaged at byte ${first}`);
  expect(() => replay(disk, imageName, second)).toThrow(`is damaged at byte ${first}`);
});

test('after a power cut every acknowledged commit is replayed, and of the others the one under way at most', async () => {
  const outcomes = { torn: 0, replayed: 0, interrupted: 0 };
  for (let seed = 1; seed <= 300; seed += 1) {
    const disk = new SimulatedDisk(seed);
    const old = await filled(disk, 1, undefined, [[0], [9000], [1, 2]]);
    disk.cutAt(1 + (seed % 12));
    const acknowledged: number[] = [];
    await Promise.race([disk.stopped, fill(disk, 2, old, logName(1), acknowledged)]);
    const cut = disk.afterPowerCut();
    const name = (await cut.names()).includes(logName(2)) ? logName(2) : logName(1);
    const { log, commits } = replay(cut, name);
    if (name === logName(1) || log === undefined) {
      outcomes.interrupted += 1;
      expect(acknowledged).toEqual([]);
      continue;
    }
    const more = commits.length - acknowledged.length;
    expect(commits.map(([commit]) => commit)).toEqual(
      [...acknowledged, acknowledged.length + 1].slice(0, commits.length),
    );
    expect(more === 0 || more === 1).toBe(true);
    outcomes.replayed += more;
    outcomes.torn += cut.tornWrites;
  }
  expect(Math.min(...Object.values(outcomes))).toBeGreaterThan(5);
});

test('what a killed process left is durable once the log has been secured', async () => {
  const lost = { secured: 0, unsecured: 0 };
  for (let seed = 1; seed <= 600; seed += 1) {
    const isSecured = seed > 300;
    const disk = new SimulatedDisk(seed);
    disk.cutAt(1 + (seed % 10));
    await Promise.race([disk.stopped, fill(disk, 1, undefined, undefined, [])]);
    const found = disk.afterKill();
    if (!(await found.names()).includes(logName(1))) continue;
    const { log } = replay(found, logName(1));
    if (log === undefined) continue;
    if (isSecured) await secureLog(found, log);
    const cut = found.afterPowerCut();
    const isThere = (await cut.names()).includes(logName(1));
    const left = isThere ? replay(cut, logName(1)).log : undefined;
    if (left?.end !== log.end) lost[isSecured ? 'secured' : 'unsecured'] += 1;
  }
  expect(lost.secured).toBe(0);
  expect(lost.unsecured).toBeGreaterThan(5);
});

test('a log has ten digits in its name', () => {
  expect(logName(1)).toBe('log-0000000001');
  expect(logNumberOf(logName(2 ** 32 - 1))).toBe(2 ** 32 - 1);
  for (const name of ['log-1', 'log-00000000012', 'log-9999999999', 'log-000000000x', 'table-0000000001', 'manifest']) {
    expect(logNumberOf(name)).toBeUndefined();
  }
});

function put(key: string, value: string): WriteOperation {
  return { key: Buffer.from(key), value: Buffer.from(value) };
}

function frame(log: number, commit: number, operations: readonly WriteOperation[]): Buffer {
  const bytes = Buffer.alloc(frameBytes(operations));
  writeFrame(bytes, 0, log, commit, operations);
  return bytes;
}

/** Operations with values of these sizes, the same for the same sizes. */
function operationsOf(sizes: readonly number[]): WriteOperation[] {
  return sizes.map((size, index) => put(`k${index}`, 'v'.repeat(size)));
}

function linesOf(operations: readonly WriteOperation[]): string[] {
  return operations.map(({ key, value }) => `${key}${value === undefined ? ' deleted' : `=${value}`}`);
}

/** A log with a commit for each list of sizes. */
async function filled(
  disk: Disk,
  number: number,
  previous: LogEnd | undefined,
  contents: readonly (readonly number[])[],
  recycled?: string,
): Promise<CommitLog> {
  const log = await CommitLog.create(disk, number, previous, recycled);
  let commit = 1;
  for (const sizes of contents) await log.append(frame(number, commit++, operationsOf(sizes)));
  return log;
}

/** The same with a dozen commits, telling of each that is acknowledged. */
async function fill(
  disk: Disk,
  number: number,
  previous: LogEnd | undefined,
  recycled: string | undefined,
  acknowledged: number[],
): Promise<void> {
  const log = await CommitLog.create(disk, number, previous, recycled);
  for (let commit = 1; commit <= 12; commit += 1) {
    await log.append(frame(number, commit, operationsOf([10, 700 * (commit % 4)])));
    acknowledged.push(commit);
  }
}

function replay(
  disk: Disk,
  name: string,
  knownEnd?: number,
): { log: ReplayedLog | undefined; commits: [number, string[]][] } {
  const commits: [number, string[]][] = [];
  const visit = ({ commit, bytes, firstRecordAt, operations }: ReplayedFrame) => {
    const records: WriteOperation[] = [];
    for (let at = firstRecordAt; records.length < operations; ) {
      const { key, value, end } = readRecord(bytes, at);
      records.push(value === undefined ? { key } : { key, value });
      at = end;
    }
    commits.push([commit, linesOf(records)]);
  };
  const log = replayLog(disk, name, visit, knownEnd);
  return { log, commits };
}

const imageName = logName(9);

/** The bytes of log 9, with a few of those behind its end. */
async function image(
  contents: readonly (readonly number[])[],
): Promise<{ bytes: Buffer; end: number; ends: readonly number[] }> {
  const disk = new SimulatedDisk(1);
  const { end } = await filled(disk, 9, undefined, contents);
  const ends: number[] = [];
  replayLog(disk, imageName, (each) => ends.push(each.end));
  return { bytes: contentsOf(disk, imageName).subarray(0, end + 64), end, ends };
}

function imageCommits(contents: readonly (readonly number[])[]): [number, string[]][] {
  return contents.map((sizes, index) => [index + 1, linesOf(operationsOf(sizes))]);
}

function contentsOf(disk: Disk, name: string): Buffer {
  const file = disk.openForReading(name);
  const bytes = Buffer.alloc(file.size);
  file.read(bytes, 0);
  file.close();
  return bytes;
}

/** A disk with these bytes as log 9. */
async function diskWith(bytes: Buffer): Promise<SimulatedDisk> {
  const disk = new SimulatedDisk(1);
  await (await disk.create(imageName)).append(bytes);
  return disk;
}

function flipped(bytes: Buffer, bit: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
  return copy;
}
