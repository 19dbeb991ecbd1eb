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

  /**
   * Returns when a commit of these operations fits. Only between commits, when the meta page is at rest. Throws
   * `CommitFailed` if it does not fit and the disk has no more.
   */
  async ensure(operations: readonly WriteOperation[]): Promise<void> {
    const puts = operations.reduce((count, { value }) => (value === undefined ? count : count + 1), 0);
    const kept = puts > operations.length - puts ? keptForDeletes : 0;
    let pages = pagesFor(operations, this.#meta, this.#spentPages);
    if (pages * this.#meta.pageSize + kept > this.#left) {
      this.#meta = this.#look();
      pages = pagesFor(operations, this.#meta, 0);
      const missing = pages * this.#meta.pageSize + kept - this.#left;
      if (missing > 0) await this.#append(missing);
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
      if (written < missing) throw refusal(error);
    } finally {
      this.#left += written;
    }
  }
}

const stepBytes = 1024 * 1024;
const keptForDeletes = 1024 * 1024;
const zeros = Buffer.alloc(256 * 1024);

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
