import type { WindowLimits } from '../../src/engines/queue/index.ts';
import type { Elsewhere, Partition, QueueHandle } from '../../src/runtime/index.ts';
import { required } from '../../src/std/assert.ts';
import { Prng } from '../../src/std/prng.ts';
import type { WriteOperation } from '../../src/storage/store.ts';
import { SimulatedClock } from './simulatedClock.ts';
import { MailLost, SimulatedMail } from './simulatedMail.ts';
import { SimulatedProcess } from './simulatedProcess.ts';

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
  /** The partition has just been started: what must be there is created. */
  prepare(partition: Partition, place: number): Promise<void>;
  /** What reached the disk of one of the partitions. */
  committed(operations: readonly WriteOperation[], place: number): void;
  /** A commit failed: what was not stored is forgotten, calls under way are still answered. */
  stateLost(): void;
  /** A process is gone, every call of it has been answered or is lost, and what reached the disk is known. */
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

/** Two partitions of one server must not give the same id: their first ones lie so far apart. */
const idsApart = 2 ** 40;

/**
 * Partitions whose clock, chance and disks are driven by a seed, one as a rule, with everything that can happen to them:
 * commits that take long or fail, crashes at any moment, stops in order, letters that are lost. It keeps the transcript and
 * the first violation of a promise.
 */
export class SimulatedServer {
  readonly random: Prng;
  readonly clock: SimulatedClock;
  readonly windowLimits: WindowLimits;
  /** In which partition a queue is, by its name; in the first unless said. */
  readonly places = new Map<string, number>();
  readonly #log: string[] = [];
  readonly #processes: readonly SimulatedProcess[];
  readonly #mail: SimulatedMail;
  readonly #crowdedBytes: number;
  #scenario: Scenario | undefined;
  #violation: Error | undefined;
  #step = 0;
  #nextId = 1;

  constructor(seed: number, partitions = 1) {
    this.random = new Prng(seed);
    this.windowLimits = smallWindow(this.random);
    // Of the seed, so that chance is what it was: always crowded, now and then, or never.
    this.#crowdedBytes = [-1, 1_000, Number.POSITIVE_INFINITY][seed % 3] ?? 0;
    this.clock = new SimulatedClock(1_700_000_000_000 + this.random.below(1000));
    this.#processes = Array.from({ length: partitions }, (_, place) => this.#newProcess(place, partitions));
    this.#mail = new SimulatedMail(this.random, this.#processes);
  }

  /** What happened, a line per event. */
  get transcript(): string {
    return this.#log.join('\n');
  }

  /** The first. */
  get partition(): Partition {
    return this.#processAt(0).partition;
  }

  placeOf(queueName: string): number {
    return this.places.get(queueName) ?? 0;
  }

  /** That of the queue. */
  partitionOf(queueName: string): Partition {
    return this.#processOf(queueName).partition;
  }

  /** For whatever needs a name. */
  nextId(): number {
    return this.#nextId++;
  }

