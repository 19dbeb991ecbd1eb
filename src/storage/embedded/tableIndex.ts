import { readUint48 } from '#std/bytes';
import { compareRanges, ownCopy } from './entryBytes.ts';
import { type Footer, TableDamaged } from './table.ts';

const keyLengthBytes = 2;
const placeBytes = 10;

/** Where a table's blocks lie and with which key each begins: the bytes as they are in the file, and where in them. */
export class TableIndex {
  readonly first: Buffer;
  readonly last: Buffer;
  readonly blocks: number;
  readonly #bytes: Buffer;
  /** Where the block's first key begins, and one more: where the last key of the table does. */
  readonly #keysAt: Uint32Array;

  constructor(bytes: Buffer, keysAt: Uint32Array) {
    this.#bytes = bytes;
    this.#keysAt = keysAt;
    this.blocks = keysAt.length - 1;
    this.first = ownCopy(bytes.subarray(this.#keyAt(0), this.#keyEnd(0)));
    this.last = ownCopy(bytes.subarray(this.#keyAt(this.blocks)));
  }

  /** The block that has the key if any has: the last one that begins at or before it. Negative if none does. */
  blockOf(key: Uint8Array): number {
    let low = 0;
    let high = this.blocks;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const order = compareRanges(key, 0, key.length, this.#bytes, this.#keyAt(middle), this.#keyEnd(middle));
      if (order >= 0) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  offsetOf(block: number): number {
    return readUint48(this.#bytes, this.#keyEnd(block));
  }

  /** Its checksum included. */
  lengthOf(block: number): number {
    return this.#bytes.readUInt32BE(this.#keyEnd(block) + 6);
  }

  #keyAt(block: number): number {
    return this.#keysAt[block] as number;
  }

  #keyEnd(block: number): number {
    return this.#keyAt(block + 1) - keyLengthBytes - placeBytes;
  }
}

/** Throws `TableDamaged` if the blocks don't lie one behind the other up to the index. */
export function readTableIndex(bytes: Buffer, { number, indexOffset }: Footer): TableIndex {
  const keysAt: number[] = [];
  let at = 0;
  let offset = 0;
  while (offset < indexOffset) {
    const keyEnd = at + keyLengthBytes + (at + keyLengthBytes <= bytes.length ? bytes.readUInt16BE(at) : 0);
    if (keyEnd + placeBytes > bytes.length || readUint48(bytes, keyEnd) !== offset) {
      throw new TableDamaged(number, `its index is wrong at ${at}`);
    }
    keysAt.push(at + keyLengthBytes);
    offset += bytes.readUInt32BE(keyEnd + 6);
    at = keyEnd + placeBytes;
  }
  const lastAt = at + keyLengthBytes;
  if (offset !== indexOffset || lastAt > bytes.length || lastAt + bytes.readUInt16BE(at) !== bytes.length) {
    throw new TableDamaged(number, 'its index does not end with its blocks');
  }
  keysAt.push(lastAt);
  return new TableIndex(bytes, Uint32Array.from(keysAt));
}
