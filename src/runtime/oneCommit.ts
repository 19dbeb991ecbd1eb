import type { QueuePath } from '#storage/keys';
import { type EntityChange, entityOperations } from './entities.ts';
import type { GroupCommit } from './groupCommit.ts';
import type { QueueHandle } from './queueHandle.ts';

interface Surroundings {
  readonly commit: GroupCommit;
  openQueue(path: QueuePath): QueueHandle | Promise<QueueHandle | undefined>;
}

/**
 * Lets `act` write to several queues and entities, and resolves when all of it is synced, by one commit: what is written in
 * one turn of the event loop lies in one batch, so `act` does not wait for anything.
 *
 * It asks for what it needs before it writes. When a queue is not in memory it is broken off, and called again once they
 * all are. An error that it throws does not take back what it has written: it checks first, then writes.
 */
export async function inOneCommit<T>({ commit, openQueue }: Surroundings, act: (one: OneCommit) => T): Promise<T> {
  const absent = new Set<string>();
  for (;;) {
    try {
      const result = act(new OneCommit(commit, openQueue, absent));
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

/** What is written through it, and through the handles that it gives, lies in one batch. */
export class OneCommit {
  readonly #commit: GroupCommit;
  readonly #openQueue: Surroundings['openQueue'];
  /** Found not to exist, by the call before. */
  readonly #absent: Set<string>;

  constructor(commit: GroupCommit, openQueue: Surroundings['openQueue'], absent: Set<string>) {
    this.#commit = commit;
    this.#openQueue = openQueue;
    this.#absent = absent;
  }

  /** The handles of the queues, in the order asked; undefined where there is no such queue, or none was asked for. */
  queues(paths: readonly (QueuePath | undefined)[]): (QueueHandle | undefined)[] {
    const opening: Promise<unknown>[] = [];
    const handles = paths.map((path) => {
      if (path === undefined) return undefined;
      const found = this.#openQueue(path);
      if (!(found instanceof Promise)) return found;
      const name = `${path.accountId}/${path.region}/${path.name}`;
      if (this.#absent.has(name)) {
        // Asked for in vain, and nobody waits for it.
        found.catch(() => undefined);
        return undefined;
      }
      opening.push(
        found.then((handle) => {
          if (handle === undefined) this.#absent.add(name);
        }),
      );
      return undefined;
    });
    this.wait(opening);
    return handles;
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
