import { constants } from 'node:fs';
import { access, mkdir, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CommitFailed, type Store, StoreUnusable } from '../store.ts';
import { errorCode, reasonFor } from './lmdbErrors.ts';
import { LmdbStore } from './lmdbStore.ts';
import { type Lock, lockDirectory } from './lock.ts';
import { metaBytes, readMeta } from './metaPages.ts';

/**
 * The data directory:
 *
 *     POSTHORN           what this is, for people; names the format
 *     store.mdb          everything, an LMDB file
 *     store.mdb-lock     LMDB's table of readers; worthless when nobody has the store open
 *     store.mdb-compacting   what a killed compaction left, see compact.ts; worthless
 *     lock-*.sock        the process that has it open, see lock.ts
 *
 * The marker is written last, when the store is known to be on disk. So a directory with a marker has lost something if
 * it has no store, and one without may have been interrupted while it was made.
 */
const markerFile = 'POSTHORN';
export const storeName = 'store.mdb';
/** The new file of a compaction that is under way, or was killed. */
export const compactingName = `${storeName}-compacting`;

/** A header and 126 readers of 64 bytes each take 8,272. */
const readerTableBytes = 16_384;
const roomBytes = 256 * 1024;

/** 2 has groups, lanes and deduplications. Everything that 1 has is read as it is, so opening makes a 1 into a 2. */
const formatNumber = 2;
const readableFormats = [1, 2];
const formatKey = Buffer.from('\0format', 'latin1');
const formatValueOf = (format: number) => Buffer.from(`posthorn-format ${format}`, 'latin1');

/** Opens the store in this directory and makes both if need be. Throws `StoreUnusable`; what is there stays as it is. */
export async function openEmbedded(dataDirectory: string): Promise<Store> {
  let lock: Lock | undefined;
  try {
    await prepareDirectory(dataDirectory);
    lock = await lockDirectory(dataDirectory);
    return await openLocked(dataDirectory, lock);
  } catch (error) {
    await lock?.release();
    throw explain(error, dataDirectory);
  }
}

/** The same when the lock on the directory is held; the store releases it. */
export async function openLocked(directory: string, lock: Lock): Promise<LmdbStore> {
  const file = join(directory, storeName);
  const marked = await checkMarker(directory);
  const isNew = await checkFile(file, marked !== 'absent');
  await rm(join(directory, compactingName), { force: true });
  let store: LmdbStore | undefined;
  try {
    if (isNew) await checkRoom(`${file}-probe`);
    await allocateReaderTable(`${file}-lock`);
    store = await LmdbStore.open(file, () => lock.release());
    await checkFormat(store, file);
    if (marked !== 'current') await writeMarker(directory);
    return store;
  } catch (error) {
    await store?.close();
    // Half a file would be taken for a damaged store the next time.
    if (isNew && store === undefined) await rm(file, { force: true });
    throw error;
  }
}

async function prepareDirectory(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const stats = await stat(directory);
  if (!stats.isDirectory()) throw new StoreUnusable('not-a-directory', notADirectory(directory));
  await access(directory, constants.R_OK | constants.W_OK | constants.X_OK);
}

