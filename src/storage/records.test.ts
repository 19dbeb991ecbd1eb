import fc from 'fast-check';
import { expect, test } from 'vitest';
import { maxUint48 } from '#std/bytes';
import { joined, SplitBytes } from '#std/splitBytes';
import {
  decodeCounters,
  decodeDelivery,
  decodeMessage,
  encodeCounters,
  encodeDeduplications,
  encodeDelivery,
  encodeMessage,
  readDeduplications,
} from './records.ts';

const uint48 = fc.integer({ min: 0, max: maxUint48 });
const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
const uint8 = fc.integer({ min: 0, max: 255 });
const text = fc.string({ unit: 'grapheme-ascii', maxLength: 128 });
const bytes = fc.uint8Array({ maxLength: 200 }).map((each) => Buffer.from(each));

test('a message comes back as it was', () => {
  const message = fc.record({
    messageId: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((id) => Buffer.from(id)),
    sentAt: uint48,
    payload: bytes,
    groupId: text,
    origin: text,
    receivedBefore: fc.integer({ min: 0, max: 0xffff }),
  });
  fc.assert(
    fc.property(message, (each) => {
      expect(decodeMessage(joined(encodeMessage(each)))).toEqual(each);
      const payload = new SplitBytes(each.payload.subarray(0, 3), each.payload.subarray(3));
      expect(decodeMessage(joined(encodeMessage({ ...each, payload })))).toEqual(each);
    }),
  );
});

test('what is large of a payload is not copied into the record', () => {
  const whole = Buffer.alloc(100_000, 'x');
  const ids = { messageId: Buffer.alloc(16, 1), sentAt: 1, groupId: '', origin: '', receivedBefore: 0 };
  for (const payload of [whole, new SplitBytes(Buffer.alloc(40), whole)]) {
    const record = encodeMessage({ ...ids, payload });
    expect(record).toMatchObject({ tail: whole });
    expect(decodeMessage(joined(record)).payload).toEqual(Buffer.from(joined(payload)));
  }
});

test('a delivery comes back as it was', () => {
  const times = { availableAt: uint48, sentAt: uint48, visibleAt: uint48, firstReceivedAt: uint48, receivedAt: uint48 };
  const delivery = fc.record({
    ...times,
    receiveCount: uint32,
    attempt: uint32,
    nonce: uint48,
    lane: uint8,
    receivedTogether: uint8,
    groupId: text,
  });
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
    lanes: fc.array(fc.tuple(uint8, uint48), { maxLength: 20 }),
  });
  fc.assert(
    fc.property(counters, (each) => {
      expect(decodeCounters(encodeCounters(each))).toEqual(each);
    }),
  );
});

test('deduplications come back as they were', () => {
  const id = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((each) => Buffer.from(each));
  const deduplication = fc.record({ key: id, messageId: id, sequence: uint48, acceptedAt: uint48 });
  fc.assert(
    fc.property(fc.array(deduplication, { maxLength: 10 }), (each) => {
      const read: object[] = [];
      readDeduplications(encodeDeduplications(each), (key, messageId, sequence, acceptedAt) => {
        read.push({ key, messageId, sequence, acceptedAt });
      });
      expect(read).toEqual(each);
    }),
  );
});

test('the first versions, from before groups and lanes, are read as well', () => {
  const delivery = Buffer.alloc(45, 0);
  delivery.set([1, 0, 0, 0, 0, 0, 7]);
  delivery.writeUInt32BE(3, 31);
  expect(decodeDelivery(delivery)).toMatchObject({ lane: 0, availableAt: 7, receiveCount: 3, groupId: '' });
  const counters = Buffer.alloc(23, 0);
  counters.set([1, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 5]);
  counters.writeUInt32BE(2, 19);
  expect(decodeCounters(counters)).toEqual({ nextSequence: 9, total: 5, delayed: [[0, 2]], lanes: [] });
});

test('a record of another version is not taken for one', () => {
  const message = {
    messageId: Buffer.alloc(16),
    sentAt: 1,
    payload: Buffer.from('x'),
    groupId: '',
    origin: '',
    receivedBefore: 0,
  };
  const record = joined(encodeMessage(message));
  record[0] = 3;
  expect(() => decodeMessage(record)).toThrow('a message record of version 1');
});
