/** Fixed-width big-endian integers. Buffer's own 6-byte calls loop over bytes; these are two plain stores. */

/** 2^48 - 1: the largest number that six bytes hold; milliseconds until the year 10889. */
export const maxUint48 = 0xffff_ffff_ffff;

const high = 0x1_0000_0000;

export function writeUint48(target: Buffer, value: number, offset: number): number {
  target.writeUInt16BE((value / high) & 0xffff, offset);
  return target.writeUInt32BE(value % high, offset + 2);
}

export function readUint48(source: Buffer, offset: number): number {
  return source.readUInt16BE(offset) * high + source.readUInt32BE(offset + 2);
}

/** A Buffer over the same memory; most callers hold one already. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
