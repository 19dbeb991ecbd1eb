import { assert } from '#std/assert';
import { writeUint48 } from '#std/bytes';
import type { Disk, WriteFile } from './disk.ts';
import { compareRanges, entryHeaderBytes, keyEndOf, ownCopy, valueLengthOf } from './entryBytes.ts';
import { checksumBytes, encodeFooter, type TableSummary, tableChecksum, tableName } from './table.ts';
import { isTableEnd, weightOf } from './tableEnds.ts';

/** Of entries in a block, unless one alone has more. */
const blockBytes = 32 * 1024;

/** What is collected before it is written, and synced: so much at once that calls cost nothing beside the copying. */
const pieceBytes = 256 * 1024;
const pieceLength = pieceBytes + 2 * blockBytes;

/**
 * Those of writers that are done. A thread that writes tables makes little else, so the collector would come after hundreds
 * of them.
 */
const freePieces: Buffer[] = [];
const mostFreePieces = 2;

/**
 * Writes one table. `add` takes entries as they lie somewhere in memory, in ascending order, and only copies; when
 * `isPieceFull`, the caller awaits `writePiece`. `finish` leaves the file synced and closed. A writer that is given up is
 * closed by `abandon`; its file stays, without a footer.
 */
export class TableWriter {
  readonly #number: number;
  readonly #file: WriteFile;
  /** What isn't written yet: whole blocks, and from `#blockAt` on the one that is being filled. */
  #piece: Buffer = freePieces.pop() ?? Buffer.allocUnsafeSlow(pieceLength);
  #used = 0;
  #blockAt = 0;
  #written = 0;
  readonly #index = new IndexBytes();
  #entries = 0;
  #tombstones = 0;
  #putBytes = 0;
  #entryBytes = 0;
  #first: Buffer | undefined;
  /** The last key is `#last[#lastFrom..#lastTo)`. */
  #last: Buffer = Buffer.alloc(0);
  #lastFrom = 0;
  #lastTo = 0;
  #lastIsTombstone = false;

  static async create(disk: Disk, number: number): Promise<TableWriter> {
    return new TableWriter(number, await disk.create(tableName(number)));
  }

  private constructor(number: number, file: WriteFile) {
    this.#number = number;
    this.#file = file;
  }

  get isPieceFull(): boolean {
    return this.#used >= pieceBytes;
  }

