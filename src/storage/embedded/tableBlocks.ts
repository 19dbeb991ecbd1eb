import type { Disk } from './disk.ts';
import { OpenFiles } from './openFiles.ts';
import {
  checksumBytes,
  decodeFooter,
  type Footer,
  footerBytes,
  TableDamaged,
  tableChecksum,
  tableName,
} from './table.ts';
import { readTableIndex, type TableIndex } from './tableIndex.ts';

/** Descriptors for each disk. A process may have 1,024 as a rule, and connections need them more. */
const mostOpenFiles = 256;
/** Weak, so that a disk that nobody uses any more isn't held by the tables that were left open on it. */
const openFilesOf = new WeakMap<Disk, OpenFiles>();

/** What is read at the end of a file at once: with it comes the index of most tables of 16 MiB. */
const tailBytes = 32 * 1024;

/** The blocks of a table, where they lie and as they were written. In memory is only the index: some 30 bytes a block. */
export class TableBlocks {
  readonly index: TableIndex;
  readonly footer: Footer;
  /** Of the file. */
  readonly bytes: number;
  readonly #disk: Disk;
  readonly #openFiles: OpenFiles;
  readonly #number: number;

  /** Throws `TableDamaged`, or Node's error, as all reading does. */
  constructor(disk: Disk, number: number) {
    this.#disk = disk;
    this.#number = number;
    this.#openFiles = openFilesOf.get(disk) ?? new OpenFiles(mostOpenFiles);
    openFilesOf.set(disk, this.#openFiles);
    try {
      this.bytes = this.#file().size;
      const tail = Buffer.allocUnsafeSlow(Math.min(this.bytes, tailBytes));
      this.#fill(tail, this.bytes - tail.length);
      this.footer = decodeFooter(tail.subarray(-footerBytes), number);
      this.index = readTableIndex(this.#indexBytes(this.footer, tail), this.footer);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Fills `into` with the blocks from `block` to before `end`, which lie one behind the other. */
  read(into: Buffer, block: number, end: number): void {
    const offset = this.index.offsetOf(block);
    const bytes = this.index.offsetOf(end - 1) + this.index.lengthOf(end - 1) - offset;
    this.#fill(into.subarray(0, bytes), offset);
  }

  /** Where the entries of a block end that was read. Throws if they are not what was written. */
  checkedEnd(bytes: Buffer, at: number, length: number): number {
    const end = at + length - checksumBytes;
    if (tableChecksum(this.#number, bytes.subarray(at, end)) !== bytes.readUInt32BE(end)) {
      throw new TableDamaged(this.#number, 'the checksum of a block is wrong');
    }
    return end;
  }

  close(): void {
    this.#openFiles.close(this);
  }

  #indexBytes({ indexOffset, indexBytes, indexChecksum }: Footer, tail: Buffer): Buffer {
    const written = indexOffset + indexBytes + footerBytes;
    if (written !== this.bytes) {
      throw new TableDamaged(this.#number, `it has ${this.bytes} bytes, ${written} were written`);
    }
    const index = Buffer.allocUnsafeSlow(indexBytes);
    const inTail = tail.length - footerBytes - indexBytes;
    if (inTail >= 0) tail.copy(index, 0, inTail);
    else this.#fill(index, indexOffset);
    if (tableChecksum(this.#number, index) !== indexChecksum) {
      throw new TableDamaged(this.#number, 'the checksum of its index is wrong');
    }
    return index;
  }

  #fill(into: Buffer, position: number): void {
    const count = this.#file().read(into, position);
    if (count !== into.length) {
      throw new TableDamaged(this.#number, `it ends at ${position + count}, ${into.length - count} bytes too early`);
    }
  }

  #file() {
    return this.#openFiles.fileOf(this, () => this.#disk.openForReading(tableName(this.#number)));
  }
}
