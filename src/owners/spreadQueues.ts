import { randomInt } from 'node:crypto';
import {
  type CommitFailed,
  type FoundElsewhere,
  type NewQueue,
  type Partition,
  type QueueHandle,
  type QueuePath,
  type QueuesCounts,
  type ServedMoves,
  type ServedQueue,
  type ServedQueues,
  Turns,
} from '#runtime';
import { NewestMap } from '#std/newestMap';
import { findForSure } from './performCalls.ts';
import type { QueueOwner, QueueRecord } from './queueOwner.ts';
import { RemoteHandle } from './remoteHandle.ts';

/** Queues of other processes that are known here; the one asked for longest ago is forgotten first. */
const knownQueuesMax = 100_000;
/** Names of queues that were deleted. */
const deletedMax = 10_000;

type FoundQueue = QueueHandle | RemoteHandle;

/** The account of a client's queue; those that a service keeps for itself lie with the service. */
const clientAccount = /^\d{12}$/;

/**
 * The queues of several partitions: *home*, in this process, and the others', each in a process of its own.
 *
 * A queue is in one of them, and nowhere is written in which: its record is, once, where it lies. So who looks for a queue
 * looks at home, then asks all the others, and remembers who had it. Queues are created here only, one of a name at a time,
 * and only after nobody had it: no name is ever in two partitions.
 */
export class SpreadQueues implements ServedQueues {
  readonly moves: ServedMoves;
  readonly #home: Partition;
  readonly #owners: readonly QueueOwner[];
  readonly #known = new NewestMap<string, RemoteHandle>(knownQueuesMax);
  readonly #asked = new Map<string, Promise<RemoteHandle | undefined>>();
  readonly #deletedAt = new NewestMap<string, number>(deletedMax);
  readonly #creations = new Turns();
  #lastPartition: number;

  constructor(home: Partition, owners: readonly QueueOwner[]) {
    this.#home = home;
    this.#owners = owners;
    this.#lastPartition = randomInt(owners.length + 1);
    this.moves = {
      start: ({ source, ...task }) =>
        source instanceof RemoteHandle
          ? this.#owner(source).startMove(source.path, task)
          : home.moves.start({ ...task, source: source as QueueHandle }),
      list: (source, limit) =>
        source instanceof RemoteHandle
          ? this.#owner(source).listMoves(source.path, limit)
          : home.moves.list(source as QueueHandle, limit),
      cancel: (source, taskId) =>
        source instanceof RemoteHandle
          ? this.#owner(source).cancelMove(source.path, taskId)
          : home.moves.cancel(source as QueueHandle, taskId),
    };
  }

  get secret(): Buffer {
    return this.#home.secret;
  }

  get problem(): CommitFailed | undefined {
    return this.#home.problem ?? this.#owners.find(({ problem }) => problem !== undefined)?.problem;
  }

  now(): number {
    return this.#home.now();
  }

  queue(accountId: string, region: string, name: string): FoundQueue | Promise<FoundQueue | undefined> {
    const known = this.#known.get(pathKey({ accountId, region, name }));
    if (known !== undefined) return known;
    const own = this.#home.queue(accountId, region, name);
    if (!(own instanceof Promise)) return own;
    return this.#elsewhereUnless(own, { accountId, region, name });
  }

  /** What is known of it without asking. */
  known(path: QueuePath): FoundElsewhere | undefined {
    return this.#known.get(pathKey(path));
  }

  /** For home's own partition, which does not have it. */
  async findElsewhere(path: QueuePath): Promise<FoundElsewhere | undefined> {
    return this.#ask(path);
  }

  /** For the partition `asker`, which does not have it. */
  async findFor(asker: number, { accountId, region, name }: QueuePath): Promise<FoundElsewhere | undefined> {
    const found = await this.queue(accountId, region, name);
    if (found === undefined) return undefined;
    const { partition, record } = found instanceof RemoteHandle ? found : { partition: 0, record: found.record };
    return partition === asker ? undefined : { partition, record };
  }

  /** Looks for the queue everywhere before it is made, whatever became of an attempt before. */
  createQueue(queue: NewQueue): Promise<{ created: boolean; handle: ServedQueue }> {
    const { accountId, region, name } = queue;
    return this.#creations.take(pathKey(queue), async () => {
      const existing = (await this.queue(accountId, region, name)) ?? (await this.#findForSure(queue));
      if (existing !== undefined) return { created: false, handle: existing };
      const owner = this.#owners[this.#nextPartition() - 1];
      if (owner === undefined) return this.#home.createQueue(queue);
      const { created, record } = await owner.createQueue(queue);
      return { created, handle: this.#adopt(record, owner) };
    });
  }

