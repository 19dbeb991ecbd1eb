import type { QueueState } from './state.ts';

/**
 * How many messages are not available yet, in O(1): a count for each second in which some become available. Delays are
 * at most 900 s, so there are at most 901 seconds, and they are persisted with the counters.
 */
export class DelayedCounts {
  /** In ascending order of seconds, but for insertion; see `expire`. */
  readonly #bySecond = new Map<number, number>();
  #total = 0;

  constructor(entries: Iterable<readonly [second: number, count: number]> = []) {
    for (const [second, count] of entries) {
      this.#bySecond.set(second, count);
      this.#total += count;
    }
  }

  get total(): number {
    return this.#total;
  }

  entries(): [second: number, count: number][] {
    return [...this.#bySecond];
  }

  add(availableAt: number): void {
    const second = Math.floor(availableAt / 1000);
    this.#bySecond.set(second, (this.#bySecond.get(second) ?? 0) + 1);
    this.#total += 1;
  }

  /** Forgets a message that left while it was delayed; does nothing for one that has become available. */
  remove(availableAt: number): void {
    const second = Math.floor(availableAt / 1000);
    const count = this.#bySecond.get(second);
    if (count === undefined) return;
    if (count === 1) this.#bySecond.delete(second);
    else this.#bySecond.set(second, count - 1);
    this.#total -= 1;
  }

  /** Forgets those that have become available by `now`, to the second. */
  advance(now: number): void {
    if (this.#total === 0) return;
    const current = Math.floor(now / 1000);
    for (const [second, count] of this.#bySecond) {
      if (second > current) continue;
      this.#bySecond.delete(second);
      this.#total -= count;
    }
  }

  /** The delay of all of them has changed: true of FIFO queues, whose delay is the queue's. */
  shift(byMs: number): void {
    const entries = this.entries();
    this.clear();
    for (const [second, count] of entries) {
      this.#bySecond.set(second + Math.round(byMs / 1000), count);
      this.#total += count;
    }
  }

  clear(): void {
    this.#bySecond.clear();
    this.#total = 0;
  }
}

/** A message becomes available at that time. */
export function noteDelayed(state: QueueState, availableAt: number): void {
  state.delayed ??= new DelayedCounts();
  state.delayed.add(availableAt);
}

export function forgetDelayed(state: QueueState, availableAt: number): void {
  state.delayed?.remove(availableAt);
  if (state.delayed?.total === 0) state.delayed = undefined;
}

export function advanceDelayed(state: QueueState): void {
  if (state.delayed === undefined) return;
  state.delayed.advance(state.now);
  if (state.delayed.total === 0) state.delayed = undefined;
}
