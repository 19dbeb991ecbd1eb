import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { joined } from '#std/splitBytes';
import type { WriteOperation } from '../store.ts';
import { frameBytes, frameHeaderBytes } from './frames.ts';
import { Memtable } from './memtable.ts';

const key = fc
  .array(fc.constantFrom(0, 1, 0x61, 0x7f, 0x80, 0xff), { minLength: 1, maxLength: 3 })
  .map((bytes) => Buffer.from(bytes));
const value = fc.oneof(
  { weight: 8, arbitrary: fc.uint8Array({ maxLength: 40 }) },
  // More than the memory that is taken at first.
  { weight: 1, arbitrary: fc.nat({ max: 150_000 }).map((length) => Buffer.alloc(length, length)) },
);
const operation = fc.oneof(
  { weight: 2, arbitrary: fc.record({ key, value }) },
  { weight: 1, arbitrary: fc.record({ key }) },
) satisfies fc.Arbitrary<WriteOperation>;
const commit = fc.record({
  operations: fc.array(operation, { minLength: 1, maxLength: 8 }),
  how: fc.constantFrom('applied', 'applied', 'failed', 'adopted'),
});
const below = fc.array(key, { maxLength: 10 });

type Model = Map<string, Buffer | 'deleted'>;

/** One character per byte, so that the order of such texts is the bytewise order of the keys. */
const keyText = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');
const keyOf = (text: string) => Buffer.from(text, 'latin1');

/** Says the same of two values only if they are equal, as far as a checksum can tell. */
const lineOf = (content: Buffer | 'deleted' | undefined) =>
  content instanceof Buffer ? `${content.length} ${crc32(content)}` : content;

function applyTo(model: Model, operations: readonly WriteOperation[], lies: (text: string) => boolean): void {
  for (const { key: its, value: content } of operations) {
    const text = keyText(its);
    if (content !== undefined) model.set(text, Buffer.from(joined(content)));
    else if (lies(text)) model.set(text, 'deleted');
    else model.delete(text);
  }
}

function check(memtable: Memtable, model: Model): void {
  const sorted = [...model].sort(([a], [b]) => (a < b ? -1 : 1));
  const found: unknown[] = [];
  for (const cursor = memtable.cursor(Buffer.alloc(0)); cursor.key !== undefined; cursor.next()) {
    found.push([keyText(cursor.key), lineOf(cursor.value ?? 'deleted')]);
  }
  expect(found).toEqual(sorted.map(([text, content]) => [text, lineOf(content)]));
  expect(memtable.isEmpty).toBe(sorted.length === 0);
  const bytes = sorted.map(([text, content]) => 6 + text.length + (content === 'deleted' ? 0 : content.length));
  expect(memtable.liveBytes).toBe(bytes.reduce((sum, each) => sum + each, 0));
  for (const [text, content] of sorted) {
    expect(lineOf(memtable.get(keyOf(text)))).toBe(lineOf(content));
    expect(memtable.has(keyOf(text))).toBe(true);
  }
  expect([memtable.get(keyOf('absent')), memtable.has(keyOf('absent'))]).toEqual([undefined, false]);
}

test('holds what a map would, and of a commit that failed nothing', () => {
  fc.assert(
    fc.property(fc.array(commit, { maxLength: 12 }), below, (commits, keysBelow) => {
      const memtable = new Memtable();
      const model: Model = new Map();
      const texts = new Set(keysBelow.map(keyText));
      let applied = 0;
      commits.forEach(({ operations, how }, index) => {
        const lies = (text: string) => how === 'adopted' || texts.has(text);
        const bytes = frameBytes(operations);
        if (how === 'adopted') {
          const frame = Buffer.from(new Memtable().layOut(operations, bytes, 1, index));
          memtable.adopt(frame, frameHeaderBytes, operations.length);
        } else {
          expect(memtable.layOut(operations, bytes, 1, index).length).toBe(bytes);
          if (how === 'applied') memtable.apply(operations.length, (its) => lies(keyText(its)));
        }
        if (how === 'failed') return;
        applied += operations.length;
        applyTo(model, operations, lies);
      });
      expect(memtable.operations).toBe(applied);
      check(memtable, model);
    }),
    { numRuns: 300 },
  );
});

test('a cursor begins at the first key that is not below', () => {
  const memtable = new Memtable();
  const operations = ['a', 'b', 'ba', 'c'].map((text) => ({ key: Buffer.from(text), value: Buffer.from(text) }));
  memtable.layOut(operations, frameBytes(operations), 1, 1);
  memtable.apply(operations.length, () => false);
  const firstFrom = (text: string) => memtable.cursor(Buffer.from(text)).key?.toString();
  expect(['', 'a', 'aa', 'b', 'b\0', 'ba', 'bb', 'c', 'c\0'].map(firstFrom)).toEqual([
    ...['a', 'a', 'b', 'b', 'ba', 'ba', 'c', 'c', undefined],
  ]);
});

test('what was written by a caller may be changed by him afterwards', () => {
  const memtable = new Memtable();
  const operations = [{ key: Buffer.from('key'), value: Buffer.from('value') }];
  memtable.layOut(operations, frameBytes(operations), 1, 1);
  memtable.apply(operations.length, () => false);
  operations[0]?.value.fill(0);
  operations[0]?.key.fill(0);
  expect(memtable.get(keyOf('key'))).toEqual(Buffer.from('value'));
});
