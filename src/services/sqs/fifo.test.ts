import fc from 'fast-check';
import { expect, test } from 'vitest';
import { maxUint48 } from '#std/bytes';
import { deduplicationKeyOf, sequenceNumber } from './fifo.ts';

const id = fc.string({
  unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
  minLength: 1,
});
const queueWith = (attributes: Readonly<Record<string, string>>) =>
  ({ record: { attributes } }) as Parameters<typeof deduplicationKeyOf>[2];
const byQueue = queueWith({});
const byGroup = queueWith({ DeduplicationScope: 'messageGroup' });

test('sequence numbers have 20 digits, and their order as texts is that of the numbers', () => {
  fc.assert(
    fc.property(fc.nat(maxUint48 - 1), fc.nat(maxUint48 - 1), (one, other) => {
      expect(sequenceNumber(one)).toMatch(/^\d{20}$/);
      expect(sequenceNumber(one) < sequenceNumber(other)).toBe(one < other);
    }),
  );
});

test('a deduplication key has 16 bytes, and tells apart what the scope tells apart', () => {
  fc.assert(
    fc.property(id, id, id, id, (group, otherGroup, one, other) => {
      const key = (scope: typeof byQueue, ...[g, d]: [string, string]) =>
        deduplicationKeyOf(g, d, scope).toString('hex');
      expect(key(byQueue, group, one)).toMatch(/^[0-9a-f]{32}$/);
      expect(key(byQueue, group, one) === key(byQueue, otherGroup, other)).toBe(one === other);
      const isSamePair = group === otherGroup && one === other;
      expect(key(byGroup, group, one) === key(byGroup, otherGroup, other)).toBe(isSamePair);
    }),
  );
});

test('no two pairs of group and id run together', () => {
  expect(deduplicationKeyOf('a', 'bc', byGroup)).not.toEqual(deduplicationKeyOf('ab', 'c', byGroup));
});
