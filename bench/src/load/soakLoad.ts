import { setTimeout as sleep } from 'node:timers/promises';
import { type Consuming, consume } from './soakConsumer.ts';
import { type Percentiles, SoakLatencies } from './soakLatencies.ts';
import { emptyCounts, type SoakCounts } from './soakLedger.ts';
import { SoakLink } from './soakLink.ts';
import { SoakProducer } from './soakProducer.ts';
import type { SoakTarget } from './soakQueue.ts';

const producerCount = 32;
const consumersPerQueue = 8;
/** Producers wait while so many messages are there, so that a server that falls behind is not buried. */
const closedLoopBacklogMax = 10_000;
const pacedBacklogMax = 200_000;
const backlogPauseMilliseconds = 2;
/** Sends that are due and find no free producer are kept for so long, and then given up, and counted. */
const dueKeptSeconds = 10;

export type Minute = SoakCounts &
  Percentiles & {
    readonly minute: number;
    /** Messages that are there at its end. */
    readonly backlog: number;
    /** Sends that were due, and given up because the server was that far behind. */
    readonly givenUp: number;
  };

/** Clients of one server: producers that send at the pace that they are told, and consumers that are always there. */
export class SoakLoad {
  readonly #targets: readonly SoakTarget[];
  readonly #links: SoakLink[] = [];
  readonly #producers: readonly SoakProducer[];
  readonly #state: Consuming = { over: false, draining: false, turn: 0 };
  readonly #consuming: Promise<void>;
  #failure: unknown;
  #latencies = new SoakLatencies();
  #givenUp = 0;
  #last = emptyCounts();

  constructor(port: number, targets: readonly SoakTarget[], died: (error: unknown) => void) {
    this.#targets = targets;
    const link = (): SoakLink => {
      const one = new SoakLink(port, died);
      this.#links.push(one);
      return one;
    };
    this.#producers = Array.from({ length: producerCount }, (_, index) => {
      return new SoakProducer(link(), targets, { index, of: producerCount });
    });
    const consumers = targets.flatMap((target) => {
      return Array.from({ length: consumersPerQueue }, () => consume(target, link(), this.#state));
    });
    this.#consuming = Promise.all(consumers).then(() => {});
    this.#consuming.catch(this.#fail);
  }

  get counts(): SoakCounts {
    const sum = emptyCounts();
    for (const { ledger } of this.#targets) {
      for (const name of Object.keys(sum) as (keyof SoakCounts)[]) sum[name] += ledger.counts[name];
    }
    return sum;
  }

  get backlog(): number {
    return this.#targets.reduce((sum, { ledger }) => sum + ledger.owed, 0);
  }

  /** Every producer sends as soon as it is answered; the messages per second that were sent, received and deleted. */
  async peak(warmUpSeconds: number, seconds: number): Promise<number> {
    let isOver = false;
    const senders = this.#producers.map(async (producer) => {
      while (!isOver && this.#failure === undefined) {
        if (this.backlog > closedLoopBacklogMax) await sleep(backlogPauseMilliseconds);
        else await producer.send();
      }
    });
    const working = Promise.all(senders).catch(this.#fail);
    await sleep(warmUpSeconds * 1000);
    const startedAt = performance.now();
    const before = this.counts.deleted;
    await sleep(seconds * 1000);
    const rate = ((this.counts.deleted - before) / (performance.now() - startedAt)) * 1000;
    isOver = true;
    await working;
    this.#throwFailure();
    return rate;
  }

  /** Sends are due at a fixed rate, whatever the server does; a latency counts from then. */
  async paced(sendsPerSecond: number, minutes: number, onMinute: (minute: Minute) => void): Promise<void> {
    const interval = 1000 / sendsPerSecond;
    const idle = [...this.#producers];
    const due = new DueTimes();
    const startedAt = performance.now();
    let nextDue = startedAt;
    let minute = 0;
    this.#last = this.counts;
    const endsAt = startedAt + minutes * 60_000;
    for (let now = startedAt; now < endsAt && this.#failure === undefined; now = performance.now()) {
      for (; nextDue <= now; nextDue += interval) due.push(nextDue);
      this.#givenUp += due.dropBefore(now - dueKeptSeconds * 1000);
      const isFree = this.backlog <= pacedBacklogMax;
      while (isFree && due.length > 0 && idle.length > 0) this.#sendOne(idle, due.shift());
      await sleep(1);
      if (performance.now() >= Math.min(endsAt, startedAt + (minute + 1) * 60_000))
        onMinute(this.#closeMinute(++minute));
    }
    while (idle.length < this.#producers.length && this.#failure === undefined) await sleep(backlogPauseMilliseconds);
    this.#throwFailure();
  }

  /** Waits until nothing is left that anybody knows of, as long as it takes to come back; then ends the consumers. */
  async drain(limitMilliseconds: number, isEmpty: () => Promise<boolean>): Promise<void> {
    this.#state.draining = true;
    const deadline = performance.now() + limitMilliseconds;
    while (performance.now() < deadline && this.#failure === undefined) {
      if (this.backlog === 0 && (await isEmpty())) break;
      await sleep(250);
    }
    this.#state.over = true;
    await this.#consuming;
    this.#throwFailure();
    for (const { ledger } of this.#targets) ledger.settle();
  }

  close(): void {
    this.#state.over = true;
    for (const link of this.#links) link.close();
  }

  #sendOne(idle: SoakProducer[], dueAt: number): void {
    const producer = idle.pop() as SoakProducer;
    producer.send().then((isAnswered) => {
      if (isAnswered) this.#latencies.record(performance.now() - dueAt);
      idle.push(producer);
    }, this.#fail);
  }

  #closeMinute(minute: number): Minute {
    const counts = this.counts;
    const difference = emptyCounts();
    for (const name of Object.keys(counts) as (keyof SoakCounts)[]) difference[name] = counts[name] - this.#last[name];
    const { percentiles } = this.#latencies;
    const givenUp = this.#givenUp;
    this.#last = counts;
    this.#latencies = new SoakLatencies();
    this.#givenUp = 0;
    return { ...difference, ...percentiles, minute, backlog: this.backlog, givenUp };
  }

  readonly #fail = (error: unknown): void => {
    this.#failure ??= error;
  };

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }
}

/** A queue of times that does not move its rest with each one taken. */
class DueTimes {
  #times: number[] = [];
  #from = 0;

  get length(): number {
    return this.#times.length - this.#from;
  }

  push(time: number): void {
    this.#times.push(time);
  }

  shift(): number {
    const time = this.#times[this.#from++] ?? Number.NaN;
    if (this.#from > 1024) {
      this.#times = this.#times.slice(this.#from);
      this.#from = 0;
    }
    return time;
  }

  /** How many were dropped. */
  dropBefore(time: number): number {
    let dropped = 0;
    for (; this.length > 0 && (this.#times[this.#from] ?? 0) < time; dropped++) this.shift();
    return dropped;
  }
}
