/** Fixed-width big-endian integers, byte by byte: Buffer's own calls, which check more, take two to three times as long. */

/** 2^48 - 1: the largest number that six bytes hold; milliseconds until the year 10889. */
export const maxUint48 = 0xffff_ffff_ffff;

const high = 0x1_0000_0000;

export function writeUint48(target: Buffer, value: number, offset: number): number {
  if (offset + 6 > target.length || value < 0) throw new RangeError(`${value} can not be written at ${offset}.`);
  const upper = (value / high) & 0xffff;
  const lower = value >>> 0;
  target[offset] = upper >>> 8;
  target[offset + 1] = upper;
  target[offset + 2] = lower >>> 24;
  target[offset + 3] = lower >>> 16;
  target[offset + 4] = lower >>> 8;
  target[offset + 5] = lower;
  return offset + 6;
}

export function readUint48(source: Buffer, offset: number): number {
  if (offset < 0 || offset + 6 > source.length) throw new RangeError(`There is no number at ${offset}.`);
  const upper = ((source[offset] as number) << 8) | (source[offset + 1] as number);
  const lower =
    ((source[offset + 2] as number) << 24) |
    ((source[offset + 3] as number) << 16) |
    ((source[offset + 4] as number) << 8) |
    (source[offset + 5] as number);
  return upper * high + (lower >>> 0);
}

/** A Buffer over the same memory; most callers hold one already. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * Memory for many small things of about the same life, a slab at a time: Node's own pool has 8 KiB, and a new one of those
 * for every fourth message took a tenth of a fan-out's time. Whoever keeps one of the things keeps its slab.
 */
export class Slabs {
  readonly #bytes: number;
  #slab: Buffer = Buffer.alloc(0);
  #used = 0;

  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  /** Not zeroed. What is larger than an eighth of a slab has memory of its own. */
  allocate(length: number): Buffer {
    if (length > this.#bytes / 8) return Buffer.allocUnsafeSlow(length);
    if (this.#used + length > this.#slab.length) {
      this.#slab = Buffer.allocUnsafeSlow(this.#bytes);
      this.#used = 0;
    }
    const start = this.#used;
    this.#used += length;
    return this.#slab.subarray(start, this.#used);
  }
}
