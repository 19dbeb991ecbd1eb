import { asBuffer } from '#std/bytes';
import { checkKey, checkOperations, checkRange } from '../checks.ts';
import type { CommitFailed, Entry, KeyRange, ScanRange, Store, WriteOperation } from '../store.ts';
import { Background } from './background.ts';
import { allocationBytes, CommitLog, logName } from './commitLog.ts';
import type { Disk } from './disk.ts';
import { isNoSpace, toCommitFailed } from './diskErrors.ts';
import { DiskSpace } from './diskSpace.ts';
import { frameBytes } from './frames.ts';
import type { Job, JobResult } from './jobs.ts';
import type { NeededLogs } from './manifest.ts';
import { ChunkMemory, Memtable } from './memtable.ts';
import { mergeCursors } from './mergeCursors.ts';
import { type Recovered, recover, type SealedLog } from './recovery.ts';
import { ballastPieceBytes, growthOf, keptAltogether } from './reserve.ts';
import type { Tables } from './tables.ts';
import { ValueCopies } from './valueCopies.ts';

export interface LogStoreOptions {
  /** Runs a flush or a merge, at best in another thread. */
  readonly runJob: (job: Job) => Promise<JobResult>;
  readonly afterClose?: () => Promise<void>;
  /** Told of the first failure of the background's work since all went well. */
  readonly onBackgroundFailure?: (error: Error) => void;
  /** A log of so many bytes or operations is full. */
  readonly logBytes?: number;
  readonly logOperations?: number;
  /** A log's file grows by as much. */
  readonly allocatedAtOnce?: number;
  /** Of the entries of a table. */
  readonly tableBytes?: number;
  /** What a full log holds goes into the next one if it is not more than this. */
  readonly carriedBytes?: number;
  /** Space that is kept in the log, and beside it, for the time when the disk is full (`reserve.ts`). */
  readonly keptBytes?: number;
  readonly ballastPieceBytes?: number;
}

/**
 * A log-structured merge tree: commits are appended to a log and found in its memtable; full logs become sorted tables, and
 * tables are merged (`docs/internals/store.md`). Reads look into the memtables and then into the runs of tables, the
 * youngest first, and run at the call, on the main thread.
 *
 * A commit log is in one of these modes:
 * - *newest*: takes the commits. *Full* once it has `logBytes` or `logOperations`: the next commit begins a new one.
 * - *broken*: a write failed, and part of that frame may be in it. The next commit begins a new one, which says where this
 *   one ends, so that the refused frame never counts.
 * - *sealed*: waits to be flushed; its memtable is read. More than `mostSealed` of them, and commits go on in the full log.
 * - *released*: all of it is in a younger log, or in tables that the manifest names. One is kept to be the next log's file.
 */
export class LogStore implements Store {
  readonly #disk: Disk;
  readonly #limits: Limits;
  readonly #afterClose: () => Promise<void>;
  readonly #tables: Tables;
  readonly #space: DiskSpace;
  readonly #background: Background;
  #log: CommitLog;
  readonly #memory = new ChunkMemory();
  #active = new Memtable(this.#memory);
  /** The youngest first. */
  #sealed: readonly SealedLog[];
  /** Is being written into the newest log, and not to be flushed meanwhile. */
  #carrying = false;
  /** The oldest log whose file is there. */
  #oldestLog: number;
  #commitNumber: number;
  #isCommitting = false;
  /** Ends when nobody writes into logs, or begins one. */
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;

