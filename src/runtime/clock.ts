/** Where time comes from. The engines get it as a number; simulation drives its own. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs once, at `at` or as soon as possible after; returns what calls it off. */
  schedule(at: number, run: () => void): () => void;
  /** Resolves after everything else that is ready has had its turn. */
  nextTurn(): Promise<void>;
}

/** Node's timers hold 31 bits of milliseconds; whoever wants more looks again in between. */
const longestTimerMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  schedule(at, run) {
    const delay = Math.min(Math.max(0, at - Date.now()), longestTimerMs);
    const timer = setTimeout(run, delay);
    // What waits keeps its connection open, and that keeps the process alive.
    timer.unref();
    return () => clearTimeout(timer);
  },
  nextTurn: () => new Promise((resolve) => setImmediate(resolve)),
};
