/**
 * The two meta pages at the start of an LMDB file (data version 2, 64-bit, little-endian), as far as they are read here.
 *
 *     page header, 24 bytes      0 page number u64 | 8 transaction u64 | 16 pad u16 | 18 flags u16 (8 = meta) | 20 ...
 *     meta                      24 magic u32 | 28 version u32 | 32 address u64 | 40 map size u64
 *       free pages' tree        48 page size u32 | 52 flags u16 | 54 depth u16 | 56 branch pages u64 | 64 leaf pages u64
 *                               72 overflow pages u64 | 80 entries u64 | 88 root page u64
 *       the entries' tree       96 pad u32 | 100 flags u16 | 102 depth u16 | 104 branch pages u64 | 112 leaf pages u64
 *                              120 overflow pages u64 | 128 entries u64 | 136 root page u64
 *                              144 last page u64 | 152 transaction u64 | 160 boot id i64
 *
 * The second page has the same layout one page size later. A commit writes the page that its transaction's parity names,
 * so the page with the higher transaction is the current one and the other is the commit before it.
 */
export interface Meta {
  readonly pageSize: number;
  readonly transaction: bigint;
  readonly lastPage: number;
  readonly entries: number;
  readonly free: TreeSize;
  readonly tree: TreeSize;
}

export interface TreeSize {
  readonly depth: number;
  readonly branchPages: number;
  readonly leafPages: number;
  readonly overflowPages: number;
  readonly root: bigint;
}

/** What of a file's beginning holds both meta pages, whatever the page size. */
export const metaBytes = 65536 + 168;
/** The same when the page size is known: this much and one page. */
export const metaBytesAfterFirstPage = 168;

const pageFlagMeta = 0x08;
const lmdbMagic = 0xbeefc0de;
const dataVersion = 2;
const noRoot = 0xffff_ffff_ffff_ffffn;

/** The current meta page, or a phrase that says what is wrong with the file. `start` is its first `metaBytes`, or all of it. */
export function readMeta(start: Buffer, fileBytes: number): Meta | string {
  const first = readOne(start, 0);
  if (typeof first === 'string') return first;
  const second = readOne(start, first.pageSize);
  if (typeof second === 'string') return second;
  if (second.pageSize !== first.pageSize) return 'its two meta pages differ in the page size';
  const current = second.transaction > first.transaction ? second : first;
  const needed = (current.lastPage + 1) * current.pageSize;
  if (fileBytes < needed) return `it is ${fileBytes} bytes long where ${needed} are in use, so its end is missing`;
  for (const { root } of [current.free, current.tree]) {
    if (root !== noRoot && root > BigInt(current.lastPage)) return 'a root lies outside the file';
  }
  return current;
}

function readOne(bytes: Buffer, at: number): Meta | string {
  if (bytes.length < at + metaBytesAfterFirstPage) return 'it is too short to be one';
  if ((bytes.readUInt16LE(at + 18) & pageFlagMeta) === 0) return 'a meta page is missing';
  if (bytes.readUInt32LE(at + 24) !== lmdbMagic) return 'it is not an LMDB file';
  const version = bytes.readUInt32LE(at + 28) & 0xffff;
  if (version !== dataVersion) return `its LMDB data version is ${version}, not ${dataVersion}`;
  const pageSize = bytes.readUInt32LE(at + 48);
  if (pageSize < 512 || pageSize > 65536 || (pageSize & (pageSize - 1)) !== 0) return `its page size is ${pageSize}`;
  return {
    pageSize,
    transaction: bytes.readBigUInt64LE(at + 152),
    lastPage: Number(bytes.readBigUInt64LE(at + 144)),
    entries: Number(bytes.readBigUInt64LE(at + 128)),
    free: readTree(bytes, at + 48),
    tree: readTree(bytes, at + 96),
  };
}

function readTree(bytes: Buffer, at: number): TreeSize {
  return {
    depth: bytes.readUInt16LE(at + 6),
    branchPages: Number(bytes.readBigUInt64LE(at + 8)),
    leafPages: Number(bytes.readBigUInt64LE(at + 16)),
    overflowPages: Number(bytes.readBigUInt64LE(at + 24)),
    root: bytes.readBigUInt64LE(at + 40),
  };
}
