import { open, type RootDatabase } from 'lmdb';
import { checkKey, checkOperations, checkRange } from '../checks.ts';
import type { CommitFailed, Entry, ScanRange, Store, WriteOperation } from '../store.ts';
import { toCommitFailed } from './lmdbErrors.ts';
import { Reserve } from './reserve.ts';
import { residentFileBytes } from './residentMemory.ts';
import { ValueCopies } from './valueCopies.ts';

type Database = RootDatabase<Uint8Array, Uint8Array>;

/**
 * A store in one LMDB file.
 *
 * The database is in one of these modes:
 * - *open*: reads run at the call, on the main thread, against the snapshot of the last commit that has resolved.
 * - *committing*: the same, while a thread of libuv's pool writes, syncs, writes the meta page and syncs that.
 * - *reopening*: closed for a few milliseconds, see `#reopen`. Reads and the next commit wait.
 * - *absent*: reopening failed. Every call tries again.
 *
 * What a commit does, seen with strace: `pwritev` of the changed pages, `fdatasync`, `pwrite64` of the meta page through a
 * descriptor opened with O_DSYNC, and only then does the promise resolve. That is with `overlappingSync: false`. With
 * lmdb-js's default the meta page is written before the `fdatasync`, and a restart after a power cut has to find an older
 * one by means of a third meta page and the machine's boot id; the plain order needs no such reasoning.
 */
export class LmdbStore implements Store {
  readonly #file: string;
  readonly #reserve: Reserve;
  readonly #afterClose: () => Promise<void>;
  #database: Database | undefined;
  #reopening: Promise<void> | undefined;
  #committing: Promise<void> | undefined;
  #closed = false;
  readonly #baselineBytes = residentFileBytes() ?? 0;
  #touched = 0;

  /** Opens or creates the file. Who does not know it checks it first (`checkFile`): LMDB trusts the pages that it maps. */
  static async open(file: string, afterClose: () => Promise<void> = async () => undefined): Promise<LmdbStore> {
    const database = openDatabase(file);
    try {
      return new LmdbStore(file, database, await Reserve.open(file), afterClose);
    } catch (error) {
      await database.close();
      throw error;
    }
  }

  private constructor(file: string, database: Database, reserve: Reserve, afterClose: () => Promise<void>) {
    this.#file = file;
    this.#database = database;
    this.#reserve = reserve;
    this.#afterClose = afterClose;
  }