/** Checks the format there too: LMDB is not let near a store of one that is not known. */
async function checkMarker(directory: string): Promise<'absent' | 'older' | 'current'> {
  const text = await readFile(join(directory, markerFile), 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return 'absent';
  const format = /^Format: (\d+)$/m.exec(text)?.[1];
  if (format !== undefined && !readableFormats.includes(Number(format))) throw otherFormat(directory, format);
  return format === String(formatNumber) ? 'current' : 'older';
}

/** Whether there is none yet. LMDB would read beyond the end of a shortened file and take the process down with it. */
async function checkFile(path: string, hasMarker: boolean): Promise<boolean> {
  const file = await open(path, 'r').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  try {
    const size = file === undefined ? 0 : (await file.stat()).size;
    if (file === undefined || size === 0) {
      if (hasMarker) throw corrupt(path, file === undefined ? 'it is missing' : 'it is empty');
      return true;
    }
    const start = Buffer.alloc(metaBytes);
    const { bytesRead } = await file.read(start, 0, metaBytes, 0);
    const meta = readMeta(start.subarray(0, bytesRead), size);
    if (typeof meta === 'string') throw corrupt(path, meta);
    return false;
  } finally {
    await file?.close();
  }
}

/** lmdb-js crashes if it can't write the first two pages of a new file, so see beforehand whether there is room for them. */
async function checkRoom(path: string): Promise<void> {
  try {
    await writeFile(path, Buffer.alloc(roomBytes), { mode: 0o600, flush: true });
  } finally {
    await rm(path, { force: true });
  }
}

/**
 * LMDB makes its table of readers by setting a length, and then writes into the map of it: on a full disk that write ends
 * the process (SIGBUS). So its space is allocated here. Nobody else has the store open, and LMDB makes the table anew.
 */
async function allocateReaderTable(path: string): Promise<void> {
  const stats = await stat(path).catch(() => undefined);
  if (stats !== undefined && stats.blocks * 512 >= readerTableBytes) return;
  await writeFile(path, Buffer.alloc(readerTableBytes), { mode: 0o600, flush: true });
}

async function checkFormat(store: LmdbStore, file: string): Promise<void> {
  const format = await store.get(formatKey);
  const value = formatValueOf(formatNumber);
  if (format !== undefined && Buffer.compare(format, value) === 0) return;
  const isReadable = readableFormats.some((each) => format !== undefined && formatValueOf(each).equals(format));
  if (format !== undefined && !isReadable) {
    throw otherFormat(dirname(file), Buffer.from(format).toString('latin1').slice(0, 100));
  }
  const [first] = await store.scan({ from: Buffer.of(0), to: Buffer.alloc(1024, 0xff), limit: 1 });
  if (format === undefined && first !== undefined) {
    throw corrupt(file, 'it has entries but no format record, so it was not made by Posthorn');
  }
  await store.commit([{ key: formatKey, value }]);
}

async function writeMarker(directory: string): Promise<void> {
  const text = [
    'This directory is the store of a Posthorn server: its queues, topics and messages.',
    'Do not edit, copy or move single files while the server runs. Back up the directory as a whole.',
    `Format: ${formatNumber}`,
    '',
  ].join('\n');
  await writeFile(join(directory, markerFile), text, { mode: 0o600, flush: true });
  // The names of new files are data of their directories.
  await syncDirectory(directory);
  await syncDirectory(dirname(directory));
}

export async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

export function explain(error: unknown, directory: string): StoreUnusable {
  if (error instanceof StoreUnusable) return error;
  const code = errorCode(error);
  if (code === 'EEXIST' || code === 'ENOTDIR') {
    return new StoreUnusable('not-a-directory', notADirectory(directory), { cause: error });
  }
  const reason = error instanceof CommitFailed ? error.reason : reasonFor(code);
  const why = error instanceof Error ? error.message : String(error);
  const sentence = {
    'no-space': `There is no space left for the store in ${directory}. Free some, then start again.`,
    'read-only': `The data directory ${directory} can not be written to. Check its owner and permissions and that its file system is not mounted read-only.`,
    io: `The store in ${directory} can not be opened.`,
  }[reason];
  return new StoreUnusable(reason, `${sentence} (${why})`, { cause: error });
}

function notADirectory(path: string): string {
  return `The data directory ${path} is, or lies below, a file. Choose another path.`;
}

function corrupt(file: string, why: string): StoreUnusable {
  const advice = 'Nothing was changed. Restore the data directory from a backup, or choose an empty one.';
  return new StoreUnusable('corrupt', `The store ${file} is damaged: ${why}. ${advice}`);
}

function otherFormat(directory: string, format: string): StoreUnusable {
  const advice = 'Use the version of Posthorn that wrote it, or a newer one.';
  return new StoreUnusable(
    'newer-format',
    `The store in ${directory} has format ${format}, not ${formatNumber}. ${advice}`,
  );
}
