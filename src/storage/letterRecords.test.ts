import fc from 'fast-check';
import { expect, test } from 'vitest';
import { maxUint48 } from '#std/bytes';
import { joined } from '#std/splitBytes';
import { decodeLetter, encodeLetter } from './letterRecords.ts';

const uint48 = fc.integer({ min: 0, max: maxUint48 });
const text = fc.string({ unit: 'grapheme-ascii', maxLength: 128 });
const bytes = (minLength: number, maxLength = minLength) =>
  fc.uint8Array({ minLength, maxLength }).map((each) => Buffer.from(each));
const path = fc.record({ accountId: text, region: text, name: text });
const facts = {
  messageId: bytes(16),
  delayMs: uint48,
  groupId: text,
  deduplicationKey: bytes(16),
  sentAt: uint48,
  origin: text,
  receivedBefore: fc.integer({ min: 0, max: 0xffff }),
};
const requiredKeys = ['messageId'] as const;

test('a letter comes back as it was', () => {
  const back = fc.record({ path, queueId: uint48, message: fc.record(facts, { requiredKeys: [...requiredKeys] }) });
  const message = fc.record({ ...facts, payload: bytes(0, 200) }, { requiredKeys: [...requiredKeys, 'payload'] });
  const letter = fc.record({ path, queueId: uint48, message, back }, { requiredKeys: ['path', 'queueId', 'message'] });
  fc.assert(
    fc.property(letter, (each) => {
      expect(decodeLetter(joined(encodeLetter(each)))).toEqual(each);
    }),
  );
});

test('a record of another version is refused', () => {
  expect(() => decodeLetter(Buffer.of(2, 0, 0, 0, 0))).toThrow('letter record');
});
