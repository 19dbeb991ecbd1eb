/**
 * A table: entries in ascending order of their keys, each a put or a tombstone, in a file that never changes.
 *
 *     block ...    entries (`entryBytes.ts`), some 32 KiB of them; an entry that is larger has a block of its own
 *                  | crc32 of the entries u32
 *     index        per block: first key length u16 | first key | offset of the block u48 | its length, checksum included, u32
 *                  then: last key length u16 | last key of the table
 *     footer, 48   index offset u48 | index length u32 | crc32 of the index u32 | entries u48 | tombstones u48
 *                  | bytes of the puts' keys and values u48 | table number u32 | "PHtable" | version u8 = 1
 *                  | crc32 of the 44 bytes before u32
 *
 * Numbers are big-endian. The checksums of blocks and index begin with the table's number instead of 0: so another
 * table's bytes, whole in themselves, aren't taken for this one's.
 */
import { crc32 } from 'node:zlib';
import { readUint48, writeUint48 } from '#std/bytes';

export const footerBytes = 48;
export const checksumBytes = 4;

const signature = 'PHtable';
const version = 1;

export interface TableSummary {
  readonly number: number;
  /** Of the file. */
  readonly bytes: number;
  /** Tombstones included. */
  readonly entries: number;
  readonly tombstones: number;
  /** The first and the last key. */
  readonly first: Buffer;
  readonly last: Buffer;
}

export interface Footer {
  readonly number: number;
  readonly indexOffset: number;
  readonly indexBytes: number;
  readonly indexChecksum: number;
  readonly entries: number;
  readonly tombstones: number;
  /** Of the puts' keys and values. */
  readonly putBytes: number;
}

/** A table's file doesn't hold what was written. `message` is a sentence that says what is wrong where. */
export class TableDamaged extends Error {
  constructor(tableNumber: number, what: string) {
    super(`${tableName(tableNumber)}: ${what}.`);
    this.name = 'TableDamaged';
  }
}

export function tableName(number: number): string {
  return `table-${String(number).padStart(10, '0')}`;
}

export function tableNumberOf(name: string): number | undefined {
  const digits = /^table-(\d{10})$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

export function tableChecksum(tableNumber: number, bytes: Uint8Array): number {
  return crc32(bytes, tableNumber);
}

export function encodeFooter(footer: Footer): Buffer {
  const bytes = Buffer.alloc(footerBytes);
  writeUint48(bytes, footer.indexOffset, 0);
  bytes.writeUInt32BE(footer.indexBytes, 6);
  bytes.writeUInt32BE(footer.indexChecksum, 10);
  writeUint48(bytes, footer.entries, 14);
  writeUint48(bytes, footer.tombstones, 20);
  writeUint48(bytes, footer.putBytes, 26);
  bytes.writeUInt32BE(footer.number, 32);
  bytes.write(signature, 36, 'latin1');
  bytes.writeUInt8(version, 43);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 44)), 44);
  return bytes;
}

/** Throws `TableDamaged` unless it is the footer of the table with that number. */
export function decodeFooter(bytes: Buffer, number: number): Footer {
  if (bytes.length !== footerBytes || bytes.toString('latin1', 36, 43) !== signature) {
    throw new TableDamaged(number, "its footer is not a table's");
  }
  if (bytes.readUInt32BE(44) !== crc32(bytes.subarray(0, 44))) {
    throw new TableDamaged(number, 'the checksum of its footer is wrong');
  }
  if (bytes.readUInt8(43) !== version) {
    throw new TableDamaged(number, `its format has the version ${bytes.readUInt8(43)}, known is ${version}`);
  }
  if (bytes.readUInt32BE(32) !== number) {
    throw new TableDamaged(number, `it holds ${tableName(bytes.readUInt32BE(32))}`);
  }
  return {
    number,
    indexOffset: readUint48(bytes, 0),
    indexBytes: bytes.readUInt32BE(6),
    indexChecksum: bytes.readUInt32BE(10),
    entries: readUint48(bytes, 14),
    tombstones: readUint48(bytes, 20),
    putBytes: readUint48(bytes, 26),
  };
}
