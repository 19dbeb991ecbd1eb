import type { NewMessage } from '#engines/queue';
import type { QueuePath } from '#storage/keys';
import type { Clock } from './clock.ts';
import { type EntityChange, entityOperations } from './entities.ts';
import type { GroupCommit } from './groupCommit.ts';
import { sentInOneTurn } from './limits.ts';
import type { QueueHandle } from './queueHandle.ts';

/** A queue and what it gets. */
export interface Target {
  readonly path: QueuePath;
  /** Undefined if the queue can't take it. */
  readonly message: (queue: QueueHandle) => NewMessage | undefined;
}

interface Surroundings {
  readonly commit: GroupCommit;
  readonly clock: Clock;
  openQueue(path: QueuePath): QueueHandle | Promise<QueueHandle | undefined>;
}

/**
 * Lets `act` write over several turns of the event loop, and resolves when all of it is synced, by one commit: it holds the
 * batch meanwhile. Whoever else writes joins the batch and waits with it, so `act` should not take long, and must not begin
 * another one that it waits for. An error that it
 * throws does not take back what it has written: it checks first, then writes.
 */
export async function inOneCommit<T>(surroundings: Surroundings, act: (one: OneCommit) => Promise<T>): Promise<T> {
  const release = await surroundings.commit.hold();
  let result: T;
  try {
    result = await act(new OneCommit(surroundings));
  } finally {
    release();
  }
  // The last batch is the one that was held.
  await surroundings.commit.flush();
  return result;
}

/** What is written through it, and through any handle until `act` ends, lies in one batch. */
export class OneCommit {
  readonly #surroundings: Surroundings;
  readonly #batch: number;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
    this.#batch = surroundings.commit.currentBatch;
  }

  write(...changes: readonly EntityChange[]): void {
    this.#refuseIfLost();
    this.#surroundings.commit.append(entityOperations(changes));
  }

  /**
   * Sends a message to each of the queues; however many they are, the event loop is not kept for more than a few
   * milliseconds at a time. What a queue can't take, or whose queue is not there, goes where `instead` says, if anywhere.
   * Gives how many got theirs.
   */
  async sendAll(targets: readonly Target[], instead?: (target: Target) => Target | undefined): Promise<number> {
    let reached = 0;
    for (let start = 0; start < targets.length; start += sentInOneTurn) {
      if (start > 0) await this.#surroundings.clock.nextTurn();
      for (const target of targets.slice(start, start + sentInOneTurn)) {
        // Not awaited without need: most queues are in memory.
        const done = this.#send(target);
        const isSent = typeof done === 'boolean' ? done : await done;
        const other = isSent ? undefined : instead?.(target);
        if (isSent || (other !== undefined && (await this.#send(other)))) reached += 1;
      }
    }
    return reached;
  }

  #send(target: Target): boolean | Promise<boolean> {
    const found = this.#surroundings.openQueue(target.path);
    return found instanceof Promise ? found.then((queue) => this.#accept(queue, target)) : this.#accept(found, target);
  }

  #accept(queue: QueueHandle | undefined, { message }: Target): boolean {
    this.#refuseIfLost();
    const composed = queue && message(queue);
    if (queue === undefined || composed === undefined) return false;
    queue.accept([composed]);
    return true;
  }

  /** A commit that failed meanwhile took the batch with it: what is written now would be a part of the whole. */
  #refuseIfLost(): void {
    const { commit } = this.#surroundings;
    if (commit.currentBatch !== this.#batch) throw commit.lastError ?? new Error('The commit has failed.');
  }
}
