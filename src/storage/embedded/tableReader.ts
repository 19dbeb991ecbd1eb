import type { Disk } from './disk.ts';
import { compareRanges, entryHeaderBytes, keyEndOf, valueLengthOf } from './entryBytes.ts';
import type { TableSummary } from './table.ts';
import { TableBlocks } from './tableBlocks.ts';
import { TableCursor } from './tableCursor.ts';

/** Point reads use the same memory, one after the other. A block is larger only if it is of one large entry. */
const sharedBlock = Buffer.allocUnsafeSlow(64 * 1024);

/** Reads a table. Its file is opened as it is needed; `close` lets go of it, and the table may be read again. */
export class TableReader {
  readonly summary: TableSummary;
  readonly #blocks: TableBlocks;

  /** Throws `TableDamaged`, or Node's error, as all reading does. */
  static open(disk: Disk, number: number): TableReader {
    return new TableReader(number, new TableBlocks(disk, number));
  }

  private constructor(number: number, blocks: TableBlocks) {
    this.#blocks = blocks;
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
    const length = index.lengthOf(block);
    const bytes = length <= sharedBlock.length ? sharedBlock : Buffer.allocUnsafeSlow(length);
    this.#blocks.read(bytes, block, block + 1);
    return valueIn(bytes, this.#blocks.checkedEnd(bytes, 0, length), key);
  }

  /** Stands at the first entry at or behind `from`. */
  cursor(from: Uint8Array): TableCursor {
    return new TableCursor(this.#blocks, from);
  }

  close(): void {
    this.#blocks.close();
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