  /** Reads what is there, or begins a store. Throws `StoreDamaged`, `LogDamaged`, `TableDamaged`, or Node's error. */
  static async open(disk: Disk, options: LogStoreOptions): Promise<LogStore> {
    const recovered = await recover(disk);
    const limits = { ...defaultLimits, ...options };
    const space = new DiskSpace(disk, recovered.names, recovered.tables, limits);
    const number = (recovered.newest?.number ?? 0) + 1;
    try {
      const log = await space.forNewLog(() =>
        CommitLog.create(disk, number, recovered.newest, undefined, limits.allocatedAtOnce),
      );
      const store = new LogStore(disk, options, limits, recovered, space, log);
      if (store.#sealed.length > 0) await store.#carry(store.#sealed, limits.carriedBytes);
      store.#background.wake();
      return store;
    } catch (error) {
      recovered.tables.close();
      throw error;
    }
  }

  private constructor(
    disk: Disk,
    { runJob, afterClose, onBackgroundFailure = () => undefined }: LogStoreOptions,
    limits: Limits,
    recovered: Recovered,
    space: DiskSpace,
    log: CommitLog,
  ) {
    this.#disk = disk;
    this.#limits = limits;
    this.#afterClose = afterClose ?? (async () => undefined);
    this.#tables = recovered.tables;
    this.#space = space;
    this.#log = log;
    this.#sealed = recovered.logs;
    this.#oldestLog = recovered.oldestLog ?? log.number;
    this.#commitNumber = recovered.commitNumber;
    this.#background = new Background({
      disk,
      tables: recovered.tables,
      tableBytes: limits.tableBytes,
      runJob,
      nextToFlush: () => (this.#carrying ? undefined : this.#sealed.at(-1)),
      flushed: (flushed) => this.#unseal([flushed]),
      neededLogs: (flushed) => this.#neededLogs(flushed),
      keepBallast: () => this.#space.keepBallast(this.#active),
      giveUpSpace: () => this.#space.giveUp(),
      releaseLogs: (below) => this.#releaseLogs(below),
      failed: onBackgroundFailure,
    });
  }

  get shortage(): CommitFailed | undefined {
    return this.#space.shortage;
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    this.#checkOpen();
    checkKey(key);
    const found = this.#find(key);
    return found === 'deleted' ? undefined : found;
  }

