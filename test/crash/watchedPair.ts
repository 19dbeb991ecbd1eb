/**
 * Tasks with which nothing interferes, so that what they have moved can be counted: everything is brought to the
 * dead-letter queue, a task brings it back, and so on, through any number of kills.
 */
import type { Prng } from '../../src/std/prng.ts';
import { lettersTaken } from './gauges.ts';
import type { Pair } from './movesWorkload.ts';
import type { SqsClient } from './sqsClient.ts';

export class WatchedPair {
  readonly #pair: Pair;
  readonly #total: number;
  /** `starting`: a start may be on its way, or have been lost with its server. */
  #phase: 'dying' | 'starting' | 'moving' = 'dying';
  #tasksBefore = 0;

  /** No task runs; `total` messages are in both queues. */
  constructor(pair: Pair, total: number) {
    this.#pair = pair;
    this.#total = total;
  }

  /** Looks at the task that was started, or starts one. */
  async goOn(client: SqsClient, random: Prng): Promise<void> {
    const { ledger } = this.#pair;
    await this.#pair.runningTask(client);
    if (this.#phase === 'starting') this.#phase = ledger.counts.tasks > this.#tasksBefore ? 'moving' : 'dying';
    if (this.#phase === 'moving') {
      await this.#judge(client);
      return;
    }
    const dead = await bringAllToDeath(client, this.#pair);
    if (dead !== this.#total) throw new Error(`${dead} of ${this.#total} messages became dead letters`);
    this.#phase = 'starting';
    this.#tasksBefore = ledger.counts.tasks;
    const rate = 200 + random.below(301);
    await this.#pair.startTask(client, { ...(random.chance(0.5) && { rate }), isAddressed: random.chance(0.3) });
  }

  /** Lets the task end, if there is one. */
  async end(client: SqsClient): Promise<void> {
    for (;;) {
      const running = await this.#pair.runningTask(client);
      const hasStarted = this.#pair.ledger.counts.tasks > this.#tasksBefore;
      if (this.#phase === 'moving' || (this.#phase === 'starting' && hasStarted)) await this.#judge(client);
      if (running === undefined) return;
    }
  }

  async #judge(client: SqsClient): Promise<void> {
    const { status = '', moved = 0 } = this.#pair.ledger.newestTask ?? {};
    // Asked later: more may have left since, but none came back.
    const left = await this.#pair.depth(client, 'dead');
    const became = `a task is ${status}, has moved ${moved} of ${this.#total}, and ${left} are left`;
    if (moved + left > this.#total) throw new Error(became);
    if (status !== 'COMPLETED') return;
    await lettersTaken(client);
    const arrived = await this.#pair.depth(client, 'source');
    if (moved !== this.#total || arrived !== this.#total) throw new Error(`${became}; ${arrived} are in the source`);
    this.#phase = 'dying';
  }
}

/** While no task runs; gives how many there are. */
export async function bringAllToDeath(client: SqsClient, pair: Pair): Promise<number> {
  do {
    // What a task has moved may still be on its way here, and what died on its way there.
    await lettersTaken(client);
    await pair.receive(client, 0);
  } while ((await pair.depth(client, 'source')) > 0);
  await lettersTaken(client);
  return pair.depth(client, 'dead');
}
