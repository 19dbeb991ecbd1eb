import type { KeyRange } from '../store.ts';
import { compareRanges, entryHeaderBytes, keyEndOf } from './entryBytes.ts';

/** Tells which entries lie in ranges that nobody needs any more. To be asked about ascending keys. */
export class ForgottenEntries {
  readonly #ranges: readonly KeyRange[];
  #next = 0;

  /** Ascending and disjoint. */
  constructor(ranges: readonly KeyRange[]) {
    this.#ranges = ranges;
  }

  /** Whether the entry at `bytes[at...` lies in one. */
  has(bytes: Buffer, at: number): boolean {
    const [keyFrom, keyTo] = [at + entryHeaderBytes, keyEndOf(bytes, at)];
    for (let range = this.#ranges[this.#next]; range !== undefined; range = this.#ranges[this.#next]) {
      const { from, to } = range;
      if (compareRanges(bytes, keyFrom, keyTo, to, 0, to.length) < 0) {
        return compareRanges(bytes, keyFrom, keyTo, from, 0, from.length) >= 0;
      }
      this.#next += 1;
    }
    return false;
  }
}
