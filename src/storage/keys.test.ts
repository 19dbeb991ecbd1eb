import fc from 'fast-check';
import { expect, test } from 'vitest';
import { maxUint48 } from '#std/bytes';
import {
  contentsRanges,
  countersKey,
  deadLetterSourceKey,
  deadLetterSourceRange,
  deduplicationKey,
  deliveryKey,
  entityKey,
  entityRange,
  letterKey,
  letterRange,
  lettersFrom,
  lettersTakenKey,
  messageKey,
  messagesAfter,
  queueKey,
  queueRange,
  readDeadLetterSource,
  readEntityPath,
  readLetterKey,
  readMessageKey,
} from './keys.ts';
import type { KeyRange } from './store.ts';

const id = fc.integer({ min: 1, max: maxUint48 - 1 });
const time = fc.integer({ min: 0, max: maxUint48 - 1 });
const lane = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 254 }));
const inside = (key: Buffer, { from, to }: KeyRange) => Buffer.compare(from, key) <= 0 && Buffer.compare(key, to) < 0;

test('messages are ordered by availability, then sequence, and a range begins behind its position', () => {
  fc.assert(
    fc.property(id, fc.tuple(lane, time, time), fc.tuple(lane, time, time), (contents, a, b) => {
      const at = ([number, availableAt, sequence]: readonly [number, number, number]) => ({
        lane: number,
        availableAt,
        sequence,
      });
      const [left, right] = [messageKey(contents, at(a)), messageKey(contents, at(b))];
      expect(readMessageKey(left)).toEqual(at(a));
      const order = a[1] === b[1] ? a[2] - b[2] : a[1] - b[1];
      if (a[0] === b[0]) expect(Math.sign(Buffer.compare(left, right))).toBe(Math.sign(order));
      expect(inside(right, messagesAfter(contents, at(a)))).toBe(a[0] === b[0] && order < 0);
      expect(inside(right, messagesAfter(contents + 1, at(a)))).toBe(false);
    }),
  );
});

test('the contents of a queue are its own', () => {
  fc.assert(
    fc.property(id, id, lane, time, time, (contents, other, number, availableAt, sequence) => {
      const keys = [
        messageKey(other, { lane: number, availableAt, sequence }),
        deliveryKey(other, sequence),
        deduplicationKey(other, sequence),
        countersKey(other),
      ];
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

test('the sources of a dead-letter queue are found, page by page', () => {
  const path = (name: string) => ({ accountId: '000000000000', region: 'us-east-1', name });
  const key = deadLetterSourceKey(path('dead'), path('orders'));
  expect(readDeadLetterSource(key)).toEqual(path('orders'));
  expect(inside(key, deadLetterSourceRange(path('dead')))).toBe(true);
  expect(inside(key, deadLetterSourceRange(path('dea')))).toBe(false);
  expect(inside(key, deadLetterSourceRange(path('dead-2')))).toBe(false);
  expect(inside(key, deadLetterSourceRange(path('dead'), path('order')))).toBe(true);
  expect(inside(key, deadLetterSourceRange(path('dead'), path('orders')))).toBe(false);
});

test('entities are found by kind and prefix, page by page', () => {
  const key = entityKey('topic', 'a/b');
  expect(readEntityPath('topic', key)).toBe('a/b');
  const found = (kind: string, prefix: string, after?: string) => inside(key, entityRange(kind, prefix, after));
  expect([found('topic', ''), found('topic', 'a/'), found('topi', ''), found('topic', 'b')]).toEqual([
    true,
    true,
    false,
    false,
  ]);
  expect([found('topic', '', 'a/a'), found('topic', '', 'a/b'), found('topic', 'a/', '')]).toEqual([true, false, true]);
});

test('letters are ordered by their ids, those of each destination by themselves', () => {
  const partition = fc.integer({ min: 0, max: 255 });
  fc.assert(
    fc.property(partition, id, partition, id, id, (to, number, other, after, until) => {
      const key = letterKey(to, number);
      expect(readLetterKey(key)).toEqual({ partition: to, id: number });
      expect(inside(key, letterRange(other, after, until))).toBe(to === other && number > after && number <= until);
      expect(inside(key, lettersFrom(other))).toBe(to >= other);
      expect(inside(lettersTakenKey(to), lettersFrom(0))).toBe(false);
    }),
  );
});
