import fc from 'fast-check';
import { expect, test } from 'vitest';
import { joined, SplitBytes } from '#std/splitBytes';
import type { WriteOperation } from '../store.ts';
import {
  frameBytes,
  frameHeaderBytes,
  frameStart,
  readFrameHeader,
  readRecord,
  readWholeFrame,
  sealFrame,
  writeFrame,
} from './frames.ts';

const log = 7;
const salt = 0x5a17_5a17;
const bytesOf = (arbitrary: fc.Arbitrary<Uint8Array>) => arbitrary.map((bytes) => Buffer.from(bytes));
const anyKey = fc.oneof(
  { weight: 9, arbitrary: bytesOf(fc.uint8Array({ minLength: 1, maxLength: 24 })) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 1024 }).map((length) => Buffer.alloc(length, length)) },
);
const anyValue = fc.oneof(
  { weight: 9, arbitrary: bytesOf(fc.uint8Array({ maxLength: 40 })) },
  { weight: 1, arbitrary: fc.nat({ max: 200_000 }).map((length) => Buffer.alloc(length, length)) },
);
const anySplitValue = fc.tuple(anyValue, anyValue).map(([head, tail]) => new SplitBytes(head, tail));
const anyOperation: fc.Arbitrary<WriteOperation> = fc.oneof(
  fc.record({ key: anyKey, value: anyValue }),
  fc.record({ key: anyKey, value: anySplitValue }),
  fc.record({ key: anyKey }),
);
const smallOperations = fc.array(
  fc.record({
    key: bytesOf(fc.uint8Array({ minLength: 1, maxLength: 4 })),
    value: bytesOf(fc.uint8Array({ maxLength: 4 })),
  }),
  { maxLength: 3 },
);

test('a frame gives back what was written, and touches nothing around it', () => {
  const start = fc.nat({ max: 100 });
  const commit = fc.oneof(fc.nat(), fc.constant(2 ** 48 - 1));
  fc.assert(
    fc.property(fc.array(anyOperation, { maxLength: 40 }), start, commit, (operations, start, commit) => {
      const length = frameBytes(operations);
      const into = Buffer.alloc(start + length + 50, 0xee);
      const end = writeFrame(into, start, log, commit, operations);
      expect(end).toBe(start + length);
      expect(length % 8).toBe(0);
      expect(into.subarray(0, start).every((byte) => byte === 0xee)).toBe(true);
      expect(into.subarray(end).every((byte) => byte === 0xee)).toBe(true);
      sealFrame(into.subarray(start, end), salt);
      const header = { log, commit, operations: operations.length, length };
      expect(readWholeFrame(into, start, log, salt)).toEqual(header);
      expect(readFrameHeader(into, start)).toEqual(header);
      let at = start + frameHeaderBytes;
      for (const operation of operations) {
        const record = readRecord(into, at);
        expect(record.key.equals(operation.key)).toBe(true);
        expect(record.value?.toString('hex')).toBe(
          operation.value && Buffer.from(joined(operation.value)).toString('hex'),
        );
        at = record.end;
      }
      expect(end - at).toBeLessThan(8);
    }),
    { numRuns: 300 },
  );
});

test('a frame with any bit changed, cut anywhere, or of another log, is not whole', () => {
  fc.assert(
    fc.property(smallOperations, (operations) => {
      const frame = written(operations);
      for (let bit = 0; bit < 8 * frame.length; bit += 1) {
        flip(frame, bit);
        expect(readWholeFrame(frame, 0, log, salt)).toBeUndefined();
        flip(frame, bit);
      }
      for (let length = 0; length < frame.length; length += 1) {
        expect(readWholeFrame(frame.subarray(0, length), 0, log, salt)).toBeUndefined();
      }
      expect(readWholeFrame(frame, 0, log + 1, salt)).toBeUndefined();
      expect(readWholeFrame(frame, 0, log, salt + 1)).toBeUndefined();
      expect(readWholeFrame(frame, 0, log, salt)).toBeDefined();
    }),
    { numRuns: 30 },
  );
});

test('the bytes of a frame are those of the format', () => {
  const frame = written([{ key: Buffer.from('k1'), value: Buffer.from('abc') }, { key: Buffer.from('k2') }]);
  expect(frame.toString('hex').match(/.{1,16}/g)).toEqual([
    '5048636600000007', // 'PHcf', log 7
    '0000000000050000', // commit 5
    '0002000000130000', // 2 operations, 19 bytes
    '7c246839269a6b19', // the checksum of the body, the seal
    '0002000000036b31', // a key of 2 bytes, a value of 3: 'k1'
    '6162630002ffffff', // 'abc'; a key of 2 bytes, deleted
    'ff6b320000000000', // 'k2', padding
  ]);
});

test('what begins like a frame is none, whatever length it claims', () => {
  const bytes = Buffer.alloc(100, 0xff);
  frameStart(log).copy(bytes);
  sealFrame(bytes, salt);
  expect(readWholeFrame(bytes, 0, log, salt)).toBeUndefined();
});

test('a frame that does not fit, and a record that leaves its frame, are refused', () => {
  const operations = [{ key: Buffer.from('key'), value: Buffer.alloc(20) }];
  for (let length = 0; length < frameBytes(operations); length += 1) {
    expect(() => writeFrame(Buffer.alloc(length), 0, log, 1, operations)).toThrow();
  }
  const frame = written(operations);
  for (let length = 0; length < frameHeaderBytes + 6 + 23; length += 1) {
    expect(() => readRecord(frame.subarray(0, length), frameHeaderBytes)).toThrow();
  }
});

function written(operations: readonly WriteOperation[]): Buffer {
  const frame = Buffer.alloc(frameBytes(operations), 0xee);
  writeFrame(frame, 0, log, 5, operations);
  sealFrame(frame, salt);
  return frame;
}

function flip(bytes: Buffer, bit: number): void {
  bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
}
