/**
 * Rewrites a store without the free pages inside its file, while no server has it open. LMDB's compacting copy goes into a
 * file beside the store, is synced, and takes the store's name by one `rename`. So at any moment the name stands for the
 * old file, whole, or for the new one, whole; what a killed run leaves beside it goes with the next opening.
 */
import { open, rename, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { assert } from '#std/assert';
import { StoreUnusable } from '../store.ts';
import { errorCode, reasonFor } from './lmdbErrors.ts';
import { lockDirectory } from './lock.ts';
import { type Meta, metaBytes, readMeta } from './metaPages.ts';
import { compactingName, explain, openLocked, storeName, syncDirectory } from './open.ts';

/** Sizes of the store's file. */
export interface Compacted {
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

/** Throws `StoreUnusable` with a sentence; then the store is as it was. `freeBytes` says what a file system has left. */
export async function compactEmbedded(dataDirectory: string, freeBytes = freeBytesAt): Promise<Compacted> {
  await refuseIfAbsent(dataDirectory);
  try {
    const lock = await lockDirectory(dataDirectory);
    try {
      return await compactLocked(dataDirectory, freeBytes);
    } finally {
      await lock.release();
    }
  } catch (error) {
    throw explain(error, dataDirectory);
  }
}

async function compactLocked(directory: string, freeBytes: typeof freeBytesAt): Promise<Compacted> {
  const file = join(directory, storeName);
  const copy = join(directory, compactingName);
  // It checks the store as a start does. The lock is ours beyond the store's close: the rename comes after that.
  const store = await openLocked(directory, { release: async () => undefined });
  let before: Measured;
  try {
    before = await measure(file);
    refuseIfNoRoom(directory, before.meta, await freeBytes(directory));
    await store.copyCompacted(copy);
  } catch (error) {
    await rm(copy, { force: true });
    throw error instanceof StoreUnusable ? error : notCompacted(error, directory);
  } finally {
    await store.close();
  }
  const after = await finishCopy(copy, before);
  await rename(copy, file);
  await syncDirectory(directory);
  return { bytesBefore: before.bytes, bytesAfter: after.bytes };
}

/** Opening a store would make one. */
async function refuseIfAbsent(directory: string): Promise<void> {
  const stats = await stat(join(directory, storeName)).catch(() => undefined);
  if (stats?.isFile()) return;
  throw new StoreUnusable('io', `There is no store in ${directory}. Say where the data directory is with --data-dir.`);
}

/** What the copy will take, by the pages in use. */
function refuseIfNoRoom(directory: string, { tree, pageSize }: Meta, free: number): void {
  const needed = (2 + tree.branchPages + tree.leafPages + tree.overflowPages) * pageSize + spareBytes;
  if (free >= needed) return;
  const sizes = `It takes ${mebibytes(needed)} beside the present file until that is replaced, and ${mebibytes(free)} are free.`;
  throw new StoreUnusable('no-space', `There is no room to compact the store in ${directory}. ${sizes}`);
}

async function freeBytesAt(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}

function notCompacted(error: unknown, directory: string): StoreUnusable {
  const why = error instanceof Error ? error.message : String(error);
  const sentence = `The store in ${directory} can not be compacted, and stays as it is. (${why})`;
  return new StoreUnusable(reasonFor(errorCode(error)), sentence, { cause: error });
}

interface Measured {
  readonly meta: Meta;
  readonly bytes: number;
}

async function measure(path: string): Promise<Measured> {
  const file = await open(path, 'r');
  try {
    const start = Buffer.alloc(metaBytes);
    const { bytesRead } = await file.read(start, 0, metaBytes, 0);
    const bytes = (await file.stat()).size;
    const meta = readMeta(start.subarray(0, bytesRead), bytes);
    assert(typeof meta !== 'string', `a store that LMDB has opened can be read: ${meta}`);
    return { meta, bytes };
  } finally {
    await file.close();
  }
}

/** Nothing takes the store's name that is not whole, does not hold as many entries, or is not on the disk. */
async function finishCopy(path: string, before: Measured): Promise<Measured> {
  try {
    const after = await measure(path);
    assert(after.meta.entries === before.meta.entries, 'a compacted store has all entries');
    const file = await open(path, 'r+');
    try {
      await file.chmod(0o600);
      await file.sync();
    } finally {
      await file.close();
    }
    return after;
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

/** For what the next start allocates, so that a compaction does not fill the disk. */
const spareBytes = 8 * 1024 * 1024;

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20).toLocaleString('en-US')} MiB`;
}
