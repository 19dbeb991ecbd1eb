import fc from 'fast-check';
import { expect, test } from 'vitest';
import { maxUint48, readUint48, writeUint48 } from './bytes.ts';
import { formatUuid, randomUuid, randomUuidBytes } from './uuid.ts';

const uint48 = fc.integer({ min: 0, max: maxUint48 });

test('six bytes keep a number and its order', () => {
  fc.assert(
    fc.property(uint48, uint48, (a, b) => {
      const [left, right] = [Buffer.alloc(6), Buffer.alloc(6)];
      expect(writeUint48(left, a, 0)).toBe(6);
      writeUint48(right, b, 0);
      expect(readUint48(left, 0)).toBe(a);
      expect(Math.sign(Buffer.compare(left, right))).toBe(Math.sign(a - b));
    }),
  );
});

test('what does not fit is refused, and nothing is written', () => {
  const target = Buffer.alloc(6);
  expect(() => writeUint48(target, 1, 1)).toThrow(RangeError);
  expect(() => writeUint48(target, -1, 0)).toThrow(RangeError);
  expect(() => readUint48(target, 1)).toThrow(RangeError);
  expect(() => readUint48(target, -1)).toThrow(RangeError);
  expect(target.equals(Buffer.alloc(6))).toBe(true);
});

test('ids are version 4 UUIDs, each another', () => {
  const ids = Array.from({ length: 1000 }, (_, n) => (n % 2 === 0 ? randomUuid() : formatUuid(randomUuidBytes())));
  expect(new Set(ids).size).toBe(1000);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
