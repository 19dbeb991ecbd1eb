import { expect, test } from 'vitest';
import { SimulatedDisk } from '../../../test/simulation/simulatedDisk.ts';
import { BlockCache } from './blockCache.ts';
import type { Disk } from './disk.ts';
import { TableReader } from './tableReader.ts';
import { TableWriter } from './tableWriter.ts';

const entries = 200;
const keyOf = (n: number) => Buffer.from(String(n).padStart(4, '0'));

/** Of values of a kibibyte, and one that has a block of its own. */
async function writeTable(disk: Disk, number: number): Promise<void> {
  const writer = await TableWriter.create(disk, number);
  for (let n = 0; n < entries; n += 1) {
    const value = Buffer.alloc(n === 100 ? 100_000 : 1024, n + number);
    const bytes = Buffer.alloc(10 + value.length);
    bytes.writeUInt16BE(4);
    bytes.writeUInt32BE(value.length, 2);
    keyOf(n).copy(bytes, 6);
    value.copy(bytes, 10);
    writer.add(bytes, 0, bytes.length);
  }
  await writer.finish();
}

async function tables(cache: BlockCache) {
  const disk = new SimulatedDisk(1);
  const reads: string[] = [];
  let failure: Error | undefined;
  const watched: Disk = Object.assign(Object.create(disk) as Disk, {
    openForReading: (name: string) => {
      const file = disk.openForReading(name);
      const read = (into: Uint8Array, position: number) => {
        if (failure !== undefined) throw failure;
        reads.push(name);
        return file.read(into, position);
      };
      return { size: file.size, read, close: () => file.close() };
    },
  });
  await writeTable(disk, 1);
  await writeTable(disk, 2);
  const readers = [1, 2].map((number) => TableReader.open(watched, number, cache));
  reads.splice(0);
  /** How many reads it takes to find a value, which has to be the right one. */
  const readsFor = (table: number, n: number): number => {
    const value = readers[table - 1]?.get(keyOf(n)) as Buffer;
    expect([value.length, value[0], value.at(-1)]).toEqual(
      [n === 100 ? 100_000 : 1024, n + table, n + table].map(byte),
    );
    return reads.splice(0).length;
  };
  const fail = (error: Error | undefined) => {
    failure = error;
  };
  return { readsFor, fail };
}

const byte = (value: number, index: number) => (index === 0 ? value : value % 256);

test('messages that lie side by side cost one read for each block', async () => {
  const { readsFor } = await tables(new BlockCache());
  let reads = 0;
  for (let n = 0; n < 100; n += 1) reads += readsFor(1, n);
  expect(reads).toBe(4);
  for (let n = 99; n >= 0; n -= 1) reads += readsFor(1, n) + readsFor(2, n);
  expect(reads).toBe(8);
});

test('what has a block of its own is read each time, and pushes nothing out', async () => {
  const { readsFor } = await tables(new BlockCache(1));
  expect([readsFor(1, 0), readsFor(1, 100), readsFor(1, 100), readsFor(1, 1)]).toEqual([1, 1, 1, 0]);
});

test('the block whose use is longest ago makes room for another', async () => {
  const { readsFor } = await tables(new BlockCache(2));
  expect([readsFor(1, 0), readsFor(2, 0), readsFor(1, 1), readsFor(1, 60)]).toEqual([1, 1, 0, 1]);
  expect([readsFor(1, 2), readsFor(2, 2), readsFor(1, 61)]).toEqual([0, 1, 1]);
});

test('a block that could not be read is not kept, nor what it took the place of', async () => {
  const { readsFor, fail } = await tables(new BlockCache(1));
  expect(readsFor(1, 0)).toBe(1);
  fail(new Error('EIO'));
  expect(readsFor(1, 1)).toBe(0);
  expect(() => readsFor(2, 0)).toThrow('EIO');
  fail(undefined);
  expect([readsFor(1, 0), readsFor(2, 0), readsFor(2, 1)]).toEqual([1, 1, 0]);
});
