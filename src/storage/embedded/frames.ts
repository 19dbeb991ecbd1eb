/**
 * A frame: the bytes of one commit, as they lie in a commit log. Numbers are big-endian.
 *
 *     header, 32 bytes    0 'PHcf' | 4 log number u32 | 8 commit number u48 | 14 count of operations u32
 *                        18 length of the body u32 | 22 zeros u16 | 24 crc32 of body and padding u32 | 28 seal u32
 *     body               for each operation: key length u16 | value length u32, 0xffffffff for a deletion | key | value
 *     padding            zeros, until the length is a multiple of 8
 *
 * The seal is the crc32 of the 28 bytes before it, begun with the salt of the log: a random number that no client can know.
 * A log's file is used again with the messages of its former life still in it, and a message may hold any bytes, those of
 * a frame with the number of a log to come among them. Without the salt such a message, right behind the last frame, would
 * be replayed as a commit.
 */
import { crc32 } from 'node:zlib';
import { assert } from '#std/assert';
import { readUint48, writeUint48 } from '#std/bytes';
import { writeBytes } from '#std/splitBytes';
import type { WriteOperation } from '../store.ts';

export const frameHeaderBytes = 32;

const magic = 0x5048_6366;
const alignment = 8;
const recordHeaderBytes = 6;
/** In place of a value's length. */
const deletion = 0xffff_ffff;

/** Where things are in the header. */
const at = { log: 4, commit: 8, operations: 14, bodyLength: 18, zeros: 22, bodyCrc: 24, seal: 28 } as const;

export interface FrameHeader {
  readonly log: number;
  readonly commit: number;
  readonly operations: number;
  /** Of the frame, with header and padding. */
  readonly length: number;
}

/** The length of the frame that holds these operations. */
export function frameBytes(operations: readonly WriteOperation[]): number {
  let bytes = frameHeaderBytes;
  for (const { key, value } of operations) {
    bytes += recordHeaderBytes + key.length + (value === undefined ? 0 : value.length);
  }
  return padded(bytes);
}

/** Writes the frame at `start` and gives its end. It has no seal yet: that is the log's (`sealFrame`). */
export function writeFrame(
  into: Buffer,
  start: number,
  logNumber: number,
  commitNumber: number,
  operations: readonly WriteOperation[],
): number {
  const bodyStart = start + frameHeaderBytes;
  let bodyEnd = bodyStart;
  for (const operation of operations) bodyEnd = writeRecord(into, bodyEnd, operation);
  const end = start + padded(bodyEnd - start);
  assert(end <= into.length, 'a frame fits into the bytes that were made for it');
  into.fill(0, bodyEnd, end);
  into.writeUInt32BE(magic, start);
  into.writeUInt32BE(logNumber, start + at.log);
  writeUint48(into, commitNumber, start + at.commit);
  into.writeUInt32BE(operations.length, start + at.operations);
  into.writeUInt32BE(bodyEnd - bodyStart, start + at.bodyLength);
  into.writeUInt16BE(0, start + at.zeros);
  into.writeUInt32BE(crc32(into.subarray(bodyStart, end)), start + at.bodyCrc);
  into.writeUInt32BE(0, start + at.seal);
  return end;
}

/** Makes a written frame one of the log that has this salt. */
export function sealFrame(frame: Buffer, salt: number): void {
  frame.writeUInt32BE(sealOf(frame, 0, salt), at.seal);
}

/** What a frame that `writeFrame` wrote says of itself, sealed or not. */
export function readFrameHeader(bytes: Buffer, start: number): FrameHeader {
  return {
    log: bytes.readUInt32BE(start + at.log),
    commit: readUint48(bytes, start + at.commit),
    operations: bytes.readUInt32BE(start + at.operations),
    length: padded(frameHeaderBytes + bytes.readUInt32BE(start + at.bodyLength)),
  };
}

/** What the frames of a log begin with. */
export function frameStart(logNumber: number): Buffer {
  const start = Buffer.alloc(8);
  start.writeUInt32BE(magic);
  start.writeUInt32BE(logNumber, at.log);
  return start;
}

/**
 * The frame of that log that begins there, if all of it is there and as it was written. The seal is checked before the body
 * is, so that what only looks like a frame costs next to nothing.
 */
export function readWholeFrame(bytes: Buffer, start: number, logNumber: number, salt: number): FrameHeader | undefined {
  if (start + frameHeaderBytes > bytes.length || bytes.readUInt32BE(start) !== magic) return undefined;
  const header = readFrameHeader(bytes, start);
  if (header.log !== logNumber || start + header.length > bytes.length) return undefined;
  if (bytes.readUInt32BE(start + at.seal) !== sealOf(bytes, start, salt)) return undefined;
  const body = bytes.subarray(start + frameHeaderBytes, start + header.length);
  return bytes.readUInt32BE(start + at.bodyCrc) === crc32(body) ? header : undefined;
}

/** The record at an offset, as views. */
export function readRecord(bytes: Buffer, recordAt: number): { key: Buffer; value: Buffer | undefined; end: number } {
  const keyLength = bytes.readUInt16BE(recordAt);
  const valueLength = bytes.readUInt32BE(recordAt + 2);
  const keyAt = recordAt + recordHeaderBytes;
  const keyEnd = keyAt + keyLength;
  const end = valueLength === deletion ? keyEnd : keyEnd + valueLength;
  assert(end <= bytes.length, 'a record lies within its frame');
  return {
    key: bytes.subarray(keyAt, keyEnd),
    value: valueLength === deletion ? undefined : bytes.subarray(keyEnd, end),
    end,
  };
}

/** Plain stores, as Buffer's own calls for the two lengths take 15 ns more per operation. What doesn't fit throws or is found by `writeFrame`. */
function writeRecord(into: Buffer, recordAt: number, { key, value }: WriteOperation): number {
  const keyLength = key.length;
  const valueLength = value === undefined ? deletion : value.length;
  into[recordAt] = keyLength >>> 8;
  into[recordAt + 1] = keyLength;
  into[recordAt + 2] = valueLength >>> 24;
  into[recordAt + 3] = valueLength >>> 16;
  into[recordAt + 4] = valueLength >>> 8;
  into[recordAt + 5] = valueLength;
  const keyAt = recordAt + recordHeaderBytes;
  into.set(key, keyAt);
  if (value === undefined) return keyAt + keyLength;
  return writeBytes(into, value, keyAt + keyLength);
}

function sealOf(bytes: Buffer, start: number, salt: number): number {
  return crc32(bytes.subarray(start, start + at.seal), salt);
}

function padded(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}
