import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareKeys, compareRanges } from './entryBytes.ts';
import { type EntryCursor, mergeCursors } from './mergeCursors.ts';

/** Uses its memory again with every step, as cursors are allowed to. */
function cursorOf(source: ReadonlyMap<string, string | undefined>): EntryCursor {
  const entries = [...source].sort(([a], [b]) => (a < b ? -1 : 1));
  const memory = Buffer.alloc(100);
  let at = 0;
  const enter = () => memory.fill(entries[at]?.[0] ?? '?', 0, 50).fill(entries[at]?.[1] || '?', 50);
  enter();
  return {
    get key() {
      return at < entries.length ? memory.subarray(0, entries[at]?.[0].length) : undefined;
    },
    get value() {
      return entries[at]?.[1] === undefined ? undefined : memory.subarray(50, 50 + (entries[at]?.[1]?.length ?? 0));
    },
    next() {
      at += 1;
      enter();
    },
  };
}

const source = fc
  .array(
    fc.tuple(
      fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 4 }),
      fc.option(fc.string({ unit: 'grapheme-ascii', maxLength: 5 })),
    ),
  )
  .map((pairs) => new Map(pairs.map(([key, value]) => [key, value ?? undefined] as const)));

test('gives every key once, in order, from the first source that has it', () => {
  fc.assert(
    fc.property(fc.array(source, { maxLength: 6 }), (sources) => {
      const model = new Map(sources.toReversed().flatMap((each) => [...each]));
      const merged = mergeCursors(sources.map(cursorOf));
      const found: (readonly [string, string | undefined])[] = [];
      for (; merged.key !== undefined; merged.next()) found.push([String(merged.key), merged.value?.toString()]);
      expect(found).toEqual([...model].sort(([a], [b]) => (a < b ? -1 : 1)));
      merged.next();
      expect([merged.key, merged.value]).toEqual([undefined, undefined]);
    }),
    { numRuns: 500 },
  );
});

test('keys are compared as Buffer compares them, also where they lie in others', () => {
  const key = fc.uint8Array({ maxLength: 12 });
  fc.assert(
    fc.property(key, key, key, fc.nat({ max: 3 }), (a, b, shared, before) => {
      const [left, right] = [Buffer.concat([shared, a]), Buffer.concat([shared, b])];
      expect(Math.sign(compareKeys(left, right))).toBe(Buffer.compare(left, right));
      const inside = Buffer.concat([Buffer.alloc(before, 7), right, Buffer.alloc(3, 7)]);
      const order = compareRanges(left, 0, left.length, inside, before, before + right.length);
      expect(Math.sign(order)).toBe(Buffer.compare(left, right));
    }),
  );
});
