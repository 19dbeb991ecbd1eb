import { openRefusals } from './limits.ts';

/** How many refusals that anybody can cause are on record: a bucket that fills at a steady rate. */
export class RefusalQuota {
  #left: number = openRefusals.burst;
  #filledAt: number;
  #suppressed = 0;

  constructor(now: number) {
    this.#filledAt = now;
  }

  /** How many were suppressed since the last that passed; undefined if this one is, too. */
  take(now: number): number | undefined {
    const seconds = Math.max(0, now - this.#filledAt) / 1000;
    this.#left = Math.min(openRefusals.burst, this.#left + seconds * openRefusals.perSecond);
    this.#filledAt = now;
    if (this.#left < 1) {
      this.#suppressed += 1;
      return undefined;
    }
    this.#left -= 1;
    const suppressed = this.#suppressed;
    this.#suppressed = 0;
    return suppressed;
  }
}
