import { compareRanges, entryHeaderBytes, keyEndOf, valueLengthOf } from './entryBytes.ts';
import type { OlderRange } from './jobs.ts';

/** Tells which tombstones need not be kept: those that have nothing older below them. To be asked about ascending keys. */
export class Tombstones {
  readonly #below: readonly OlderRange[];
  #next = 0;

  /** Where there may be something older; ascending and disjoint. */
  constructor(below: readonly OlderRange[]) {
    this.#below = below;
  }

  /** Whether the entry at `bytes[at...` is a tombstone that hides nothing. */
  isIdle(bytes: Buffer, at: number): boolean {
    return valueLengthOf(bytes, at) < 0 && !this.#hasBelow(bytes, at + entryHeaderBytes, keyEndOf(bytes, at));
  }

  #hasBelow(bytes: Buffer, from: number, to: number): boolean {
    for (let range = this.#below[this.#next]; range !== undefined; range = this.#below[this.#next]) {
      const { first, last } = range;
      if (compareRanges(bytes, from, to, last, 0, last.length) <= 0) {
        return compareRanges(bytes, from, to, first, 0, first.length) >= 0;
      }
      this.#next += 1;
    }
    return false;
  }
}
