import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DigestRing, digestOf } from './digestRing.ts';

const labelOf = (value: number) => Buffer.alloc(16, value % 256);

/** Few different digests, and many that share their first bytes: chains and repetitions. */
const digest = fc
  .tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 5 }))
  .map(([first, last]) => Buffer.concat([Buffer.of(first), Buffer.alloc(14), Buffer.of(last)]));

test('finds the newest of each digest, and forgets the oldest first, like a list', () => {
  fc.assert(
    fc.property(
      fc.nat(2),
      fc.array(fc.oneof(digest, fc.constant('shift' as const)), { maxLength: 200 }),
      (capacity, events) => {
        const ring = new DigestRing(capacity);
        const list: { key: string; value: number }[] = [];
        for (const [index, event] of events.entries()) {
          if (event === 'shift') {
            ring.shift();
            list.shift();
          } else {
            ring.push(event, { value: index, time: index * 10, label: labelOf(index) });
            list.push({ key: event.toString('hex'), value: index });
          }
          expect(ring.size).toBe(list.length);
          const oldest = list[0];
          expect(ring.peek()).toEqual(oldest && { value: oldest.value, time: oldest.value * 10 });
          if (event === 'shift') continue;
          for (const [first, last] of [
            [0, 0],
            [1, 5],
            [event[0] ?? 0, event[15] ?? 0],
          ]) {
            const wanted = Buffer.concat([Buffer.of(first ?? 0), Buffer.alloc(14), Buffer.of(last ?? 0)]);
            const newest = list.findLast(({ key }) => key === wanted.toString('hex'));
            const whole = newest && { value: newest.value, time: newest.value * 10, label: labelOf(newest.value) };
            expect(ring.find(wanted)).toEqual(whole);
            // The times are the numbers' tenfold.
            const isLater = newest !== undefined && newest.value * 10 > 100;
            expect(ring.find(wanted, 100)).toEqual(isLater ? whole : undefined);
          }
        }
      },
    ),
  );
});

test('cleared, it finds nothing and takes entries again', () => {
  const ring = new DigestRing();
  const one = Buffer.alloc(16, 1);
  ring.push(one, { value: 1, time: 1, label: one });
  ring.clear();
  expect(ring.find(one)).toBeUndefined();
  expect(ring.peek()).toBeUndefined();
  ring.push(one, { value: 2, time: 2, label: one });
  expect(ring.find(one)?.value).toBe(2);
});

test('the digest of a text is the first half of its SHA-256', () => {
  const whole = createHash('sha256').update('ein Schlüssel').digest();
  expect(digestOf('ein Schlüssel')).toEqual(whole.subarray(0, 16));
});
