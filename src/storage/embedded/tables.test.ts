import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { SimulatedDisk } from '../../../test/simulation/simulatedDisk.ts';
import { manifestName, readManifest } from './manifest.ts';
import type { LiveTable, Run } from './runs.ts';
import { TableDamaged, type TableSummary, tableName } from './table.ts';
import { Tables } from './tables.ts';
import { TableWriter } from './tableWriter.ts';

/** Text keys; a tombstone has no text. */
type Entries = readonly (readonly [key: string, value?: string])[];

let disk: SimulatedDisk;
beforeEach(() => {
  disk = new SimulatedDisk(1);
});

async function write(number: number, entries: Entries): Promise<TableSummary> {
  const writer = await TableWriter.create(disk, number);
  for (const [key, value] of entries) {
    const header = Buffer.alloc(6);
    header.writeUInt16BE(key.length);
    header.writeUInt32BE(value?.length ?? 0xffff_ffff, 2);
    const bytes = Buffer.concat([header, Buffer.from(key), Buffer.from(value ?? '')]);
    writer.add(bytes, 0, bytes.length);
  }
  return writer.finish();
}

const live = (summary: TableSummary, from?: string): LiveTable =>
  from === undefined ? { summary } : { summary, from: Buffer.from(from) };

async function openEmpty(): Promise<Tables> {
  return Tables.open(disk, await disk.names(), { firstLog: 1, lastLog: 0, runs: [] });
}

async function reopen(): Promise<Tables> {
  const names = await disk.names();
  const manifest = readManifest(disk, names);
  if (manifest === undefined || typeof manifest === 'string') throw new Error('no manifest');
  return Tables.open(disk, names, manifest);
}

async function change(tables: Tables, runs: readonly Run[], firstLog = 1): Promise<string[]> {
  const logs = { firstLog, lastLog: firstLog + 2 };
  await tables.save(runs, logs);
  return tables.takeOver(runs, logs);
}

const get = (tables: Tables, key: string) => {
  const found = tables.get(Buffer.from(key));
  return found === undefined || found === 'deleted' ? found : found.toString();
};

/** What the cursors give, one line a run. */
function lines(tables: Tables, from: string, to: string): string[] {
  return tables.cursors(Buffer.from(from), Buffer.from(to)).map((cursor) => {
    const entries: string[] = [];
    for (; cursor.key !== undefined; cursor.next()) entries.push(`${cursor.key}=${cursor.value ?? ''}`);
    return entries.join(' ');
  });
}

async function threeRuns(): Promise<Tables> {
  const tables = await openEmpty();
  const youngest = [live(await write(5, [['c', '5'], ['d']]))];
  const middle = [
    live(
      await write(3, [
        ['a', '3'],
        ['b', '3'],
        ['c', '3'],
      ]),
      'b',
    ),
    live(
      await write(4, [
        ['e', '4'],
        ['f', '4'],
      ]),
    ),
  ];
  const oldest = [
    live(
      await write(1, [
        ['a', '1'],
        ['b', '1'],
        ['d', '1'],
      ]),
    ),
    live(
      await write(2, [
        ['x', '2'],
        ['z', '2'],
      ]),
    ),
  ];
  await change(tables, [youngest, middle, oldest], 7);
  return tables;
}

test('the youngest run that has a key says what is there, and nothing below the beginning of a table counts', async () => {
  for (const tables of [await threeRuns(), await reopen()]) {
    expect(['a', 'b', 'c', 'd', 'e', 'x', 'z'].map((key) => get(tables, key))).toEqual([
      ...['1', '3', '5', 'deleted', '4', '2', '2'],
    ]);
    expect(['0', 'aa', 'y', 'zz'].map((key) => get(tables, key))).toEqual([undefined, undefined, undefined, undefined]);
    expect(tables.logs).toEqual({ firstLog: 7, lastLog: 9 });
    expect(tables.runs.map((run) => run.map(({ summary }) => summary.number))).toEqual([[5], [3, 4], [1, 2]]);
  }
});

test('there is a cursor for each run with something in the range', async () => {
  const tables = await threeRuns();
  expect(lines(tables, '', '~')).toEqual(['c=5 d=', 'b=3 c=3 e=4 f=4', 'a=1 b=1 d=1 x=2 z=2']);
  expect(lines(tables, 'b', '~')).toEqual(['c=5 d=', 'b=3 c=3 e=4 f=4', 'b=1 d=1 x=2 z=2']);
  expect(lines(tables, 'dd', 'e0')).toEqual(['e=4 f=4']);
  expect(lines(tables, 'y', '~')).toEqual(['z=2']);
  // A table is not entered that begins behind the range.
  expect(lines(tables, 'a', 'b')).toEqual(['a=1 b=1 d=1']);
  expect(lines(tables, '', 'a')).toEqual([]);
  expect(lines(tables, 'zz', '~')).toEqual([]);
});

