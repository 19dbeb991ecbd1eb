import { randomBytes } from 'node:crypto';
import { newCounters, openQueue, type WindowLimits } from '#engines/queue';
import { assert, required } from '#std/assert';
import { asBuffer, readUint48, writeUint48 } from '#std/bytes';
import type { CommitFailed, Store, WriteOperation } from '#storage';
import {
  deadLetterSourceRange,
  type QueuePath,
  queueKey,
  queueRange,
  readDeadLetterSource,
  serverKey,
} from '#storage/keys';
import { decodeQueue, type QueueRecord } from '#storage/records';
import { type Clock, systemClock } from './clock.ts';
import { type DeliveredMessage, readOrigin } from './deliveredMessage.ts';
import { removeDiscarded } from './discard.ts';
import type { DestinationQueue, Elsewhere, Letter, LettersTaken } from './elsewhere.ts';
import { Entities } from './entities.ts';
import { CommitClosed, GroupCommit } from './groupCommit.ts';
import { Inbox } from './inbox.ts';
import { crowdedBytes, deletedRecentlyMax, deletedRecentlyMs, probeIntervalMs, sweepIntervalMs } from './limits.ts';
import { loadState } from './loadQueue.ts';
import { MovedKeys } from './movedKeys.ts';
import { DeadLetters, type MoveRoutes } from './moves.ts';
import { MoveTasks } from './moveTasks.ts';
import { createNonces } from './nonces.ts';
import { inOneCommit, type OneCommit } from './oneCommit.ts';
import { OpenQueues } from './openQueues.ts';
import { Outbox } from './outbox.ts';
import { PageReader } from './pages.ts';
import { PostedQueue, type PostedSurroundings } from './postedQueue.ts';
import { QueueHandle, type QueueSurroundings, type QueueTotals } from './queueHandle.ts';
import { recordWrites } from './queueWrites.ts';
import type { QueueDepth, QueuesCounts } from './servedQueues.ts';
import { Sweep } from './sweep.ts';
import { Timers } from './timers.ts';

export interface PartitionOptions {
  readonly clock?: Clock;
  /** 48 random bits; simulation brings its own. */
  readonly nonce?: () => number;
  /** What is kept in memory of each queue; simulation makes it small. */
  readonly windowLimits?: WindowLimits;
  /** Bytes that the waiting messages of all queues take in memory before each is left with few. */
  readonly crowdedBytes?: number;
  readonly onCommit?: (measured: { operations: number; milliseconds: number }) => void;
  readonly onFailure?: (error: CommitFailed) => void;
  /** Background work that failed for a reason other than the store's. */
  readonly onError?: (error: Error) => void;
  /** The first id that a new store gives out: no two partitions of a server may give the same. */
  readonly firstId?: number;
  /** The other partitions of the server. */
  readonly elsewhere?: Elsewhere;
  /** False: nothing moves to other queues or partitions until `begin`. */
  readonly startTasks?: boolean;
}

export type NewQueue = Omit<QueueRecord, 'queueId' | 'contentsId' | 'createdAt' | 'modifiedAt'>;

/**
 * The unit of ownership, of group commit and of failure: a store, the queues that live in it, and the work behind them.
 *
 * When a commit fails, every open queue's state is ahead of what is stored. All handles end, their callers get the
 * error, and queues are opened anew from the store when they are next asked for.
 */
export class Partition {
  /** Keys the receipt handles; made with the store, 32 bytes. */
  readonly secret: Buffer;
  /** The tasks that empty dead-letter queues. */
  readonly moves: MoveTasks;
  /** What services keep besides queues. */
  readonly entities: Entities;
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #commit: GroupCommit;
  readonly #timers: Timers;
  readonly #surroundings: QueueSurroundings & MoveRoutes;
  readonly #outbox: Outbox;
  readonly #inbox: Inbox;
  /** Where others keep the notes of them. */
  readonly #movedKeys = new MovedKeys();
  readonly #options: PartitionOptions;
  readonly #open = new OpenQueues();
  readonly #opening = new Map<string, Promise<QueueHandle | undefined>>();
  readonly #totals = new Map<string, QueueTotals>();
  /** By path, oldest first. */
  readonly #deletedAt = new Map<string, number>();
  readonly #stateLost: (() => void)[] = [];
  readonly #movedListeners: ((messages: readonly DeliveredMessage[]) => void)[] = [];
  readonly #posting: PostedSurroundings;
  #nextId: number;
  /** Failed commits so far: who read the store before one must read again. */
  #failures = 0;
  #discarding: Promise<void> | undefined;
  readonly #sweep: Sweep;
  #stopSweeping: () => void = () => undefined;
  #stopProbing: () => void = () => undefined;
  #closed = false;

