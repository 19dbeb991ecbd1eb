import { BlockCache } from './blockCache.ts';
import type { Disk } from './disk.ts';
import { compareRanges, entryHeaderBytes, keyEndOf, valueLengthOf } from './entryBytes.ts';
import { checksumBytes, type TableSummary } from './table.ts';
import { TableBlocks } from './tableBlocks.ts';
import { TableCursor } from './tableCursor.ts';

/** Reads a table. Its file is opened as it is needed; `close` lets go of it, and the table may be read again. */
export class TableReader {
  readonly summary: TableSummary;
  readonly #blocks: TableBlocks;
  readonly #cache: BlockCache;

  /** Throws `TableDamaged`, or Node's error, as all reading does. The cache is that of a store, where a number means one table. */
  static open(disk: Disk, number: number, cache = new BlockCache()): TableReader {
    return new TableReader(number, new TableBlocks(disk, number), cache);
  }

  private constructor(number: number, blocks: TableBlocks, cache: BlockCache) {
    this.#blocks = blocks;
    this.#cache = cache;
    const { bytes, footer, index } = blocks;
    const { entries, tombstones } = footer;
    this.summary = { number, bytes, entries, tombstones, first: index.first, last: index.last };
  }

  /** A copy of the value. */
  get(key: Uint8Array): Buffer | 'deleted' | undefined {
    const { index } = this.#blocks;
    if (compareRanges(key, 0, key.length, index.last, 0, index.last.length) > 0) return undefined;
    const block = index.blockOf(key);
    if (block < 0) return undefined;
    const bytes = this.#cache.get(this.summary.number, block) ?? this.#read(block);
    return valueIn(bytes, index.lengthOf(block) - checksumBytes, key);
  }

  /** Stands at the first entry at or behind `from`. `memory` is as the cursor says. */
  cursor(from: Uint8Array, memory?: Buffer): TableCursor {
    return new TableCursor(this.#blocks, from, memory);
  }

  close(): void {
    this.#blocks.close();
  }

  #read(block: number): Buffer {
    const length = this.#blocks.index.lengthOf(block);
    const bytes = this.#cache.takeMemory(length);
    this.#blocks.read(bytes, block, block + 1);
    this.#blocks.checkedEnd(bytes, 0, length);
    this.#cache.put(this.summary.number, block, bytes);
    return bytes;
  }
}

/** Looks through the entries of a block, which lie in `bytes[0..end)`. */
function valueIn(bytes: Buffer, end: number, key: Uint8Array): Buffer | 'deleted' | undefined {
  for (let at = 0; at < end; ) {
    const keyEnd = keyEndOf(bytes, at);
    const valueLength = valueLengthOf(bytes, at);
    const order = compareRanges(key, 0, key.length, bytes, at + entryHeaderBytes, keyEnd);
    if (order < 0) return undefined;
    if (order === 0) return valueLength < 0 ? 'deleted' : Buffer.from(bytes.subarray(keyEnd, keyEnd + valueLength));
    at = keyEnd + Math.max(0, valueLength);
  }
  return undefined;
}
