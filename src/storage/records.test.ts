import fc from 'fast-check';
import { expect, test } from 'vitest';
import { maxUint48 } from '#std/bytes';
import {
  decodeCounters,
  decodeDelivery,
  decodeMessage,
  encodeCounters,
  encodeDelivery,
  encodeMessage,
} from './records.ts';

const uint48 = fc.integer({ min: 0, max: maxUint48 });
const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
const bytes = fc.uint8Array({ maxLength: 200 }).map((each) => Buffer.from(each));

test('a message comes back as it was', () => {
  const message = fc.record({
    messageId: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((id) => Buffer.from(id)),
    sentAt: uint48,
    payload: bytes,
  });
  fc.assert(
    fc.property(message, (each) => {
      expect(decodeMessage(encodeMessage(each))).toEqual(each);
    }),
  );
});

test('a delivery comes back as it was', () => {
  const times = { availableAt: uint48, sentAt: uint48, visibleAt: uint48, firstReceivedAt: uint48, receivedAt: uint48 };
  const delivery = fc.record({ ...times, receiveCount: uint32, attempt: uint32, nonce: uint48 });
  fc.assert(
    fc.property(delivery, (each) => {
      expect(decodeDelivery(encodeDelivery(each))).toEqual(each);
    }),
  );
});

test('counters come back as they were', () => {
  const counters = fc.record({
    nextSequence: uint48,
    total: uint48,
    delayed: fc.array(fc.tuple(uint48, uint32), { maxLength: 20 }),
  });
  fc.assert(
    fc.property(counters, (each) => {
      expect(decodeCounters(encodeCounters(each))).toEqual(each);
    }),
  );
});

test('a record of another version is not taken for one', () => {
  const record = encodeMessage({ messageId: Buffer.alloc(16), sentAt: 1, payload: Buffer.from('x') });
  record[0] = 2;
  expect(() => decodeMessage(record)).toThrow('a message record of version 1');
});
