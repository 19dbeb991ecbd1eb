import fc from 'fast-check';
import { expect, test } from 'vitest';
import { maxUint48 } from '#std/bytes';
import {
  contentsRanges,
  countersKey,
  deliveryKey,
  messageKey,
  messagesAfter,
  queueKey,
  queueRange,
  readMessageKey,
} from './keys.ts';

const id = fc.integer({ min: 1, max: maxUint48 - 1 });
const time = fc.integer({ min: 0, max: maxUint48 - 1 });
const inside = (key: Buffer, { from, to }: { from: Buffer; to: Buffer }) =>
  Buffer.compare(from, key) <= 0 && Buffer.compare(key, to) < 0;

test('messages are ordered by availability, then sequence, and a range begins behind its position', () => {
  fc.assert(
    fc.property(id, fc.tuple(time, time), fc.tuple(time, time), (contents, a, b) => {
      const [left, right] = [messageKey(contents, ...a), messageKey(contents, ...b)];
      expect(readMessageKey(left)).toEqual({ availableAt: a[0], sequence: a[1] });
      const order = a[0] === b[0] ? a[1] - b[1] : a[0] - b[0];
      expect(Math.sign(Buffer.compare(left, right))).toBe(Math.sign(order));
      expect(inside(right, messagesAfter(contents, ...a))).toBe(order < 0);
      expect(inside(right, messagesAfter(contents + 1, ...a))).toBe(false);
    }),
  );
});

test('the contents of a queue are its own', () => {
  fc.assert(
    fc.property(id, id, time, time, (contents, other, availableAt, sequence) => {
      const keys = [messageKey(other, availableAt, sequence), deliveryKey(other, sequence), countersKey(other)];
      const found = keys.map((key) => contentsRanges(contents).some((range) => inside(key, range)));
      expect(found).toEqual(keys.map(() => contents === other));
    }),
  );
});

test('queues are found by account, region and prefix, page by page', () => {
  const scope = { accountId: '000000000000', region: 'us-east-1', prefix: 'or' };
  const of = (name: string, region = scope.region) =>
    inside(queueKey(scope.accountId, region, name), queueRange(scope));
  expect([of('or'), of('orders'), of('os'), of('o'), of('orders', 'us-east-2')]).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
  const next = queueRange({ ...scope, after: 'orders' });
  const names = ['orders', 'orders-2', 'or'].map((name) => inside(queueKey(scope.accountId, scope.region, name), next));
  expect(names).toEqual([false, true, false]);
});
