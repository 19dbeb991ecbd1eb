/**
 * How many sends are under way in the whole server: each holds its message in memory and a connection. Endpoints that
 * fail or hang have slots of their own, so that however many they are, the others are served.
 */
export type Health = 'healthy' | 'unhealthy';

export interface SlotCounts {
  readonly healthy: number;
  readonly unhealthy: number;
}

/** A message has 256 KiB at most, and its envelope about twice that: half a GiB if every one is of that size. */
export const slotCounts: SlotCounts = { healthy: 384, unhealthy: 128 };

export class SendSlots {
  readonly #free: Record<Health, number>;
  readonly #waiting: Record<Health, Set<() => void>> = { healthy: new Set(), unhealthy: new Set() };

  constructor(counts: SlotCounts = slotCounts) {
    this.#free = { ...counts };
  }

  /** Resolves with what gives the slot back, first come, first served; or with undefined once `signal` is aborted. */
  take(health: Health, signal: AbortSignal): Promise<(() => void) | undefined> {
    if (signal.aborted) return Promise.resolve(undefined);
    if (this.#free[health] > 0) {
      this.#free[health] -= 1;
      return Promise.resolve(this.#giveBackOnce(health));
    }
    return new Promise((resolve) => {
      const waiting = this.#waiting[health];
      const leave = () => {
        waiting.delete(enter);
        resolve(undefined);
      };
      const enter = () => {
        signal.removeEventListener('abort', leave);
        resolve(this.#giveBackOnce(health));
      };
      waiting.add(enter);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  #giveBackOnce(health: Health): () => void {
    let isTaken = true;
    return () => {
      if (!isTaken) return;
      isTaken = false;
      const [next] = this.#waiting[health];
      if (next === undefined) {
        this.#free[health] += 1;
        return;
      }
      this.#waiting[health].delete(next);
      next();
    };
  }
}
