/** What a start reads: the manifest, the tables that it names, and the commit logs that are in no table yet. */
import { logName, logNumberOf, type ReplayedLog, replayLog, secureLog } from './commitLog.ts';
import type { Disk } from './disk.ts';
import { StoreDamaged } from './diskErrors.ts';
import { type Manifest, manifestName, readManifest, writeManifest } from './manifest.ts';
import { Memtable } from './memtable.ts';
import { tableNumberOf } from './table.ts';
import { Tables } from './tables.ts';

/** A log that takes no more commits, and is not in tables yet. */
export interface SealedLog {
  readonly number: number;
  readonly end: number;
  readonly memtable: Memtable;
}

export interface Recovered {
  /** Of all files. */
  readonly names: readonly string[];
  readonly tables: Tables;
  /** Those with entries, the youngest first. */
  readonly logs: readonly SealedLog[];
  /** The newest log, entries or not. Its file and those before it are there from `oldestLog` on. */
  readonly newest: { readonly number: number; readonly end: number } | undefined;
  readonly oldestLog: number | undefined;
  /** Of the last commit. */
  readonly commitNumber: number;
}

/**
 * Throws `StoreDamaged`, `LogDamaged`, `TableDamaged`, or Node's error. What is damaged or can't be read stays as it is: nothing
 * is written or removed before everything has been read. Removes nothing that could be of use to anybody.
 */
export async function recover(disk: Disk): Promise<Recovered> {
  const names = await disk.names();
  const manifest = readManifest(disk, names) ?? firstManifest(disk, names);
  if (typeof manifest === 'string') throw new StoreDamaged(manifest);
  const numbers = names.map(logNumberOf).filter((number) => number !== undefined);
  const { logs, newest, commitNumber } = replayAll(disk, manifest, numbers);
  // A process that was killed may have left names that are not durable. What those make superfluous goes after they are.
  await disk.syncDirectory();
  const tables = await Tables.open(disk, names, manifest);
  try {
    if (!names.includes(manifestName)) await writeManifest(disk, manifest);
    if (newest !== undefined) await secureLog(disk, newest);
    for (const number of numbers) if (number < manifest.firstLog) await disk.remove(logName(number));
  } catch (error) {
    tables.close();
    throw error;
  }
  const oldestLog = numbers.some((number) => number >= manifest.firstLog) ? manifest.firstLog : undefined;
  return { names, tables, logs, newest: newest && { number: newest.number, end: newest.end }, oldestLog, commitNumber };
}

/** No commit is taken before there is a manifest. So without one there must be no contents either. */
function firstManifest(disk: Disk, names: readonly string[]): Manifest {
  const hasTables = names.some((name) => tableNumberOf(name) !== undefined);
  const hasCommits = names.some((name) => logNumberOf(name) !== undefined && holdsCommits(disk, name));
  if (hasTables || hasCommits) throw new StoreDamaged('its manifest is missing');
  return { firstLog: 1, lastLog: 0, runs: [] };
}

function holdsCommits(disk: Disk, name: string): boolean {
  return (replayLog(disk, name, () => undefined)?.commits ?? 0) > 0;
}

/** From the newest on, since each log says where the one before it ends. */
function replayAll(disk: Disk, { firstLog, lastLog }: Manifest, numbers: readonly number[]) {
  const logs: SealedLog[] = [];
  let newest: ReplayedLog | undefined;
  let commitNumber = 0;
  let previous: { number: number; end: number } | undefined;
  const last = Math.max(0, ...numbers);
  // Before the first commit there may be none. Later the manifest names logs that are there.
  const newestTold = Math.max(lastLog, firstLog > 1 ? firstLog : 0);
  if (last < newestTold) throw new StoreDamaged(`${logName(newestTold)} is missing`);
  for (let number = last; number >= firstLog; number -= 1) {
    if (!numbers.includes(number)) throw new StoreDamaged(`${logName(number)} is missing`);
    const isNewest = newest === undefined;
    if (!isNewest && previous?.number !== number) throw new StoreDamaged(`${logName(number)} is not the log before`);
    const memtable = new Memtable();
    const replayed = replayLog(
      disk,
      logName(number),
      (frame) => {
        memtable.adopt(frame.bytes, frame.firstRecordAt, frame.operations);
        commitNumber = Math.max(commitNumber, frame.commit);
      },
      isNewest ? undefined : previous?.end,
    );
    if (replayed === undefined) {
      // It was interrupted while it was made. That may be so of the last one only, and not once the manifest tells of it.
      if (number !== last || number <= lastLog) throw new StoreDamaged(`${logName(number)} was never begun`);
      continue;
    }
    const { end } = replayed;
    if (isNewest) newest = replayed;
    if (!memtable.isEmpty) logs.push({ number, end, memtable });
    previous = replayed.previous;
  }
  return { logs, newest, commitNumber };
}