test('a key may be there if it lies between the first and the last of a table', async () => {
  const tables = await threeRuns();
  const maybe = ['0', 'a', 'aa', 'd', 'da', 'e', 'ee', 'f', 'g', 'x', 'y', 'z', 'za'].filter((key) =>
    tables.mayHave(Buffer.from(key)),
  );
  expect(maybe).toEqual(['a', 'aa', 'd', 'e', 'ee', 'f', 'x', 'y', 'z']);
});

test.each(['sync', 'read'] as const)(
  'files that nobody needs any more are told, and with the next change those of one that failed in a %s',
  async (operation) => {
    const tables = await threeRuns();
    const [youngest = [], middle = [], oldest = []] = tables.runs;
    const added = [live(await write(6, [['k', '6']])), live(await write(7, [['l', '7']]))];
    disk.failNext('EIO', operation);
    const runs = [added, youngest, middle, oldest];
    await expect(tables.save(runs, { firstLog: 8, lastLog: 8 })).rejects.toMatchObject({ code: 'EIO' });
    tables.abandon(runs);
    expect([get(tables, 'k'), tables.logs.firstLog]).toEqual([undefined, 7]);
    expect((await change(tables, [middle, oldest])).sort()).toEqual([5, 6, 7].map(tableName));
    expect([get(tables, 'c'), get(tables, 'd')]).toEqual(['3', '1']);
    expect(await change(tables, [middle, oldest])).toEqual([]);
  },
);

test('a start removes the tables that the manifest does not name, and takes none of their numbers', async () => {
  await threeRuns();
  await write(12, [['k', '12']]);
  const tables = await reopen();
  expect(await disk.names()).not.toContain(tableName(12));
  expect(await disk.names()).toContain(tableName(5));
  expect(tables.nextNumber).toBe(13);
});

test.each(['sync', 'read'] as const)(
  'a number is taken once a table with it is in a change, that fails in a %s',
  async (operation) => {
    const tables = await threeRuns();
    expect(tables.nextNumber).toBe(6);
    const added = [live(await write(6, [['k', '6']])), live(await write(9, [['l', '9']]))];
    expect(tables.nextNumber).toBe(6);
    disk.failNext('EIO', operation);
    await expect(tables.save([added, ...tables.runs], tables.logs)).rejects.toMatchObject({ code: 'EIO' });
    tables.abandon([added, ...tables.runs]);
    expect(tables.nextNumber).toBe(10);
  },
);

test('a start that meets a table that is missing or damaged removes nothing', async () => {
  await threeRuns();
  await write(12, [['k', '12']]);
  const bytes = Buffer.alloc(100);
  const file = await disk.create(tableName(2));
  await file.append(bytes);
  await expect(reopen()).rejects.toThrow(TableDamaged);
  await disk.remove(tableName(2));
  await expect(reopen()).rejects.toThrow('table-0000000002 is missing');
  expect(await disk.names()).toContain(tableName(12));
  expect(await disk.names()).toContain(manifestName);
});

test('says of any key what its runs do', async () => {
  const letters = fc.uniqueArray(fc.constantFrom(...'abcdefghijkl'), { minLength: 1, maxLength: 12 });
  const run = fc.record({
    letters,
    cuts: fc.array(fc.nat({ max: 12 }), { maxLength: 3 }),
    deleted: fc.string({ unit: fc.constantFrom(...'abcdefghijkl') }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(run, { maxLength: 4 }), fc.constantFrom(...'abcdefghijkl'), async (drawn, from) => {
      disk = new SimulatedDisk(1);
      const tables = await openEmpty();
      const runs: Run[] = [];
      const wanted = new Map<string, string>();
      for (const [age, each] of drawn.entries()) {
        const keys = [...each.letters].sort();
        const tablesOfRun: LiveTable[] = [];
        const ends = [...new Set([...each.cuts.filter((cut) => cut < keys.length), keys.length])].sort((a, b) => a - b);
        for (let at = 0; at < keys.length; at = ends.find((end) => end > at) ?? keys.length) {
          const part = keys.slice(
            at,
            ends.find((end) => end > at),
          );
          const entries = part.map((key): [string, string?] => (each.deleted.includes(key) ? [key] : [key, `${age}`]));
          tablesOfRun.push(live(await write(100 * age + at + 1, entries)));
          for (const [key, value] of entries) if (!wanted.has(key)) wanted.set(key, value ?? 'deleted');
        }
        runs.push(tablesOfRun);
      }
      await change(tables, runs);
      for (const key of 'abcdefghijkl') expect(get(tables, key)).toEqual(wanted.get(key));
      expect(lines(tables, from, '~')).toEqual(
        drawn
          .map(({ letters: keys, deleted }, age) =>
            [...keys]
              .sort()
              .filter((key) => key >= from)
              .map((key) => `${key}=${deleted.includes(key) ? '' : age}`)
              .join(' '),
          )
          .filter((line) => line !== ''),
      );
    }),
    { numRuns: 100 },
  );
});