  /**
   * Whether the table ends before the entry at `bytes[at..end)`: with it there would be more than `maxBytes` of entries, or
   * `tableEnds.ts` says so, where a share of `enough` of that counts as enough.
   */
  endsBefore(bytes: Buffer, at: number, end: number, maxBytes: number, enough: number): boolean {
    if (this.#entries === 0) return false;
    if (this.#entryBytes + end - at > maxBytes) return true;
    const last = { bytes: this.#last, from: this.#lastFrom, to: this.#lastTo };
    const next = { bytes, from: at + entryHeaderBytes, to: keyEndOf(bytes, at) };
    const hasEnough = weightOf(this.#entryBytes, this.#tombstones) >= maxBytes * enough;
    return isTableEnd(last, next, hasEnough, this.#lastIsTombstone !== valueLengthOf(bytes, at) < 0);
  }

  /** The entry at `bytes[at..end)`; its key is behind the last one's. */
  add(bytes: Buffer, at: number, end: number): void {
    const length = end - at;
    if (this.#used > this.#blockAt && this.#used - this.#blockAt + length > blockBytes) this.#endBlock();
    if (this.#used + length + checksumBytes > this.#piece.length) this.#growPiece(length);
    const start = this.#used;
    bytes.copy(this.#piece, start, at, end);
    this.#used += length;
    this.#count(start, length);
  }

  #count(start: number, length: number): void {
    const keyFrom = start + entryHeaderBytes;
    const keyEnd = keyEndOf(this.#piece, start);
    const valueLength = valueLengthOf(this.#piece, start);
    assert(length === keyEnd - start + Math.max(0, valueLength), 'a table gets whole entries');
    if (this.#first === undefined) {
      this.#first = ownCopy(this.#piece.subarray(keyFrom, keyEnd));
    } else {
      const order = compareRanges(this.#last, this.#lastFrom, this.#lastTo, this.#piece, keyFrom, keyEnd);
      assert(order < 0, "a table's keys ascend");
    }
    this.#last = this.#piece;
    this.#lastFrom = keyFrom;
    this.#lastTo = keyEnd;
    this.#entries += 1;
    this.#entryBytes += length;
    this.#lastIsTombstone = valueLength < 0;
    if (valueLength < 0) this.#tombstones += 1;
    else this.#putBytes += length - entryHeaderBytes;
  }

  async writePiece(): Promise<void> {
    const length = this.#blockAt;
    if (length === 0) return;
    await this.#file.append(this.#piece.subarray(0, length));
    // Not all at the end: a commit's write waits for what is being synced.
    await this.#file.sync();
    this.#keepLast();
    this.#piece.copyWithin(0, length, this.#used);
    this.#written += length;
    this.#used -= length;
    this.#blockAt = 0;
  }

  async finish(): Promise<TableSummary> {
    const first = this.#first;
    assert(first !== undefined, 'a table has entries');
    this.#endBlock();
    await this.writePiece();
    this.#keepLast();
    this.#index.addKey(this.#last, 0, this.#last.length);
    const index = this.#index.bytes();
    const footer = encodeFooter({
      number: this.#number,
      indexOffset: this.#written,
      indexBytes: index.length,
      indexChecksum: tableChecksum(this.#number, index),
      entries: this.#entries,
      tombstones: this.#tombstones,
      putBytes: this.#putBytes,
    });
    await this.#file.append(Buffer.concat([index, footer]));
    await this.#file.sync();
    await this.#file.close();
    if (this.#piece.length === pieceLength && freePieces.length < mostFreePieces) freePieces.push(this.#piece);
    return {
      number: this.#number,
      bytes: this.#written + index.length + footer.length,
      entries: this.#entries,
      tombstones: this.#tombstones,
      first,
      last: this.#last,
    };
  }

  /** After a failure, of `finish` as well: that it can't be closed then is no news. */
  async abandon(): Promise<void> {
    await this.#file.close().catch(() => undefined);
  }

  #endBlock(): void {
    const block = this.#piece.subarray(this.#blockAt, this.#used);
    this.#piece.writeUInt32BE(tableChecksum(this.#number, block), this.#used);
    this.#used += checksumBytes;
    this.#index.addKey(block, entryHeaderBytes, keyEndOf(block, 0));
    this.#index.addPlace(this.#written + this.#blockAt, block.length + checksumBytes);
    this.#blockAt = this.#used;
  }

  /** An entry may have as much as fifteen pieces. The checksum of the block before it has its place already. */
  #growPiece(length: number): void {
    const larger = Buffer.allocUnsafeSlow(this.#used + length + blockBytes);
    this.#piece.copy(larger, 0, 0, this.#used);
    this.#piece = larger;
  }

  /** Before the piece is used again. */
  #keepLast(): void {
    this.#last = ownCopy(this.#last.subarray(this.#lastFrom, this.#lastTo));
    this.#lastFrom = 0;
    this.#lastTo = this.#last.length;
  }
}

class IndexBytes {
  #bytes: Buffer = Buffer.allocUnsafe(16 * 1024);
  #used = 0;

  addKey(source: Buffer, from: number, to: number): void {
    this.#ensure(2 + to - from);
    this.#used = this.#bytes.writeUInt16BE(to - from, this.#used);
    this.#used += source.copy(this.#bytes, this.#used, from, to);
  }

  addPlace(offset: number, length: number): void {
    this.#ensure(10);
    this.#used = writeUint48(this.#bytes, offset, this.#used);
    this.#used = this.#bytes.writeUInt32BE(length, this.#used);
  }

  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#used);
  }

  #ensure(length: number): void {
    if (this.#used + length <= this.#bytes.length) return;
    this.#bytes = Buffer.concat([this.#bytes.subarray(0, this.#used)], 2 * this.#bytes.length + length);
  }
}
