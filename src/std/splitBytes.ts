/**
 * Bytes in two pieces, the tail right behind the head: so something gets a head without being copied. What is small is not
 * worth it, and is one piece.
 */
export class SplitBytes {
  readonly head: Uint8Array;
  readonly tail: Uint8Array;

  constructor(head: Uint8Array, tail: Uint8Array) {
    this.head = head;
    this.tail = tail;
  }

  get length(): number {
    return this.head.length + this.tail.length;
  }
}

export type Bytes = Uint8Array | SplitBytes;

/** Writes the bytes at the offset, and gives their end. */
export function writeBytes(target: Uint8Array, bytes: Bytes, offset: number): number {
  if (bytes instanceof SplitBytes) {
    target.set(bytes.head, offset);
    target.set(bytes.tail, offset + bytes.head.length);
  } else {
    target.set(bytes, offset);
  }
  return offset + bytes.length;
}

/** A copy in one piece. */
export function copyOf(bytes: Bytes): Uint8Array {
  if (!(bytes instanceof SplitBytes)) return new Uint8Array(bytes);
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  writeBytes(copy, bytes, 0);
  return copy;
}

/** The same in one piece, which is a copy if there were two. */
export function joined(bytes: Bytes): Uint8Array {
  return bytes instanceof SplitBytes ? copyOf(bytes) : bytes;
}
