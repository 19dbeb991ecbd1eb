import { constants } from 'node:fs';
import { access, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CommitFailed, type Store, StoreUnusable } from '../store.ts';
import { LogDamaged, logNumberOf } from './commitLog.ts';
import type { Disk } from './disk.ts';
import { errorCode, reasonFor, StoreDamaged } from './diskErrors.ts';
import { type Job, type JobResult, runJob } from './jobs.ts';
import { type Lock, lockDirectory } from './lock.ts';
import { LogStore } from './logStore.ts';
import { manifestName } from './manifest.ts';
import { NodeDisk, syncDirectory } from './nodeDisk.ts';
import { TableDamaged } from './table.ts';

/**
 * The data directory:
 *
 *     POSTHORN          what this is, for people; names the format
 *     manifest          which of the others count, see manifest.ts
 *     log-<number>      the last commits, see commitLog.ts
 *     table-<number>    all commits before, see table.ts
 *     ballast-<number>  space for the time when the disk is full, see reserve.ts
 *     lock-*.sock       the process that has it open, see lock.ts
 *
 * The marker is written last, when the store is known to be on disk. So a directory with a marker has lost something if
 * it has no manifest, and one without may have been interrupted while it was made.
 */
const markerFile = 'POSTHORN';

/** 1 and 2 were LMDB files. */
const formatNumber = 3;

/** Flushes and merges, for one store. */
export interface JobRunner {
  run(job: Job): Promise<JobResult>;
  /** No job is under way. */
  close(): Promise<void>;
}

/** In this thread. */
function runHere(directory: string): JobRunner {
  const disk = new NodeDisk(directory);
  return { run: (job) => runJob(disk, job), close: async () => undefined };
}

export interface EmbeddedOptions {
  /** Where flushes and merges run. */
  readonly jobRunner?: ((directory: string) => JobRunner) | undefined;
  /** Told when flushes, merges, or what belongs to them fail; once, until all of it has gone well again. */
  readonly onBackgroundFailure?: (error: Error) => void;
}

/** Opens the store in this directory and makes both if need be. Throws `StoreUnusable`; what is there stays as it is. */
export async function openEmbedded(dataDirectory: string, options: EmbeddedOptions = {}): Promise<Store> {
  let lock: Lock | undefined;
  try {
    await prepareDirectory(dataDirectory);
    lock = await lockDirectory(dataDirectory);
    return await openLocked(dataDirectory, lock, options);
  } catch (error) {
    await lock?.release();
    throw explain(error, dataDirectory);
  }
}

/** The same when the lock on the directory is held; the store releases it. */
export async function openLocked(directory: string, lock: Lock, options: EmbeddedOptions = {}): Promise<LogStore> {
  const { jobRunner = runHere, onBackgroundFailure } = options;
  const isMarked = await checkMarker(directory);
  const disk = new NodeDisk(directory);
  if (isMarked) await checkWhole(disk);
  const jobs = jobRunner(directory);
  const afterClose = async () => {
    await jobs.close();
    await lock.release();
  };
  const store = await LogStore.open(disk, {
    runJob: (job) => jobs.run(job),
    afterClose,
    ...(onBackgroundFailure !== undefined && { onBackgroundFailure }),
  });
  try {
    if (!isMarked) await writeMarker(directory);
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function prepareDirectory(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const stats = await stat(directory);
  if (!stats.isDirectory()) throw new StoreUnusable('not-a-directory', notADirectory(directory));
  await access(directory, constants.R_OK | constants.W_OK | constants.X_OK);
}

/** Whether there is one. Throws if it is that of another format. */
async function checkMarker(directory: string): Promise<boolean> {
  const text = await readFile(join(directory, markerFile), 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  const format = text === undefined ? undefined : /^Format: (\d+)$/m.exec(text)?.[1];
  if (format !== undefined && Number(format) !== formatNumber) throw otherFormat(directory, format);
  return text !== undefined;
}

/** That files are missing which only people remove. */
async function checkWhole(disk: Disk): Promise<void> {
  const names = await disk.names();
  if (!names.includes(manifestName)) throw new StoreDamaged('its manifest is missing');
  if (!names.some((name) => logNumberOf(name) !== undefined)) throw new StoreDamaged('its commit logs are missing');
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

export function explain(error: unknown, directory: string): StoreUnusable {
  if (error instanceof StoreUnusable) return error;
  if (error instanceof StoreDamaged || error instanceof LogDamaged || error instanceof TableDamaged) {
    return corrupt(directory, error.message, error);
  }
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

function corrupt(directory: string, why: string, cause?: Error): StoreUnusable {
  const advice = 'Nothing was changed. Restore the data directory from a backup, or choose an empty one.';
  const sentence = `The store in ${directory} is damaged: ${why.replace(/\.$/, '')}. ${advice}`;
  return new StoreUnusable('corrupt', sentence, { cause });
}

function otherFormat(directory: string, format: string): StoreUnusable {
  const isNewer = Number(format) > formatNumber;
  const advice = isNewer ? 'Use a newer Posthorn.' : 'Use the Posthorn that wrote it, or another directory.';
  return new StoreUnusable(
    'newer-format',
    `The store in ${directory} has format ${format}, not ${formatNumber}. ${advice}`,
  );
}