  /** Lets the scenario act so many times, between faults. */
  async run(scenario: Scenario, steps: number): Promise<void> {
    this.#scenario = scenario;
    for (const place of this.#processes.keys()) await this.#start(place);
    for (this.#step = 1; this.#step <= steps; this.#step += 1) {
      await scenario.act();
      if (this.random.chance(0.6)) await this.settle();
      for (const process of this.#processes) {
        if (process.isCommitting && this.random.chance(0.6))
          await this.#finishCommit(process, this.random.chance(0.04));
      }
      if (this.#mail.isWaiting && this.random.chance(0.6)) await this.#deliverSome();
      if (this.random.chance(0.02)) await this.crash();
      else if (this.random.chance(0.005)) await this.restart();
      this.check();
    }
  }

  /** Throws the first violation, if there was one. */
  check(): void {
    if (this.#violation !== undefined) throw this.#violation;
  }

  /** Of the partition that has the queue of that name. */
  call<T>(queueName: string, act: (partition: Partition) => Promise<T>, { answered, refused, lost }: Endings<T>): void {
    this.#processOf(queueName).call(act, {
      answered: (result) => this.#guard(() => answered(result)),
      failed: (error) => {
        if (!['CommitFailed', 'NoQueue', 'QueueGone', 'MoveAlreadyRunning'].includes(error.constructor.name)) {
          throw error;
        }
        this.note(`  refused: ${error.message}`);
        this.#guard(() => refused(error));
      },
      lost,
    });
  }

  callQueue<T>(name: string, act: (queue: QueueHandle) => Promise<T>, endings: Endings<T>): void {
    this.call(name, async (partition) => act(await findQueue(partition, name)), endings);
  }

  /** The same for who waits for the answer, while the disk does what it should. */
  async complete<T>(name: string, act: (queue: QueueHandle) => Promise<T>): Promise<T> {
    let isOver = false;
    const result = findQueue(this.partitionOf(name), name)
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
    const pending = () => this.#processes.reduce((sum, process) => sum + process.pending, 0);
    await this.#drainUntil(() => pending() === 0, `${pending()} calls`);
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

  /** Of one of the processes. */
  async crash(): Promise<void> {
    const place = this.#somePlace();
    const reachedDisk = this.random.chance(0.5);
    this.note(`crash of ${place}; what was under way ${reachedDisk ? 'reached' : 'did not reach'} the disk`);
    await this.#end(place, reachedDisk);
    await this.#start(place);
  }

  /** A stop in order: everything is finished, nothing is forgotten. */
  async restart(): Promise<void> {
    const place = this.#somePlace();
    this.note(`restart of ${place}`);
    await this.settle();
    let isClosed = false;
    const closing = this.#processAt(place)
      .partition.close()
      .finally(() => {
        isClosed = true;
      });
    await this.#drainUntil(() => isClosed, 'closing the partition');
    await closing;
    await this.#end(place, false);
    await this.#start(place);
  }

  async drainCommits(): Promise<void> {
    do {
      await this.settle();
      // What wants a tick at once, a run of expired messages, gets it.
      await this.clock.advance(0, () => this.settle());
      this.#mail.deliverAll();
      for (const process of this.#processes) await process.finishCommit('synced');
      await this.settle();
    } while (this.#isBusy());
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

  async #finishCommit(process: SimulatedProcess, fails: boolean): Promise<void> {
    if (fails) {
      this.note('a commit fails');
      this.#scenario?.stateLost();
    }
    await process.finishCommit(fails ? 'failed' : 'synced');
    await this.settle();
  }

  async #deliverSome(): Promise<void> {
    this.note(this.#mail.deliverSome());
    await this.settle();
  }

  async #end(place: number, reachedDisk: boolean): Promise<void> {
    this.#mail.died(place);
    await this.#processAt(place).die(reachedDisk);
    this.#scenario?.crashed();
  }

  async #start(place: number): Promise<void> {
    const process = this.#processAt(place);
    const starting = process.start();
    await this.drainCommits();
    await starting;
    const preparing = this.#scenario?.prepare(process.partition, place);
    await this.drainCommits();
    await preparing;
  }

  #newProcess(place: number, partitions: number): SimulatedProcess {
    const elsewhere: Elsewhere = {
      known: (path) => this.#mail.known(place, path),
      find: (path) => this.#mail.find(place, path),
      ship: (to, letters) => this.#mail.ship(place, to, letters),
    };
    return new SimulatedProcess({
      clock: this.clock,
      watch: (operations) => this.#guard(() => this.#scenario?.committed(operations, place)),
      partitionOptions: {
        nonce: () => this.random.below(2 ** 48),
        windowLimits: this.windowLimits,
        crowdedBytes: this.#crowdedBytes,
        firstId: place * idsApart + 1,
        ...(partitions > 1 && { elsewhere }),
      },
      onError: (error) => {
        if (!(error instanceof MailLost)) this.#violation ??= error;
      },
    });
  }

  #isBusy(): boolean {
    return this.#processes.some(({ isCommitting }) => isCommitting) || this.clock.hasDue || this.#mail.isWaiting;
  }

  #somePlace(): number {
    const { length } = this.#processes;
    return length === 1 ? 0 : this.random.below(length);
  }

  #processAt(place: number): SimulatedProcess {
    return required(this.#processes[place], 'a process');
  }

  #processOf(queueName: string): SimulatedProcess {
    return this.#processAt(this.placeOf(queueName));
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