  async listQueues(...[scope, limit]: Parameters<Partition['listQueues']>): Promise<QueueRecord[]> {
    const lists = await this.#everywhere((each) => each.listQueues(scope, limit));
    return merged(lists, limit);
  }

  async listDeadLetterSources(...[target, after, limit]: Parameters<Partition['listDeadLetterSources']>) {
    const lists = await this.#everywhere((each) => each.listDeadLetterSources(target, after, limit));
    return merged(lists, limit);
  }

  deletedAt(path: QueuePath): number | undefined {
    return this.#home.deletedAt(path) ?? this.#deletedAt.get(pathKey(path));
  }

  /** A queue that was deleted and made anew may have been in two of them: its counts are one. */
  async counts(): Promise<QueuesCounts> {
    const all = [this.#home.counts(), ...(await Promise.all(this.#owners.map((each) => each.counts())))];
    return {
      totals: summed(all.map(({ totals }) => totals)),
      depths: summed(all.map(({ depths }) => depths)),
      lettersWaiting: Math.max(...all.map(({ lettersWaiting }) => lettersWaiting)),
      waitingBytes: all.reduce((sum, { waitingBytes }) => sum + waitingBytes, 0),
    };
  }

  answerWaiting(): void {
    this.#home.answerWaiting();
    for (const each of this.#owners) each.answerWaiting();
  }

  async #elsewhereUnless(own: Promise<QueueHandle | undefined>, path: QueuePath): Promise<FoundQueue | undefined> {
    return (await own) ?? this.#ask(path);
  }

  /** In turn, which spreads a few queues more evenly than chance. */
  #nextPartition(): number {
    this.#lastPartition = (this.#lastPartition + 1) % (this.#owners.length + 1);
    return this.#lastPartition;
  }

  #owner({ partition }: RemoteHandle): QueueOwner {
    return this.#owners[partition - 1] as QueueOwner;
  }

  #everywhere<T>(ask: (each: Pick<QueueOwner, 'listQueues' | 'listDeadLetterSources'>) => Promise<T>): Promise<T[]> {
    return Promise.all([this.#home, ...this.#owners].map(ask));
  }

  /** All who may have it; those who wait for the answer ask once. */
  #ask(path: QueuePath): Promise<RemoteHandle | undefined> {
    if (!clientAccount.test(path.accountId)) return Promise.resolve(undefined);
    const key = pathKey(path);
    let asked = this.#asked.get(key);
    if (asked === undefined) {
      asked = this.#askAll((owner) => owner.find(path)).finally(() => this.#asked.delete(key));
      this.#asked.set(key, asked);
    }
    return asked;
  }

  async #findForSure(path: QueuePath): Promise<FoundQueue | undefined> {
    const [own, elsewhere] = await Promise.all([
      findForSure(this.#home, path),
      this.#askAll((owner) => owner.findForSure(path)),
    ]);
    return own ?? elsewhere;
  }

  async #askAll(ask: (owner: QueueOwner) => Promise<QueueRecord | undefined>): Promise<RemoteHandle | undefined> {
    const records = await Promise.all(this.#owners.map(ask));
    for (const [place, record] of records.entries()) {
      if (record !== undefined) return this.#adopt(record, this.#owners[place] as QueueOwner);
    }
    return undefined;
  }

  #adopt(record: QueueRecord, owner: QueueOwner): RemoteHandle {
    const key = pathKey(record);
    const known = this.#known.get(key);
    if (known?.record.queueId === record.queueId) return known;
    const handle = new RemoteHandle(record, {
      owner,
      now: () => this.now(),
      doubtful: () => this.#known.delete(key),
      changed: (changed) => {
        if (this.#known.get(key) !== changed) this.#known.delete(key);
      },
      deleted: () => this.#deletedAt.set(key, this.now()),
    });
    this.#known.set(key, handle);
    return handle;
  }
}

function pathKey({ accountId, region, name }: QueuePath): string {
  return `${accountId}/${region}/${name}`;
}

/** The first of all, where each list has its own first, in the order of the stores: that of the names' bytes. */
function merged<T extends { readonly name: string }>(lists: readonly (readonly T[])[], limit: number): T[] {
  const all = lists.flat().sort((a, b) => (a.name < b.name ? -1 : 1));
  return all.slice(0, limit);
}

function summed<T extends object>(counts: readonly ReadonlyMap<string, T>[]): Map<string, T> {
  const sum = new Map<string, T>();
  for (const [path, count] of counts.flatMap((each) => [...each])) sum.set(path, added(sum.get(path), count));
  return sum;
}

function added<T extends object>(one: T | undefined, other: T): T {
  if (one === undefined) return other;
  const sum = Object.entries(other).map(([name, count]) => [name, (one[name as keyof T] as number) + count]);
  return Object.fromEntries(sum);
}
