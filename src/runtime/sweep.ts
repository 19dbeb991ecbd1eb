import { type QueuePath, queueRange } from '#storage/keys';
import { decodeQueue, type QueueRecord } from '#storage/records';
import type { Clock } from './clock.ts';
import type { GroupCommit } from './groupCommit.ts';
import { headsKnownMs, idleMs, sweptAtOnce } from './limits.ts';
import { type Heads, hasExpiredHead } from './loadQueue.ts';
import type { OpenQueues } from './openQueues.ts';
import type { QueueHandle } from './queueHandle.ts';

export interface SweepSurroundings {
  readonly commit: GroupCommit;
  readonly clock: Clock;
  readonly open: OpenQueues;
  openQueue(path: QueuePath): QueueHandle | Promise<QueueHandle | undefined>;
  isClosed(): boolean;
}

/** Drops expired messages from every queue, in memory or not, and lets idle queues leave memory. */
export class Sweep {
  readonly #surroundings: SweepSurroundings;
  readonly #heads: Heads = new Map();
  #headsKnownSince = 0;

  constructor(surroundings: SweepSurroundings) {
    this.#surroundings = surroundings;
  }

  async run(): Promise<void> {
    const { commit, clock, isClosed } = this.#surroundings;
    if (this.#headsKnownSince + headsKnownMs < clock.now()) {
      this.#headsKnownSince = clock.now();
      this.#heads.clear();
    }
    let { from, to } = queueRange();
    while (!isClosed()) {
      const page = await commit.scan({ from, to, limit: sweptAtOnce });
      for (const { value } of page) await this.#sweepQueue(decodeQueue(value));
      const last = page.at(-1);
      if (last === undefined) return;
      from = Buffer.concat([last.key, Buffer.of(0)]);
      await clock.nextTurn();
    }
  }

  async #sweepQueue(record: QueueRecord): Promise<void> {
    const { commit, clock, open, openQueue } = this.#surroundings;
    const handle = open.get(record.accountId, record.region, record.name);
    if (handle !== undefined && handle.ended === undefined) {
      const { visible, inFlight, delayed } = handle.depth();
      handle.lookAway(clock.now() - idleMs);
      await this.#unloadIfIdle(record, handle);
      if (visible + inFlight + delayed === 0) return;
    }
    // In memory or not, it may be one that nobody reads.
    if (!(await hasExpiredHead(commit, record, clock.now(), this.#heads))) return;
    const opened = await openQueue(record);
    opened?.dropExpired();
  }

  async #unloadIfIdle({ accountId, region, name }: QueuePath, handle: QueueHandle): Promise<void> {
    const { commit, clock, open } = this.#surroundings;
    const isIdle = () => handle.idle && handle.lastUsedAt + idleMs <= clock.now();
    if (!isIdle()) return;
    handle.storeDeliveries();
    // All of it must have been written, or whoever opens it next would read what was before.
    await commit.flush();
    if (!isIdle() || open.get(accountId, region, name) !== handle) return;
    handle.totals.restingMessages = handle.depth().visible;
    open.delete(handle.record);
    handle.end(new Error(`assertion failed: the idle queue ${name} was used after it left memory`));
  }
}
