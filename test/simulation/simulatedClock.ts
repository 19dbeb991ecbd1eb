import type { Clock } from '../../src/runtime/clock.ts';

/** Time that passes when the simulation says so. */
export class SimulatedClock implements Clock {
  #now: number;
  #tasks: { at: number; run: () => void }[] = [];

  constructor(now: number) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  /** Something should have run by now. */
  get hasDue(): boolean {
    return this.#tasks.some(({ at }) => at <= this.#now);
  }

  schedule(at: number, run: () => void): () => void {
    const task = { at, run };
    this.#tasks.push(task);
    return () => {
      this.#tasks = this.#tasks.filter((each) => each !== task);
    };
  }

  /** The process died: nothing that it had asked for will happen. */
  forgetAll(): void {
    this.#tasks = [];
  }

  nextTurn(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  /** Runs what is due on the way, in order of time. */
  async advance(milliseconds: number, settle: () => Promise<void>): Promise<void> {
    const until = this.#now + milliseconds;
    for (;;) {
      const next = this.#tasks.filter(({ at }) => Math.ceil(at) <= until).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#tasks = this.#tasks.filter((each) => each !== next);
      // Whole milliseconds, as the system's.
      this.#now = Math.max(this.#now, Math.ceil(next.at));
      next.run();
      await settle();
    }
    this.#now = until;
  }
}
