import { fstatSync, readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { CommitFailed, type WriteOperation } from '../store.ts';
import { errorCode, reasonFor } from './lmdbErrors.ts';
import { type Meta, metaBytes, metaBytesAfterFirstPage, readMeta } from './metaPages.ts';

/**
 * Disk space behind LMDB's last page, allocated before a commit needs it, so that LMDB itself never meets a full disk.
 *
 * It must not, in version 3.5.6 of lmdb-js: when a write of pages fails, the message about it is formatted into 100 bytes
 * that it does not fit into, and the process sooner or later aborts with a damaged heap (seen with strace's fault
 * injection; nothing that was acknowledged is lost). A write that is cut short is reported as EIO, too. Here the error is
 * the exact one, and nothing has been attempted yet.
 *
 * Zeros are appended through a descriptor opened with O_APPEND, which can't overwrite anything. LMDB takes a file that is
 * longer than its last page as it is. What costs an additional write pays back when LMDB's own writes need no allocation:
 * batches of 64 get faster, those of 1,000 slower by a quarter.
 *
 * Deletes copy pages too, so a batch that puts more than it deletes leaves `keptForDeletes` untouched: a full store can be
 * drained. A delete of a message comes with a put of its queue's counters, hence the comparison.
 */
export class Reserve {
  readonly #file: FileHandle;
  #start: Buffer = Buffer.alloc(metaBytes);
  #meta: Meta;
  /** At least so many bytes are behind the last page. Each commit is taken to use up what it may, until we look again. */
  #left = 0;
  #spentPages = 0;
  #shortage: CommitFailed | undefined;

  static async open(path: string): Promise<Reserve> {
    const file = await open(path, 'a+');
    try {
      return new Reserve(file);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  private constructor(file: FileHandle) {
    this.#file = file;
    this.#meta = this.#look();
    // From here on the page size is known, and a look reads 4 KiB rather than 64.
    this.#start = Buffer.alloc(metaBytesAfterFirstPage + this.#meta.pageSize);
  }

  /** Why some commits are refused, as of the last `ensure`. */
  get shortage(): CommitFailed | undefined {
    return this.#shortage;
  }

  /**
   * Returns when a commit of these operations fits. Only between commits, when the meta page is at rest. Throws
   * `CommitFailed` if it does not fit and the disk has no more. `storedBytes` is the length of a key's present value.
   */
  async ensure(
    operations: readonly WriteOperation[],
    storedBytes: (key: Uint8Array) => number | undefined,
  ): Promise<void> {
    let pages = pagesFor(operations, this.#meta, this.#spentPages);
    if (pages * this.#meta.pageSize + keptAltogether > this.#left) {
      this.#meta = this.#look();
      pages = pagesFor(operations, this.#meta, 0);
      await this.#extend(pages * this.#meta.pageSize, operations, storedBytes);
    } else {
      this.#shortage = undefined;
    }
    this.#left -= pages * this.#meta.pageSize;
    this.#spentPages += pages;
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  #look(): Meta {
    const bytesRead = readSync(this.#file.fd, this.#start, 0, this.#start.length, 0);
    const { size } = fstatSync(this.#file.fd);
    const meta = readMeta(this.#start.subarray(0, bytesRead), Number.POSITIVE_INFINITY);
    if (typeof meta === 'string') throw new CommitFailed('io', `The store's file was damaged while open: ${meta}.`);
    this.#left = size - (meta.lastPage + 1) * meta.pageSize;
    this.#spentPages = 0;
    return meta;
  }

  /** Makes room for so many bytes and all that is kept, or for as much of that as these operations have to leave. */
  async #extend(
    needed: number,
    operations: readonly WriteOperation[],
    storedBytes: (key: Uint8Array) => number | undefined,
  ): Promise<void> {
    this.#shortage = undefined;
    const missing = needed + keptAltogether - this.#left;
    if (missing <= 0) return;
    try {
      await this.#append(missing);
    } catch (error) {
      if (needed + keptFromMore(this.#meta) <= this.#left) return;
      this.#shortage = refusal(error);
      if (needed + keptFrom(operations, this.#meta, storedBytes) > this.#left) throw this.#shortage;
    }
  }

  async #append(missing: number): Promise<void> {
    let toWrite = Math.max(missing, stepBytes);
    let written = 0;
    try {
      while (toWrite > 0) {
        const { bytesWritten } = await this.#file.write(zeros, 0, Math.min(toWrite, zeros.length));
        toWrite -= bytesWritten;
        written += bytesWritten;
      }
    } catch (error) {
      if (written < missing) throw error;
    } finally {
      this.#left += written;
    }
  }
}

const stepBytes = 1024 * 1024;
const keptForDeletes = 2 * 1024 * 1024;
/** Taking note of a receive copies about ten pages, and the records of 10,000 messages in flight take as much. */
const keptForReceives = 1024 * 1024;
/** The disk is full when this can not be kept: then receives and deletes begin with what they need. */
const keptForMore = 1024 * 1024;
const keptAltogether = keptForDeletes + keptForReceives + keptForMore;
const zeros = Buffer.alloc(256 * 1024);

/** A delivery is 13 + 45 bytes, a message without a body 19 + 60. */
const noteBytes = 64;

/** The bytes behind the last page that a batch has to leave to others, by what it adds to the store. */
function keptFrom(
  operations: readonly WriteOperation[],
  meta: Meta,
  storedBytes: (key: Uint8Array) => number | undefined,
): number {
  let added = 0;
  let largest = 0;
  for (const { key, value } of operations) {
    const stored = storedBytes(key);
    const growth = bytesOf(key, value?.length) - bytesOf(key, stored);
    added += growth;
    largest = Math.max(largest, growth);
  }
  if (added <= 0) return 0;
  if (largest <= noteBytes) return keptForDeletes;
  return keptFromMore(meta);
}

function keptFromMore(meta: Meta): number {
  const isHollow = freePages(meta) * meta.pageSize >= 2 * keptForMore;
  return keptForDeletes + keptForReceives + (isHollow ? 0 : keptForMore);
}

function bytesOf(key: Uint8Array, length: number | undefined): number {
  return length === undefined ? 0 : key.length + length;
}

/** Pages inside the file that hold nothing. LMDB takes from them before it uses new ones. */
function freePages({ lastPage, tree, free }: Meta): number {
  const used = [tree, free].reduce((sum, each) => sum + each.branchPages + each.leafPages + each.overflowPages, 0);
  return lastPage + 1 - 2 - used;
}

function refusal(cause: unknown): CommitFailed {
  const reason = reasonFor(errorCode(cause));
  const what = reason === 'no-space' ? 'no space is left for the store' : 'the store can not be extended';
  return new CommitFailed(reason, `Nothing was committed: ${what} (${String(cause)}).`, { cause });
}

/**
 * No commit takes more new pages than this, reuse of free ones not even counted. A page that is changed is copied: at
 * most one leaf for each operation, and the branches above it. Values that do not fit into half a page have pages of
 * their own. Leaves split, at worst with every insertion. Then there is the tree of free pages, which lmdb-js rewrites in
 * large parts, and which grows by what this commit frees.
 */
export function pagesFor(operations: readonly WriteOperation[], meta: Meta, spentPages: number): number {
  const { pageSize, tree, free } = meta;
  const count = operations.length;
  let ownPages = 0;
  let sharedBytes = 0;
  for (const { key, value } of operations) {
    if (value === undefined) continue;
    const bytes = key.length + value.length + nodeBytes;
    if (bytes > pageSize / 2 - pageHeaderBytes) ownPages += Math.ceil((value.length + pageHeaderBytes) / pageSize);
    sharedBytes += Math.min(bytes, pageSize / 2);
  }
  const copies = Math.min(count, tree.leafPages + spentPages) + Math.min(count, tree.branchPages + spentPages);
  const splits = Math.min(count, Math.ceil((3 * sharedBytes) / pageSize));
  const freed = free.branchPages + free.leafPages + free.overflowPages + Math.ceil(count / 2);
  return ownPages + copies + splits + Math.ceil(splits / 8) + freed + 2 * (tree.depth + free.depth) + sparePages;
}

const pageHeaderBytes = 24;
const nodeBytes = 16;
const sparePages = 32;
