import type { QueuePath } from '#storage/keys';
import { writeOrigin } from './deliveredMessage.ts';
import type { DestinationQueue } from './elsewhere.ts';
import { type EntityChange, entityOperations } from './entities.ts';
import type { GroupCommit } from './groupCommit.ts';
import { QueueHandle } from './queueHandle.ts';

interface Surroundings<Queue> {
  readonly commit: GroupCommit;
  /** Not a promise of one that is in memory. */
  find(path: QueuePath): Queue | Promise<Queue | undefined>;
}

/**
 * Lets `act` write to several queues and entities, and resolves when all of it is synced, by one commit: what is written in
 * one turn of the event loop lies in one batch, so `act` does not wait for anything.
 *
 * It asks for what it needs before it writes. When a queue is not in memory it is broken off, and called again once they
 * all are. An error that it throws does not take back what it has written: it checks first, then writes.
 */
export async function inOneCommit<T, Queue extends DestinationQueue>(
  { commit, find }: Surroundings<Queue>,
  act: (one: OneCommit<Queue>) => T,
): Promise<T> {
  const found: Found<Queue> = new Map();
  for (;;) {
    try {
      const result = act(new OneCommit(commit, find, found));
      await commit.flush();
      return result;
    } catch (error) {
      if (!(error instanceof NotReady)) throw error;
      await Promise.all(error.pending);
    }
  }
}

/** Not an error of anybody: `act` can't go on before these have resolved. */
class NotReady extends Error {
  readonly pending: readonly Promise<unknown>[];

  constructor(pending: readonly Promise<unknown>[]) {
    super('Something has to be waited for first.');
    this.pending = pending;
  }
}

/** By name, what the calls before have found that does not come into memory by being asked for: elsewhere, or nowhere. */
type Found<Queue> = Map<string, Queue | undefined>;

/** What is written through it, and through the queues that it gives, lies in one batch. */
export class OneCommit<Queue extends DestinationQueue = DestinationQueue> {
  readonly #commit: GroupCommit;
  readonly #find: Surroundings<Queue>['find'];
  readonly #found: Found<Queue>;

  constructor(commit: GroupCommit, find: Surroundings<Queue>['find'], found: Found<Queue>) {
    this.#commit = commit;
    this.#find = find;
    this.#found = found;
  }

  /** The queues, in the order asked; undefined where there is no such queue, or none was asked for. */
  queues(paths: readonly (QueuePath | undefined)[]): (Queue | undefined)[] {
    const finding: Promise<unknown>[] = [];
    const queues = paths.map((path) => {
      if (path === undefined) return undefined;
      // Asked first: where queues are looked for elsewhere, each question takes its time.
      const name = this.#found.size > 0 ? writeOrigin(path) : '';
      if (this.#found.has(name)) return this.#found.get(name);
      const queue = this.#find(path);
      if (!(queue instanceof Promise)) return queue;
      finding.push(queue.then((found) => this.#note(path, found)));
      return undefined;
    });
    this.wait(finding);
    return queues;
  }

  #note(path: QueuePath, queue: Queue | undefined): void {
    if (!(queue instanceof QueueHandle)) this.#found.set(writeOrigin(path), queue);
  }

  /** Like queues that are not in memory: `act` is broken off here, and called again once these have resolved. */
  wait(pending: readonly (Promise<unknown> | undefined)[]): void {
    const waited = pending.filter((each) => each !== undefined);
    if (waited.length > 0) throw new NotReady(waited);
  }

  write(...changes: readonly EntityChange[]): void {
    this.#commit.append(entityOperations(changes));
  }
}
