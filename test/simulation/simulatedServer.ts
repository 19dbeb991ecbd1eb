import type { WindowLimits } from '../../src/engines/queue/index.ts';
import { Partition, type QueueHandle } from '../../src/runtime/index.ts';
import { required } from '../../src/std/assert.ts';
import { Prng } from '../../src/std/prng.ts';
import type { WriteOperation } from '../../src/storage/store.ts';
import { FaultyStore } from './faultyStore.ts';
import { SimulatedClock } from './simulatedClock.ts';

export const accountId = '000000000000';
export const region = 'us-east-1';

/** How a call can end: it is answered, refused because a commit failed, or its process dies first. */
export interface Endings<T> {
  answered(result: T): void;
  refused(error: Error): void;
  lost(): void;
}

/** What a scenario does with the server, and what it has to be told of it. */
export interface Scenario {
  /** One action of some client. */
  act(): Promise<void> | void;
  /** The server has just been started: what must be there is created. */
  prepare(partition: Partition): Promise<void>;
  /** What reached the disk. */
  committed(operations: readonly WriteOperation[]): void;
  /** A commit failed: what was not stored is forgotten, calls under way are still answered. */
  stateLost(): void;
  /** The server is gone, every call has been answered or is lost, and what reached the disk is known. */
  crashed(): void;
}

/** A call was made of a queue that is not there. */
export class NoQueue extends Error {
  override readonly name = 'NoQueue';
}

/** Small enough that a few messages are a backlog. */
function smallWindow(random: Prng): WindowLimits {
  const pageMessages = 1 + random.below(5);
  return {
    windowMessages: pageMessages + random.below(6),
    windowBytes: random.below(400),
    pageMessages,
    pageBytes: 1 + random.below(400),
    pageAhead: 1 + random.below(3),
    expiriesPerStep: 1 + random.below(4),
    lookAhead: random.pick([8, 10_000]) ?? 8,
  };
}

/**
 * A partition whose clock, chance and disk are driven by a seed, with everything that can happen to it: commits that take
 * long or fail, crashes at any moment, stops in order. It keeps the transcript and the first violation of a promise.
 */
export class SimulatedServer {
  readonly random: Prng;
  readonly clock: SimulatedClock;
  readonly windowLimits: WindowLimits;
  readonly #log: string[] = [];
  readonly #pending = new Set<() => void>();
  #scenario: Scenario | undefined;
  #store = new FaultyStore((operations) => this.#watch(operations));
  #partition: Partition | undefined;
  #violation: Error | undefined;
  #crashes = 0;
  #step = 0;
  #nextId = 1;

  constructor(seed: number) {
    this.random = new Prng(seed);
    this.windowLimits = smallWindow(this.random);
    this.clock = new SimulatedClock(1_700_000_000_000 + this.random.below(1000));
  }

  /** What happened, a line per event. */
  get transcript(): string {
    return this.#log.join('\n');
  }

