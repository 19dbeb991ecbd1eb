/**
 * One entry as the commit log's frames and the tables hold it, so that it goes from one to the other by one copy:
 *
 *     key length u16 | value length u32, ffffffff for a tombstone | key | value
 *
 * These functions are called for every entry that is read, merged or written. They read byte by byte, since `Buffer`'s own
 * calls take two to three times as long, and compare in a loop: for keys of 19 bytes that takes 19 ns, `Buffer.compare` 49.
 */

export const entryHeaderBytes = 6;

/** Where the entry's key ends, and its value begins. */
export function keyEndOf(bytes: Uint8Array, at: number): number {
  return at + entryHeaderBytes + (((bytes[at] as number) << 8) | (bytes[at + 1] as number));
}

/** A tombstone has -1. A value is never so long that its length would be negative as well. */
export function valueLengthOf(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at + 2] as number) << 24) |
    ((bytes[at + 3] as number) << 16) |
    ((bytes[at + 4] as number) << 8) |
    (bytes[at + 5] as number)
  );
}

/** Negative, 0 or positive, as `a[aFrom..aTo)` comes before, is, or comes behind `b[bFrom..bTo)`. */
export function compareRanges(
  a: Uint8Array,
  aFrom: number,
  aTo: number,
  b: Uint8Array,
  bFrom: number,
  bTo: number,
): number {
  const shared = Math.min(aTo - aFrom, bTo - bFrom);
  for (let i = 0; i < shared; i += 1) {
    const difference = (a[aFrom + i] as number) - (b[bFrom + i] as number);
    if (difference !== 0) return difference;
  }
  return aTo - aFrom - (bTo - bFrom);
}

export function compareKeys(a: Uint8Array, b: Uint8Array): number {
  return compareRanges(a, 0, a.length, b, 0, b.length);
}

/** Has memory of its own: a view goes to another thread with all of the memory that it is a view of, and keeps that alive. */
export function ownCopy(key: Uint8Array): Buffer {
  const copy = Buffer.allocUnsafeSlow(key.length);
  copy.set(key);
  return copy;
}
