import { assert } from '#std/assert';
import { compareRanges, entryHeaderBytes, keyEndOf, valueLengthOf } from './entryBytes.ts';
import type { EntryCursor } from './mergeCursors.ts';
import { checksumBytes } from './table.ts';
import type { TableBlocks } from './tableBlocks.ts';

/** How many blocks are read at once: one where few entries are wanted, then more, for whoever goes on goes on for long. */
const blocksAhead = [1, 2, 8] as const;
/** Together; a single one may have more. */
const aheadBytes = 8 * 33 * 1024;
const noMemory = Buffer.alloc(0);

/**
 * Goes over a table's entries. The current one is `bytes[at..end)`, with its key up to `keyEnd`: merging compares and
 * copies them there. `key` and `value` make views when they are asked for.
 */
export class TableCursor implements EntryCursor {
  bytes: Buffer;
  /** Negative at the end. */
  at = 0;
  keyEnd = 0;
  end = 0;
  readonly #table: TableBlocks;
  /** Blocks before this one have been read; the current one begins at `#blockAt`. */
  #nextRead: number;
  #current: number;
  #blockAt = 0;
  #blockEnd = 0;
  #reads = 0;
  #key: Buffer | undefined;

  /** `memory` is what it reads into as far as that suffices: that of a cursor before, which is used no more. */
  constructor(table: TableBlocks, from: Uint8Array, memory: Buffer = noMemory) {
    this.#table = table;
    this.bytes = memory;
    this.#nextRead = Math.max(0, table.index.blockOf(from));
    this.#current = this.#nextRead - 1;
    this.#enterBlock();
    while (
      this.at >= 0 &&
      compareRanges(this.bytes, this.at + entryHeaderBytes, this.keyEnd, from, 0, from.length) < 0
    ) {
      this.next();
    }
  }

  get key(): Buffer | undefined {
    if (this.at < 0) return undefined;
    this.#key ??= this.bytes.subarray(this.at + entryHeaderBytes, this.keyEnd);
    return this.#key;
  }

  get value(): Buffer | undefined {
    if (this.at < 0 || valueLengthOf(this.bytes, this.at) < 0) return undefined;
    return this.bytes.subarray(this.keyEnd, this.end);
  }

  next(): void {
    this.#key = undefined;
    if (this.at < 0) return;
    if (this.end < this.#blockEnd) this.#enter(this.end);
    else this.#enterBlock();
  }

  #enter(at: number): void {
    const keyEnd = keyEndOf(this.bytes, at);
    this.at = at;
    this.keyEnd = keyEnd;
    this.end = keyEnd + Math.max(0, valueLengthOf(this.bytes, at));
    assert(this.end <= this.#blockEnd, 'an entry lies within its block');
  }

  #enterBlock(): void {
    this.#blockAt = this.#blockEnd + checksumBytes;
    this.#current += 1;
    if (this.#current === this.#table.index.blocks) {
      this.at = -1;
      return;
    }
    if (this.#current === this.#nextRead) this.#readAhead();
    this.#blockEnd = this.#table.checkedEnd(this.bytes, this.#blockAt, this.#table.index.lengthOf(this.#current));
    this.#enter(this.#blockAt);
  }

  #readAhead(): void {
    const { index } = this.#table;
    const wanted = blocksAhead[Math.min(this.#reads, blocksAhead.length - 1)] as number;
    const last = Math.min(index.blocks, this.#current + wanted);
    let end = this.#current + 1;
    let bytes = index.lengthOf(this.#current);
    while (end < last && bytes + index.lengthOf(end) <= aheadBytes) {
      bytes += index.lengthOf(end);
      end += 1;
    }
    if (this.bytes.length < bytes) this.bytes = Buffer.allocUnsafeSlow(bytes);
    this.#table.read(this.bytes, this.#current, end);
    this.#reads += 1;
    this.#nextRead = end;
    this.#blockAt = 0;
  }
}
