const largestChunk = 32 * 1024;
const smallestChunk = 1024;

/**
 * Memory for the values of one scan, many to a chunk: an allocation for each was a quarter of a receive's time, most of it
 * the collector's. Whoever keeps one value keeps its chunk, so chunks are small, never shared by two scans, and never
 * larger than what the scan has brought before.
 */
export class ValueCopies {
  #chunk: Buffer = Buffer.alloc(0);
  #used = 0;
  #copied = 0;

  /** What is copied from here on has no memory in common with what was before. */
  begin(): void {
    this.#chunk = Buffer.alloc(0);
    this.#used = 0;
    this.#copied = 0;
  }

  /** A copy of the first `length` bytes. */
  copy(bytes: Uint8Array, length: number): Buffer {
    if (this.#used + length > this.#chunk.length) {
      const planned = this.#copied === 0 ? 0 : Math.min(Math.max(this.#copied, smallestChunk), largestChunk);
      this.#chunk = Buffer.allocUnsafeSlow(Math.max(planned, length));
      this.#used = 0;
    }
    const start = this.#used;
    this.#used += length;
    this.#copied += length;
    const copy = this.#chunk.subarray(start, this.#used);
    copy.set(bytes.subarray(0, length));
    return copy;
  }
}