  get partition(): Partition {
    return required(this.#partition, 'a running partition');
  }

  /** For whatever needs a name. */
  nextId(): number {
    return this.#nextId++;
  }

  /** Lets the scenario act so many times, between faults. */
  async run(scenario: Scenario, steps: number): Promise<void> {
    this.#scenario = scenario;
    await this.#start();
    for (this.#step = 1; this.#step <= steps; this.#step += 1) {
      await scenario.act();
      if (this.random.chance(0.6)) await this.settle();
      if (this.#store.isCommitting && this.random.chance(0.6)) await this.#finishCommit(this.random.chance(0.04));
      if (this.random.chance(0.02)) await this.crash();
      else if (this.random.chance(0.005)) await this.restart();
      this.check();
    }
  }

  /** Throws the first violation, if there was one. */
  check(): void {
    if (this.#violation !== undefined) throw this.#violation;
  }

  call<T>(act: (partition: Partition) => Promise<T>, { answered, refused, lost }: Endings<T>): void {
    const { partition } = this;
    const crashes = this.#crashes;
    const settled = (then: () => void) => {
      if (crashes !== this.#crashes) return;
      this.#pending.delete(lost);
      this.#guard(then);
    };
    this.#pending.add(lost);
    act(partition).then(
      (result) => settled(() => answered(result)),
      (error: Error) =>
        settled(() => {
          if (!['CommitFailed', 'NoQueue', 'QueueGone', 'MoveAlreadyRunning'].includes(error.constructor.name))
            throw error;
          this.note(`  refused: ${error.message}`);
          refused(error);
        }),
    );
  }

  callQueue<T>(name: string, act: (queue: QueueHandle) => Promise<T>, endings: Endings<T>): void {
    this.call(async (partition) => act(await findQueue(partition, name)), endings);
  }

  /** The same for who waits for the answer, while the disk does what it should. */
  async complete<T>(name: string, act: (queue: QueueHandle) => Promise<T>): Promise<T> {
    let isOver = false;
    const result = findQueue(this.partition, name)
      .then(act)
      .finally(() => {
        isOver = true;
      });
    await this.#drainUntil(() => isOver, 'a call');
    return result;
  }

  /** Whoever waits has waited enough: all calls must come to their end. */
  async endCalls(longestWaitMs: number): Promise<void> {
    await this.advanceInPeace(longestWaitMs);
    await this.#drainUntil(() => this.#pending.size === 0, `${this.#pending.size} calls`);
  }

  async advance(milliseconds: number): Promise<void> {
    this.note(`${milliseconds} ms pass`);
    await this.clock.advance(milliseconds, () => this.settle());
  }

  /** Time passes while the disk does what it should. */
  async advanceInPeace(milliseconds: number): Promise<void> {
    const until = this.clock.now() + milliseconds;
    const atOnce = Math.max(10_000, Math.ceil(milliseconds / 3));
    await this.drainCommits();
    while (this.clock.now() < until) {
      await this.advance(Math.min(until - this.clock.now(), atOnce));
      await this.drainCommits();
    }
  }

  async crash(): Promise<void> {
    const reachedDisk = this.random.chance(0.5);
    this.note(`crash; what was under way ${reachedDisk ? 'reached' : 'did not reach'} the disk`);
    await this.#end(reachedDisk);
    await this.#start();
  }

  /** A stop in order: everything is finished, nothing is forgotten. */
  async restart(): Promise<void> {
    this.note('restart');
    await this.settle();
    let isClosed = false;
    const closing = this.partition.close().finally(() => {
      isClosed = true;
    });
    await this.#drainUntil(() => isClosed, 'closing the partition');
    await closing;
    await this.#end(false);
    await this.#start();
  }

  async drainCommits(): Promise<void> {
    do {
      await this.settle();
      // What wants a tick at once, a run of expired messages, gets it.
      await this.clock.advance(0, () => this.settle());
      await this.#store.finish('synced');
      await this.settle();
    } while (this.#store.isCommitting || this.clock.hasDue);
  }

  /** Lets everything that is ready happen. The group commit starts its commits in a turn of its own. */
  async settle(): Promise<void> {
    await this.clock.nextTurn();
    await this.clock.nextTurn();
  }

  note(event: string): void {
    this.#log.push(`${this.#step} ${this.clock.now()} ${event}`);
  }

  /** Pages are small, so that much may have to be read. */
  async #drainUntil(isOver: () => boolean, what: string): Promise<void> {
    for (let turns = 0; !isOver(); turns += 1) {
      if (turns > 1_000) throw new Error(`${what}: there is no end to it`);
      await this.drainCommits();
    }
  }

  async #finishCommit(fails: boolean): Promise<void> {
    if (fails) {
      this.note('a commit fails');
      this.#scenario?.stateLost();
    }
    await this.#store.finish(fails ? 'failed' : 'synced');
    await this.settle();
  }

  async #end(reachedDisk: boolean): Promise<void> {
    this.#crashes += 1;
    for (const lost of this.#pending) lost();
    this.#pending.clear();
    this.clock.forgetAll();
    this.#store = await this.#store.crash(reachedDisk);
    this.#scenario?.crashed();
  }

  async #start(): Promise<void> {
    const crashes = this.#crashes;
    const opening = Partition.open(this.#store, {
      clock: this.clock,
      nonce: () => this.random.below(2 ** 48),
      windowLimits: this.windowLimits,
      onError: (error) => {
        if (crashes === this.#crashes) this.#violation ??= error;
      },
    });
    await this.drainCommits();
    this.#partition = await opening;
    const preparing = this.#scenario?.prepare(this.#partition);
    await this.drainCommits();
    await preparing;
  }

  #watch(operations: readonly WriteOperation[]): void {
    this.#guard(() => this.#scenario?.committed(operations));
  }

  #guard(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.note(`  WRONG: ${(error as Error).message}`);
      this.#violation ??= error as Error;
    }
  }
}

async function findQueue(partition: Partition, name: string): Promise<QueueHandle> {
  const queue = await partition.queue(accountId, region, name);
  if (queue === undefined) throw new NoQueue(`there is no queue ${name}`);
  return queue;
}
