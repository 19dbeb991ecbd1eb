import type { Clock } from '../../src/runtime/clock.ts';

interface Task {
  readonly at: number;
  readonly run: () => void;
  readonly process?: object;
}

/** Time that passes when the simulation says so. */
export class SimulatedClock implements Clock {
  #now: number;
  readonly #tasks = new Set<Task>();

  constructor(now: number) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  /** Something should have run by now. */
  get hasDue(): boolean {
    return [...this.#tasks].some(({ at }) => at <= this.#now);
  }

  schedule(at: number, run: () => void): () => void {
    return this.#schedule({ at, run });
  }

  /** The same clock for a process that may die: then nothing that it has asked for happens. */
  forProcess(): Clock & { die(): void } {
    const process = { isDead: false };
    return {
      now: () => this.#now,
      nextTurn: () => this.nextTurn(),
      schedule: (at, run) => (process.isDead ? () => undefined : this.#schedule({ at, run, process })),
      die: () => {
        process.isDead = true;
        for (const task of this.#tasks) if (task.process === process) this.#tasks.delete(task);
      },
    };
  }

  nextTurn(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  /** Runs what is due on the way, in order of time. */
  async advance(milliseconds: number, settle: () => Promise<void>): Promise<void> {
    const until = this.#now + milliseconds;
    for (;;) {
      const next = [...this.#tasks].filter(({ at }) => Math.ceil(at) <= until).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#tasks.delete(next);
      // Whole milliseconds, as the system's.
      this.#now = Math.max(this.#now, Math.ceil(next.at));
      next.run();
      await settle();
    }
    this.#now = until;
  }

  #schedule(task: Task): () => void {
    this.#tasks.add(task);
    return () => this.#tasks.delete(task);
  }
}
