import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SimulatedDisk } from '../../../test/simulation/simulatedDisk.ts';
import type { Entry } from '../store.ts';
import { compareKeys } from './entryBytes.ts';
import type { EntryCursor } from './mergeCursors.ts';
import { decodeFooter, encodeFooter, TableDamaged, type TableSummary, tableName, tableNumberOf } from './table.ts';
import { TableReader } from './tableReader.ts';
import { TableWriter } from './tableWriter.ts';

/** A tombstone has no value. */
type TableEntry = Pick<Entry, 'key'> & Partial<Entry>;

const key = fc.oneof(
  { weight: 8, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 20 }) },
  { weight: 1, arbitrary: fc.uint8Array({ minLength: 1000, maxLength: 1024 }) },
);
const value = fc.oneof(
  { weight: 2, arbitrary: fc.constant(undefined) },
  { weight: 4, arbitrary: fc.uint8Array({ maxLength: 300 }) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 90_000 }).map((length) => Buffer.alloc(length, String(length))) },
);
const entries = fc
  .uniqueArray(fc.tuple(key, value), { minLength: 1, maxLength: 60, selector: ([bytes]) => hex(bytes) })
  .map((pairs) =>
    pairs.map(([bytes, its]): TableEntry => (its === undefined ? { key: bytes } : { key: bytes, value: its })),
  )
  .map((all) => all.sort((a, b) => compareKeys(a.key, b.key)));

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
/** Says the same of two entries only if they are equal, as far as a checksum can tell. */
const lineOf = ({ key: its, value: content }: TableEntry) =>
  `${hex(its)} ${content === undefined ? 'gone' : `${content.length} ${crc32(content)}`}`;

function encoded({ key: its, value: content }: TableEntry): Buffer {
  const header = Buffer.alloc(6);
  header.writeUInt16BE(its.length);
  header.writeUInt32BE(content?.length ?? 0xffff_ffff, 2);
  return Buffer.concat([header, its, content ?? Buffer.alloc(0)]);
}

async function write(disk: SimulatedDisk, number: number, all: readonly TableEntry[]): Promise<TableSummary> {
  const writer = await TableWriter.create(disk, number);
  for (const entry of all) {
    const bytes = encoded(entry);
    writer.add(bytes, 0, bytes.length);
    if (writer.isPieceFull) await writer.writePiece();
  }
  return writer.finish();
}

function linesFrom(cursor: EntryCursor): string[] {
  const lines: string[] = [];
  for (; cursor.key !== undefined; cursor.next()) {
    const { key: its, value: content } = cursor;
    lines.push(lineOf(content === undefined ? { key: its } : { key: its, value: content }));
  }
  return lines;
}

function lookUp(reader: TableReader, its: Uint8Array): string | undefined {
  const found = reader.get(its);
  return found && lineOf(found === 'deleted' ? { key: its } : { key: its, value: found });
}

function contentsOf(disk: SimulatedDisk, number: number): string[] {
  const reader = TableReader.open(disk, number);
  try {
    return linesFrom(reader.cursor(Buffer.alloc(0)));
  } finally {
    reader.close();
  }
}

function bytesOf(disk: SimulatedDisk, number: number): Buffer {
  const file = disk.openForReading(tableName(number));
  const bytes = Buffer.alloc(file.size);
  file.read(bytes, 0);
  file.close();
  return bytes;
}

async function put(disk: SimulatedDisk, number: number, bytes: Uint8Array): Promise<void> {
  const file = await disk.create(tableName(number));
  await file.append(bytes);
  await file.close();
}