  static async open(store: Store, options: PartitionOptions = {}): Promise<Partition> {
    let secret = await store.get(serverKey('secret'));
    if (secret === undefined) {
      secret = randomBytes(32);
      await store.commit([{ key: serverKey('secret'), value: secret }]);
    }
    const nextId = await store.get(serverKey('nextId'));
    const id = nextId === undefined ? (options.firstId ?? 1) : readUint48(asBuffer(nextId), 0);
    return new Partition(store, options, asBuffer(secret), id);
  }

  private constructor(store: Store, options: PartitionOptions, secret: Buffer, nextId: number) {
    assert(secret.length === 32, 'the secret has 32 bytes');
    this.#store = store;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.secret = secret;
    this.#nextId = nextId;
    this.#timers = new Timers(this.#clock);
    this.#commit = new GroupCommit(store, {
      onFailure: (error) => this.#dropState(error),
      observe: (measured) => {
        options.onCommit?.(measured);
        if (store.shortage !== undefined) this.#probeLater();
      },
    });
    const shared = {
      commit: this.#commit,
      clock: this.#clock,
      allocateId: () => this.#allocateId(),
      openQueue: ({ accountId, region, name }: QueuePath) => this.queue(accountId, region, name),
      find: (path: QueuePath) => this.find(path),
      beforeMove: (messages: readonly DeliveredMessage[]) => this.#beforeMove(messages),
      whenRoom: () => this.#outbox.whenRoom(),
      report: (error: Error) => this.#reportUnlessStore(error),
    };
    this.entities = new Entities(this.#commit);
    this.#sweep = new Sweep({ ...shared, open: this.#open, isClosed: () => this.#closed });
    this.#inbox = new Inbox({ commit: this.#commit, find: shared.openQueue });
    this.#outbox = new Outbox({
      ...shared,
      ship: (to, letters) => required(options.elsewhere, 'other partitions').ship(to, letters),
      lastId: () => ({ id: this.#nextId - 1, operation: this.#nextIdWrite() }),
    });
    this.#posting = {
      now: () => this.now(),
      post: (to, letters) => this.#outbox.post(to, letters),
      moved: (messages) => this.#surroundings.moved(messages),
    };
    const deadLetters = new DeadLetters(shared);
    this.moves = new MoveTasks(shared);
    this.#surroundings = {
      ...shared,
      timers: this.#timers,
      pages: new PageReader(this.#commit, this.#clock),
      memory: { bytes: 0, crowdedBytes: options.crowdedBytes ?? crowdedBytes },
      nonce: options.nonce ?? createNonces(),
      contentsDiscarded: () => this.#removeDiscarded(),
      queueDeleted: (record) => this.#queueDeleted(record),
      moved: (messages) => {
        for (const listener of this.#movedListeners) listener(messages);
      },
      moveDeadLetters: (from, messages) => {
        deadLetters.move(from, messages).catch(shared.report);
      },
    };
    if (options.startTasks !== false) this.begin();
    this.#removeDiscarded();
    this.#sweepLater();
  }

  /** Goes on with what was moving when the server stopped. */
  begin(): void {
    this.moves.resume().catch((error: Error) => this.#reportUnlessStore(error));
    this.#outbox.begin();
  }

  /** Why the last commit failed, or one that adds messages would; undefined while the store takes everything. */
  get problem(): CommitFailed | undefined {
    return this.#commit.lastError ?? this.#store.shortage;
  }

  /** Milliseconds since the epoch, by the clock that the queues go by. */
  now(): number {
    return this.#clock.now();
  }

  /** The handle of an existing queue; not a promise when it is in memory. */
  queue(accountId: string, region: string, name: string): QueueHandle | Promise<QueueHandle | undefined> {
    const open = this.#open.get(accountId, region, name);
    if (open !== undefined && open.ended === undefined) return open;
    const path = queuePath({ accountId, region, name });
    let opening = this.#opening.get(path);
    if (opening === undefined) {
      opening = this.#load(accountId, region, name).finally(() => this.#opening.delete(path));
      this.#opening.set(path, opening);
    }
    return opening;
  }

  /** The queue of whatever partition, to put messages into; not a promise when it is in memory, or known to be elsewhere. */
  find(path: QueuePath): DestinationQueue | Promise<DestinationQueue | undefined> {
    const { accountId, region, name } = path;
    const { elsewhere } = this.#options;
    const known = elsewhere?.known(path);
    if (known !== undefined) return new PostedQueue(known, this.#posting);
    const queue = this.queue(accountId, region, name);
    if (elsewhere === undefined || !(queue instanceof Promise)) return queue;
    return this.#findFurther(elsewhere, path, queue);
  }

  /** Resolves when the letters of that partition are stored here, each once, in the order of their ids. */
  takeLetters(from: number, letters: readonly Letter[]): Promise<LettersTaken> {
    return this.#inbox.take(from, letters);
  }

  /** No more letters leave; they wait for the next start. */
  stopLetters(): Promise<void> {
    return this.#outbox.close();
  }

  /** Creates the queue, or finds the one that has the name already. */
  async createQueue(queue: NewQueue): Promise<{ created: boolean; handle: QueueHandle }> {
    const { accountId, region, name } = queue;
    const existing = await this.queue(accountId, region, name);
    if (existing !== undefined) return { created: false, handle: existing };
    // Nothing happens between these lines, so two creates of one name meet here.
    const meanwhile = this.#open.get(accountId, region, name);
    if (meanwhile !== undefined && meanwhile.ended === undefined) return { created: false, handle: meanwhile };
    const { id, operation } = this.#allocateId();
    const createdAt = this.#clock.now();
    const { settings, attributes, tags } = queue;
    // Written out: V8 gives most objects that a spread begins and others go on with a hidden class of their own each.
    const record: QueueRecord = {
      accountId,
      region,
      name,
      settings,
      attributes,
      tags,
      queueId: id,
      contentsId: id,
      createdAt,
      modifiedAt: createdAt,
    };
    const state = openQueue(settings, newCounters, [], undefined, this.#options.windowLimits);
    const handle = this.#adopt(record, { state });
    const batch = this.#commit.append([operation, ...recordWrites(record)]);
    this.#commit.touch(handle);
    await batch.durable;
    return { created: true, handle };
  }

  /** Records in the order of their names, of those whose name starts with `prefix` and follows `after`. */
  async listQueues(
    scope: { accountId: string; region: string; prefix: string; after?: string },
    limit: number,
  ): Promise<QueueRecord[]> {
    const entries = await this.#commit.scan({ ...queueRange(scope), limit });
    return entries.map(({ value }) => decodeQueue(value));
  }

  /** The queues whose dead letters go to `target`, all of its account and region, by name, of those behind the name `after`. */
  async listDeadLetterSources(target: QueuePath, after: string | undefined, limit: number): Promise<QueuePath[]> {
    const behind = after === undefined ? undefined : { ...target, name: after };
    const entries = await this.#commit.scan({ ...deadLetterSourceRange(target, behind), limit });
    return entries.map(({ key }) => readDeadLetterSource(key));
  }

  /** When a queue of that name was deleted, if that was within the last minute and since the start. */
  deletedAt({ accountId, region, name }: QueuePath): number | undefined {
    const at = this.#deletedAt.get(queuePath({ accountId, region, name }));
    return at === undefined || at + deletedRecentlyMs <= this.#clock.now() ? undefined : at;
  }

  /** Everything that `act` writes is one commit, and synced when the promise resolves; see `oneCommit.ts`. */
  inOneCommit<T>(act: (one: OneCommit) => T): Promise<T> {
    const room = this.#outbox.whenRoom();
    const begin = () => inOneCommit(this.#surroundings, act);
    return room === undefined ? begin() : room.then(begin);
  }

  /** Calls `listener` whenever a commit has failed: what was known of the entities may be ahead of what is stored. */
  onStateLost(listener: () => void): void {
    this.#stateLost.push(listener);
  }

  /** Calls `listener` in the turn in which messages go to another queue: what it writes is of the same commit. */
  onMoved(listener: (messages: readonly DeliveredMessage[]) => void): void {
    this.#movedListeners.push(listener);
  }

  counts(): QueuesCounts {
    const depths = new Map<string, QueueDepth>();
    for (const [path, { restingMessages }] of this.#totals) {
      const { accountId, region, name } = readOrigin(path);
      const open = this.#open.get(accountId, region, name);
      const isOpen = open !== undefined && open.ended === undefined;
      depths.set(path, isOpen ? open.depth() : { visible: restingMessages, inFlight: 0, delayed: 0 });
    }
    const { bytes: waitingBytes } = this.#surroundings.memory;
    return { totals: this.#totals, depths, lettersWaiting: this.#outbox.waiting, waitingBytes };
  }

  /** Answers waiting receives with nothing, so that their connections can end. */
  answerWaiting(): void {
    for (const handle of this.#open.values()) handle.answerWaiting();
  }

  /** Finishes what was accepted and closes the store. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#stopSweeping();
    this.#stopProbing();
    this.answerWaiting();
    await this.#discarding;
    await this.stopLetters();
    await this.moves.close();
    for (const handle of this.#open.values()) handle.storeDeliveries();
    this.#timers.close();
    await this.#commit.close();
    await this.#store.close();
  }

  async #load(accountId: string, region: string, name: string): Promise<QueueHandle | undefined> {
    for (;;) {
      const failures = this.#failures;
      const bytes = await this.#commit.get(queueKey(accountId, region, name));
      if (bytes === undefined) return undefined;
      const record = decodeQueue(bytes);
      const loaded = await loadState(this.#commit, record, this.#options.windowLimits);
      // What was read may include a batch that has failed since: then it never was.
      if (failures !== this.#failures) continue;
      assert(queuePath(record) === queuePath({ accountId, region, name }), 'a record lies under its own name');
      return this.#adopt(record, loaded);
    }
  }

  #adopt(record: QueueRecord, stored: ConstructorParameters<typeof QueueHandle>[1]): QueueHandle {
    const handle = new QueueHandle(record, stored, this.#totalsOf(queuePath(record)), this.#surroundings);
    this.#open.set(record, handle);
    return handle;
  }

  #totalsOf(path: string): QueueTotals {
    let totals = this.#totals.get(path);
    if (totals === undefined) {
      totals = { sent: 0, received: 0, emptyReceives: 0, deleted: 0, restingMessages: 0 };
      this.#totals.set(path, totals);
    }
    return totals;
  }

  #queueDeleted(record: QueueRecord): void {
    this.#open.delete(record);
    const path = queuePath(record);
    this.#deletedAt.delete(path);
    this.#deletedAt.set(path, this.#clock.now());
    const [oldest] = this.#deletedAt.keys();
    if (this.#deletedAt.size > deletedRecentlyMax && oldest !== undefined) this.#deletedAt.delete(oldest);
    // Not if the commit fails that deletes the queue.
    const durable = this.#commit.flush();
    durable.then(() => this.moves.forgetQueue(record.queueId)).catch((error: Error) => this.#reportUnlessStore(error));
  }

  async #findFurther(
    elsewhere: Elsewhere,
    path: QueuePath,
    here: Promise<QueueHandle | undefined>,
  ): Promise<DestinationQueue | undefined> {
    const queue = await here;
    if (queue !== undefined) return queue;
    const found = await elsewhere.find(path);
    return found && new PostedQueue(found, this.#posting);
  }

  #beforeMove(messages: readonly DeliveredMessage[]): Promise<void> | undefined {
    const { elsewhere } = this.#options;
    if (elsewhere?.keysMoved === undefined) return undefined;
    const now = this.#clock.now();
    const ids = this.#movedKeys.unnoted(messages, now);
    // Noted when that has been done, so that nobody moves what waits for it still.
    return ids.length === 0 ? undefined : elsewhere.keysMoved(ids).then(() => this.#movedKeys.note(ids, now));
  }

  #allocateId(): { id: number; operation: WriteOperation } {
    const id = this.#nextId++;
    return { id, operation: this.#nextIdWrite() };
  }

  #nextIdWrite(): WriteOperation {
    const value = Buffer.allocUnsafe(6);
    writeUint48(value, this.#nextId, 0);
    return { key: serverKey('nextId'), value };
  }

  #dropState(error: CommitFailed): void {
    this.#failures += 1;
    for (const handle of this.#open.values()) handle.end(error);
    this.#open.clear();
    this.moves.stateLost();
    this.#outbox.stateLost();
    for (const listener of this.#stateLost) listener();
    this.#options.onFailure?.(error);
    this.#probeLater();
  }

  /** However many commits fail, there is one probe at a time. */
  #probeLater(): void {
    this.#stopProbing();
    this.#stopProbing = this.#clock.schedule(this.#clock.now() + probeIntervalMs, () => this.#probe());
  }

  /** Writes what is there already, so that the store looks for space again; see who calls `#probeLater`. */
  #probe(): void {
    if (this.#closed || this.problem === undefined) return;
    this.#commit.append([{ key: serverKey('secret'), value: this.secret }]);
  }

  #removeDiscarded(): void {
    if (this.#discarding !== undefined) return;
    this.#discarding = removeDiscarded(this.#commit, this.#clock, () => this.#closed)
      .catch((error: Error) => this.#reportUnlessStore(error))
      .finally(() => {
        this.#discarding = undefined;
      });
  }

  #sweepLater(): void {
    this.#stopSweeping = this.#clock.schedule(this.#clock.now() + sweepIntervalMs, () => {
      this.#removeDiscarded();
      this.#sweep
        .run()
        .catch((error: Error) => this.#reportUnlessStore(error))
        .finally(() => {
          if (!this.#closed) this.#sweepLater();
        });
    });
  }

  /** The store's own failures are known already: every caller got them. */
  #reportUnlessStore(error: Error): void {
    if (error.name === 'CommitFailed' || error instanceof CommitClosed) return;
    this.#options.onError?.(error);
  }
}

function queuePath({ accountId, region, name }: QueuePath): string {
  return `${accountId}/${region}/${name}`;
}