  async scan(range: ScanRange): Promise<Entry[]> {
    this.#checkOpen();
    checkRange(range);
    const { from, to, limit } = range;
    const entries: Entry[] = [];
    if (limit === 0 || Buffer.compare(from, to) >= 0) return entries;
    let bytesLeft = range.maxBytes ?? Number.POSITIVE_INFINITY;
    const memtables = [this.#active, ...this.#sealed.map(({ memtable }) => memtable)];
    const sources = memtables.filter((memtable) => !memtable.isEmpty).map((memtable) => memtable.cursor(from));
    const cursor = mergeCursors([...sources, ...this.#tables.cursors(from, to)]);
    valueCopies.begin();
    for (; cursor.key !== undefined && entries.length < limit; cursor.next()) {
      if (Buffer.compare(cursor.key, to) >= 0) break;
      const { value } = cursor;
      if (value === undefined) continue;
      if (entries.length > 0 && value.length > bytesLeft) break;
      bytesLeft -= value.length;
      entries.push({ key: Buffer.from(cursor.key), value: valueCopies.copy(value, value.length) });
    }
    return entries;
  }

  async commit(operations: readonly WriteOperation[]): Promise<void> {
    this.#checkOpen();
    if (this.#isCommitting) throw new Error('One commit at a time: the one before has not finished.');
    checkOperations(operations);
    if (operations.length === 0) return;
    this.#isCommitting = true;
    try {
      await this.#alone(() => this.#commit(operations));
    } finally {
      this.#isCommitting = false;
    }
  }

  /** What memtables hold leaves by the flush of their logs; tables go as a whole. */
  async forget(ranges: readonly KeyRange[]): Promise<void> {
    this.#checkOpen();
    const newest = await this.#alone(async () => {
      // A log that can't be begun is no failure: its entries are found afterwards.
      if (this.#active.hasAnyIn(ranges)) await this.#beginLog(0).catch(() => undefined);
      return this.#log.number - 1;
    });
    await this.#background.forget(ranges, newest);
  }

  /** Waits until every full log is in tables and these are merged as far as is worthwhile, or until that fails. */
  async settled(): Promise<void> {
    this.#background.urge();
    await this.#background.settled();
  }

  /** Writes tables that hold nothing but what is stored, and removes what is kept ready. No commits any more; `close` comes next. */
  async compact(): Promise<void> {
    await this.#background.stop();
    // Before, so that the last log is a small one, and after.
    while (await this.#space.giveUp());
    if (!this.#active.isEmpty) await this.#beginLog(0);
    await this.#background.compact();
    await this.#space.giveUpSpare();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#turn;
    await this.#background.stop();
    await this.#log.close().catch(() => undefined);
    this.#tables.close();
    await this.#afterClose();
  }

  #alone<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(act);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #commit(operations: readonly WriteOperation[]): Promise<void> {
    try {
      const bytes = frameBytes(operations);
      await this.#beginLogIfNeeded(bytes);
      await this.#makeRoom(bytes, operations);
      await this.#append(operations, bytes);
    } catch (error) {
      throw toCommitFailed(error);
    }
    this.#active.apply(operations.length, this.#liesBelow(this.#sealed));
    const mayHaveWork = this.#sealed.length > 0 || this.#tables.logs.firstLog < this.#log.number;
    if (mayHaveWork || this.#space.isWanting(this.#active)) this.#background.wake();
  }

  async #append(operations: readonly WriteOperation[], bytes: number): Promise<void> {
    this.#commitNumber += 1;
    await this.#log.append(this.#active.layOut(operations, bytes, this.#log.number, this.#commitNumber));
  }

  async #beginLogIfNeeded(bytes: number): Promise<void> {
    if (this.#log.isBroken) return this.#beginLog();
    const { logBytes, logOperations } = this.#limits;
    const fill = Math.max(this.#log.end / logBytes, this.#active.operations / logOperations);
    const isEarly = this.#space.wantsNewLog(this.#log, this.#active, bytes);
    if (!isEarly && (fill < 1 || !(await this.#mayBeginLog(fill)))) return;
    // On a full disk the present log goes on as far as it can.
    await this.#beginLog().catch((error: unknown) => {
      if (this.#log.isBroken || !isNoSpace(error)) throw error;
    });
  }

  /** Whether a full log can be sealed: flushing keeps up. If it does not, commits wait, rather than memory growing for ever. */
  async #mayBeginLog(fill: number): Promise<boolean> {
    if (this.#sealed.length < mostSealed) return true;
    if (fill < mostFill) return false;
    // What is under way may have begun before its cause of failure was gone.
    for (let attempts = 2; attempts > 0; attempts -= 1) {
      this.#background.urge();
      await this.#background.settled();
      if (this.#sealed.length < mostSealed) return true;
    }
    throw this.#background.failure ?? new Error('Commits wait for the tables of earlier ones.');
  }

  async #beginLog(carriedBytes = this.#limits.carriedBytes): Promise<void> {
    const before = { number: this.#log.number, end: this.#log.end, memtable: this.#active };
    const next = await this.#space.forNewLog((spare) =>
      CommitLog.create(this.#disk, before.number + 1, this.#log, spare, this.#limits.allocatedAtOnce),
    );
    // Nothing is lost by a descriptor that can't be closed.
    await this.#log.close().catch(() => undefined);
    this.#log = next;
    this.#active = new Memtable(this.#memory);
    this.#sealed = [before, ...this.#sealed];
    await this.#carry([before], carriedBytes);
    // At once, failures or not: until the manifest tells of the log, nobody would miss it.
    this.#background.urge();
  }

  /**
   * Writes what sealed logs hold into the newest one, whose first frame it is. Not if it is much, and it may fail: then
   * they have to be flushed.
   */
  async #carry(logs: readonly SealedLog[], mostBytes: number): Promise<void> {
    const liveBytes = logs.reduce((sum, { memtable }) => sum + memtable.liveBytes, 0);
    if (liveBytes > mostBytes) return;
    // Of those that stay, some may go into tables while this is under way.
    const older = () => this.#sealed.filter((each) => !logs.includes(each));
    const operations = contentsOf(logs, this.#liesBelow(older()));
    this.#carrying = true;
    try {
      if (operations.length > 0) {
        await this.#append(operations, frameBytes(operations));
        this.#active.apply(operations.length, this.#liesBelow(older()));
      }
      this.#unseal(logs);
    } catch {
      this.#active = new Memtable(this.#memory);
    } finally {
      this.#carrying = false;
    }
  }

  #unseal(logs: readonly SealedLog[]): void {
    this.#sealed = this.#sealed.filter((each) => !logs.includes(each));
    for (const { memtable } of logs) memtable.release();
  }

  async #makeRoom(bytes: number, operations: readonly WriteOperation[]): Promise<void> {
    const growth = () => growthOf(operations, (key) => this.#storedBytes(key));
    const refused = await this.#space.makeRoom(this.#log, bytes, growth, this.#background.failure);
    if (refused === undefined) return;
    const { shortage } = this.#space;
    this.#background.wake();
    if (refused === 'more') await this.#flushDeletions();
    throw shortage;
  }

  /** What tables hold in vain is freed once they are merged with the deletions, which may be in the newest log only. */
  async #flushDeletions(): Promise<void> {
    const isWorthwhile = this.#log.end * leastHiddenByDeletion > this.#tables.bytes;
    if (!isWorthwhile || this.#tables.runs.length === 0 || this.#active.isEmpty || this.#sealed.length > 0) return;
    await this.#beginLog(0).catch(() => undefined);
  }

  #find(key: Uint8Array): Buffer | 'deleted' | undefined {
    for (const memtable of [this.#active, ...this.#sealed.map((each) => each.memtable)]) {
      const found = memtable.get(key);
      if (found !== undefined) return found === 'deleted' ? found : Buffer.from(found);
    }
    return this.#tables.get(asBuffer(key));
  }

  /** What can't be read counts as nothing, so that it may be deleted from a store that is full. */
  #storedBytes(key: Uint8Array): number | undefined {
    try {
      const found = this.#find(key);
      return found === 'deleted' ? undefined : found?.length;
    } catch {
      return undefined;
    }
  }

  /** Whether something older may have a key, so that its deletion has to be kept: these logs, or tables. */
  #liesBelow(older: readonly SealedLog[]): (key: Uint8Array) => boolean {
    return (key) => older.some(({ memtable }) => memtable.has(key)) || this.#tables.mayHave(key);
  }

  /** Those that are needed once that one is in tables. */
  #neededLogs(flushed?: SealedLog): NeededLogs {
    const oldest = this.#sealed.findLast((each) => each !== flushed);
    return { firstLog: oldest?.number ?? this.#log.number, lastLog: this.#log.number };
  }

  async #releaseLogs(below: number): Promise<void> {
    for (; this.#oldestLog < below; this.#oldestLog += 1) this.#space.takeBack(logName(this.#oldestLog));
    await this.#space.keepSpares(this.#closed ? 0 : 1);
  }

  #checkOpen(): void {
    if (this.#closed) throw new Error('The store is closed.');
  }
}

type Limits = Required<Omit<LogStoreOptions, 'runJob' | 'afterClose' | 'onBackgroundFailure'>>;

const defaultLimits: Limits = {
  /** Bounds what is in memory, and what a start has to read. */
  logBytes: 32 * 1024 * 1024,
  logOperations: 200_000,
  allocatedAtOnce: allocationBytes,
  tableBytes: 16 * 1024 * 1024,
  carriedBytes: 1024 * 1024,
  keptBytes: keptAltogether,
  ballastPieceBytes,
};
const mostSealed = 2;
/** So many times its own bytes a log of deletions may free. */
const leastHiddenByDeletion = 256;
const mostFill = 2;

/** Used within one turn by `scan`. */
const valueCopies = new ValueCopies();

/** What these logs hold together, the first of them being the youngest, without tombstones that hide nothing. */
function contentsOf(logs: readonly SealedLog[], liesBelow: (key: Uint8Array) => boolean): WriteOperation[] {
  const operations: WriteOperation[] = [];
  const cursor = mergeCursors(logs.map(({ memtable }) => memtable.cursor(Buffer.alloc(0))));
  for (; cursor.key !== undefined; cursor.next()) {
    const { key, value } = cursor;
    if (value !== undefined) operations.push({ key, value });
    else if (liesBelow(key)) operations.push({ key });
  }
  return operations;
}