test('every entry is found again, from wherever one looks', async () => {
  await fc.assert(
    fc.asyncProperty(entries, fc.array(key, { maxLength: 10 }), async (all, others) => {
      const disk = new SimulatedDisk(1);
      const summary = await write(disk, 3, all);
      const reader = TableReader.open(disk, 3);
      expect(reader.summary).toEqual(summary);
      expect(summary).toEqual({
        number: 3,
        bytes: bytesOf(disk, 3).length,
        entries: all.length,
        tombstones: all.filter((entry) => entry.value === undefined).length,
        first: Buffer.from(all[0]?.key ?? []),
        last: Buffer.from(all.at(-1)?.key ?? []),
      });
      for (const place of [new Uint8Array(0), ...others, ...all.map((entry) => entry.key)]) {
        const expected = all.filter((entry) => compareKeys(entry.key, place) >= 0).map(lineOf);
        expect(linesFrom(reader.cursor(place))).toEqual(expected);
        const known = all.find((entry) => compareKeys(entry.key, place) === 0);
        expect(lookUp(reader, place)).toEqual(known && lineOf(known));
      }
      reader.close();
    }),
    { numRuns: 60 },
  );
});

test('a table of some mebibytes is read by blocks, and large entries have blocks of their own', async () => {
  const all = Array.from({ length: 6000 }, (_, n): TableEntry => {
    const name = Buffer.from(String(n).padStart(8, '0'));
    return n % 7 === 0 ? { key: name } : { key: name, value: Buffer.alloc(n % 1500 === 0 ? 2_500_000 : n % 997, n) };
  });
  const disk = new SimulatedDisk(1);
  await write(disk, 1, all);
  const reader = TableReader.open(disk, 1);
  expect(linesFrom(reader.cursor(Buffer.alloc(0)))).toEqual(all.map(lineOf));
  for (const n of [0, 1, 1499, 1500, 1501, 3000, 5999]) {
    const entry = all[n] as TableEntry;
    expect(lookUp(reader, entry.key)).toBe(lineOf(entry));
    expect(linesFrom(reader.cursor(entry.key)).length).toBe(6000 - n);
  }
  reader.close();
});

test('what get gives is a copy', async () => {
  const disk = new SimulatedDisk(1);
  await write(disk, 1, [{ key: Buffer.from('a'), value: Buffer.from('first') }]);
  const reader = TableReader.open(disk, 1);
  (reader.get(Buffer.from('a')) as Buffer).fill('x');
  expect(String(reader.get(Buffer.from('a')))).toBe('first');
  reader.close();
});

test('more tables than may be open at once are read side by side', async () => {
  const disk = new SimulatedDisk(1);
  const numbers = Array.from({ length: 600 }, (_, n) => n + 1);
  for (const n of numbers) await write(disk, n, [{ key: Buffer.from('a'), value: Buffer.from(String(n)) }]);
  const readers = numbers.map((n) => TableReader.open(disk, n));
  for (const order of [readers, readers.toReversed()]) {
    expect(order.map((reader) => Number(reader.get(Buffer.from('a'))))).toEqual(
      order.map(({ summary }) => summary.number),
    );
  }
  for (const reader of readers) reader.close();
});

const three: readonly TableEntry[] = [
  { key: Buffer.from('a'), value: Buffer.from('first') },
  { key: Buffer.from('b') },
  { key: Buffer.from('cc'), value: Buffer.alloc(40, 'third') },
];

test('every flipped bit of a small table is found', async () => {
  const disk = new SimulatedDisk(1);
  await write(disk, 1, three);
  const whole = bytesOf(disk, 1);
  expect(contentsOf(disk, 1)).toEqual(three.map(lineOf));
  for (let bit = 0; bit < whole.length * 8; bit += 1) {
    const damaged = Buffer.from(whole);
    damaged[bit >>> 3] = (damaged[bit >>> 3] as number) ^ (1 << (bit & 7));
    await put(disk, 1, damaged);
    expect(() => contentsOf(disk, 1), `bit ${bit}`).toThrow(TableDamaged);
  }
});