  get shortage(): CommitFailed | undefined {
    return this.#reserve.shortage;
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    checkKey(key);
    const database = this.#usable() ?? (await this.#reopened());
    const value = database.getBinary(key);
    this.#touched++;
    if (this.#committing === undefined) this.#trim();
    return value;
  }

  async scan(range: ScanRange): Promise<Entry[]> {
    checkRange(range);
    const database = this.#usable() ?? (await this.#reopened());
    const entries: Entry[] = [];
    if (range.limit === 0 || Buffer.compare(range.from, range.to) >= 0) return entries;
    let bytesLeft = range.maxBytes ?? Number.POSITIVE_INFINITY;
    valueCopies.begin();
    for (const { key, value } of database.getRange({ start: range.from, end: range.to, limit: range.limit })) {
      if (entries.length > 0 && value.length > bytesLeft) break;
      bytesLeft -= value.length;
      entries.push({ key, value });
    }
    this.#touched += entries.length;
    if (this.#committing === undefined) this.#trim();
    return entries;
  }

  async commit(operations: readonly WriteOperation[]): Promise<void> {
    if (this.#closed) throw new Error('The store is closed.');
    if (this.#committing !== undefined) throw new Error('One commit at a time: the one before has not finished.');
    checkOperations(operations);
    const committing = this.#commit(operations);
    this.#committing = committing;
    try {
      await committing;
    } finally {
      this.#committing = undefined;
    }
  }

  /** Writes a file of its own with everything that is stored, and without the free pages between; see `compact.ts`. */
  async copyCompacted(path: string): Promise<void> {
    const database = this.#usable() ?? (await this.#reopened());
    await database.backup(path, true);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#committing?.catch(() => undefined);
    await this.#reopening?.catch(() => undefined);
    await this.#database?.close();
    this.#database = undefined;
    await this.#reserve.close();
    await this.#afterClose();
  }

  async #commit(operations: readonly WriteOperation[]): Promise<void> {
    let database: Database | undefined;
    try {
      database = this.#usable() ?? (await this.#reopened());
      const opened = database;
      await this.#reserve.ensure(operations, (key) => opened.getBinary(key)?.length);
      await write(database, operations);
    } catch (error) {
      const failure = await toCommitFailed(error);
      if (database !== undefined && !canBeginTransaction(database)) await this.#reopen().catch(() => undefined);
      throw failure;
    }
    this.#touched += operations.length;
    this.#trim();
  }

  #usable(): Database | undefined {
    if (this.#closed) throw new Error('The store is closed.');
    return this.#reopening === undefined ? this.#database : undefined;
  }

  async #reopened(): Promise<Database> {
    while (this.#reopening !== undefined) await this.#reopening.catch(() => undefined);
    if (this.#closed) throw new Error('The store is closed.');
    this.#database ??= openDatabase(this.#file);
    return this.#database;
  }

  /**
   * Every page that was read or replaced stays mapped, and after reading two gigabytes of messages all of them would count
   * as this process's memory. Reopening unmaps them, in 3 ms for 128 MiB; the page cache keeps them.
   */
  #trim(): void {
    if (this.#touched < entriesBetweenChecks || this.#reopening !== undefined) return;
    this.#touched = 0;
    const bytes = residentFileBytes();
    if (bytes !== undefined && bytes - this.#baselineBytes > mappedBytesLimit) this.#reopen().catch(() => undefined);
  }

  /** Only between commits. Closing discards an environment that LMDB has given up on, and unmaps everything. */
  #reopen(): Promise<void> {
    this.#reopening ??= this.#closeAndOpen().finally(() => {
      this.#reopening = undefined;
    });
    return this.#reopening;
  }

  async #closeAndOpen(): Promise<void> {
    const database = this.#database;
    this.#database = undefined;
    await database?.close();
    if (!this.#closed) this.#database = openDatabase(this.#file);
  }
}

/** Resident memory is asked for once in so many entries: it costs 40 us. */
const entriesBetweenChecks = 4096;
const mappedBytesLimit = 128 * 1024 * 1024;

/**
 * Address space, not memory and not disk. A file that outgrows it is mapped anew, twice as large, and the old map stays;
 * so this is generous, yet fits into the 512 GiB of address space that small ARM kernels have.
 */
const mapBytes = 64 * 1024 ** 3;

/** Used within one turn by `scan`, whose values it copies out of the buffer that lmdb-js reads each of them into. */
const valueCopies = new ValueCopies();

const binaryCodec = {
  encode: (value: Uint8Array) => value,
  /** What lmdb-js has put into memory of its own, since it is large, stays there. */
  decode: (bytes: Uint8Array & { isGlobal?: boolean }, length: number) =>
    bytes.isGlobal === true ? valueCopies.copy(bytes, length) : bytes,
};

function openDatabase(file: string): Database {
  return open<Uint8Array, Uint8Array>({
    path: file,
    noSubdir: true,
    keyEncoding: 'binary',
    encoding: 'binary',
    encoder: binaryCodec,
    maxDbs: 1,
    mapSize: mapBytes,
    overlappingSync: false,
    // The batch is delimited by hand, see `write`.
    eventTurnBatching: false,
    // Pages of messages are read in ascending order but seldom twice, and reading ahead evicts what is.
    noReadAhead: true,
    permissionsMode: 0o600,
  } as Parameters<typeof open>[0]);
}

/**
 * One block of instructions for the writing thread, which can't commit before the block's end: one transaction. Measured
 * per put of 1 KiB in a batch of 64: 0.5 us of main thread; `transactionSync` takes 8.3 us and waits for the disk there,
 * `transaction` runs its puts on the main thread too. Only the block has a promise, so none can reject unseen.
 *
 * The checks were made before: whatever throws inside the block would leave half of it.
 */
async function write(database: Database, operations: readonly WriteOperation[]): Promise<void> {
  if (operations.length === 0) return;
  await database.batch(() => {
    for (const { key, value } of operations) {
      if (value === undefined) database.remove(key);
      else database.put(key, value);
    }
  });
}

/** Whether LMDB would still begin a transaction. After a failed write of the meta page it refuses all. */
function canBeginTransaction(database: Database): boolean {
  try {
    database.transactionSync(() => undefined);
    return true;
  } catch {
    return false;
  }
}
