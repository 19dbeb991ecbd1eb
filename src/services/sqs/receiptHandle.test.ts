import fc from 'fast-check';
import { expect, test } from 'vitest';
import { maxUint48 } from '#std/bytes';
import { ReceiptHandles } from './receiptHandle.ts';

const handles = new ReceiptHandles(Buffer.alloc(32, 7));
const uint48 = fc.integer({ min: 0, max: maxUint48 });
const receipt = fc.record({
  lane: fc.integer({ min: 0, max: 254 }),
  availableAt: uint48,
  sequence: uint48,
  attempt: fc.integer({ min: 0, max: 0xffff_ffff }),
  nonce: uint48,
});

test('a handle gives back what it was made of', () => {
  fc.assert(
    fc.property(uint48, receipt, (queueId, fields) => {
      expect(handles.decode(queueId, handles.encode(queueId, fields))).toEqual(fields);
    }),
  );
});

test('nobody can make one up: any changed bit, another queue and another server are refused', () => {
  fc.assert(
    fc.property(uint48, receipt, fc.nat(45 * 8 - 1), (queueId, fields, bit) => {
      const handle = handles.encode(queueId, fields);
      const bytes = Buffer.from(handle, 'base64');
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const refused = expect.objectContaining({ code: 'ReceiptHandleIsInvalid' });
      expect(() => handles.decode(queueId, bytes.toString('base64'))).toThrow(refused);
      expect(() => handles.decode(queueId + 1, handle)).toThrow(refused);
      expect(() => new ReceiptHandles(Buffer.alloc(32, 8)).decode(queueId, handle)).toThrow(refused);
    }),
  );
});

test('text that is no handle is refused', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1, maxLength: 80 }).filter((text) => text.trim() !== ''),
      (text) => {
        expect(() => handles.decode(1, text)).toThrow(expect.objectContaining({ code: 'ReceiptHandleIsInvalid' }));
      },
    ),
  );
});

test('a handle from before there were lanes is of the first lane', () => {
  // Laid out and signed by hand, with the secret above: queue 5, position (1700000000000, 77), attempt 3, nonce 9.
  const old = 'AQAAAAAABQGLz+VoAAAAAAAATQAAAAMAAAAAAAn6B74jnmkSIPkyJwZv4/57';
  expect(handles.decode(5, old)).toEqual({
    lane: 0,
    availableAt: 1_700_000_000_000,
    sequence: 77,
    attempt: 3,
    nonce: 9,
  });
});