test('a table that is too short or too long is found', async () => {
  const disk = new SimulatedDisk(1);
  await write(disk, 1, three);
  const whole = bytesOf(disk, 1);
  for (let length = 0; length < whole.length; length += 1) {
    await put(disk, 1, whole.subarray(0, length));
    expect(() => contentsOf(disk, 1), `${length} bytes`).toThrow(TableDamaged);
    await put(disk, 1, whole.subarray(whole.length - length));
    expect(() => contentsOf(disk, 1), `the last ${length} bytes`).toThrow(TableDamaged);
  }
  await put(disk, 1, Buffer.concat([whole, Buffer.of(0)]));
  expect(() => contentsOf(disk, 1)).toThrow(TableDamaged);
  await put(disk, 1, Buffer.concat([Buffer.alloc(8), whole]));
  expect(() => contentsOf(disk, 1)).toThrow(TableDamaged);
});

test('damage anywhere is found when its block is read, and what lies before it is right', async () => {
  const all = Array.from({ length: 400 }, (_, n) => ({
    key: Buffer.from(`k${1000 + n}`),
    value: Buffer.alloc(700, n),
  }));
  const disk = new SimulatedDisk(1);
  await write(disk, 1, all);
  const whole = bytesOf(disk, 1);
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: whole.length - 1 }), fc.integer({ min: 1, max: 255 }), async (at, change) => {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] as number) ^ change;
      await put(disk, 1, damaged);
      const lines: string[] = [];
      expect(() => {
        const reader = TableReader.open(disk, 1);
        const cursor = reader.cursor(Buffer.alloc(0));
        for (; cursor.key !== undefined; cursor.next()) {
          lines.push(lineOf({ key: cursor.key, value: cursor.value ?? Buffer.alloc(0) }));
        }
      }).toThrow(TableDamaged);
      expect(lines).toEqual(all.slice(0, lines.length).map(lineOf));
    }),
    { numRuns: 200 },
  );
});

test('another table in its place is found, whole as it is', async () => {
  const disk = new SimulatedDisk(1);
  await write(disk, 1, three);
  await write(disk, 2, three);
  const [one, two] = [bytesOf(disk, 1), bytesOf(disk, 2)];
  await put(disk, 1, two);
  expect(() => contentsOf(disk, 1)).toThrow(`${tableName(1)}: it holds ${tableName(2)}.`);
  // Its footer and index, over the blocks of the other: all entries are the same, and yet not these.
  const indexOffset = one.readUIntBE(one.length - 48, 6);
  await put(disk, 1, Buffer.concat([two.subarray(0, indexOffset), one.subarray(indexOffset)]));
  expect(() => contentsOf(disk, 1)).toThrow(`${tableName(1)}: the checksum of a block is wrong.`);
});

test('a format that is not known yet is refused by its number', async () => {
  const footer = encodeFooter({
    number: 7,
    indexOffset: 2 ** 40,
    indexBytes: 30,
    indexChecksum: 0xffff_ffff,
    entries: 2 ** 41,
    tombstones: 5,
    putBytes: 2 ** 47,
  });
  expect(encodeFooter(decodeFooter(footer, 7))).toEqual(footer);
  expect(() => decodeFooter(footer, 8)).toThrow(TableDamaged);
});

test('keys that do not ascend, and parts of entries, are not written', async () => {
  const disk = new SimulatedDisk(1);
  const writer = await TableWriter.create(disk, 1);
  const [a, b] = [encoded({ key: Buffer.from('a') }), encoded({ key: Buffer.from('b'), value: Buffer.from('x') })];
  writer.add(b, 0, b.length);
  expect(() => writer.add(a, 0, a.length)).toThrow('ascend');
  expect(() => writer.add(b, 0, b.length)).toThrow('ascend');
  expect(() => writer.add(b, 0, b.length - 1)).toThrow('whole entries');
  await writer.abandon();
  await expect((await TableWriter.create(disk, 2)).finish()).rejects.toThrow('has entries');
});

test('names tell numbers', () => {
  expect(tableName(42)).toBe('table-0000000042');
  expect(tableNumberOf(tableName(42))).toBe(42);
  expect(['table-42', 'table-00000000042', 'log-0000000042', 'xtable-0000000042'].map(tableNumberOf)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});
