/** How much may be sent ahead of an even rate: a tenth of a second's share, as timers are not finer than that either. */
const burstSeconds = 0.1;

/**
 * Keeps deliveries to an endpoint at a rate, in bursts so short that no second sees more than a tenth too many. Time comes
 * in with each call.
 */
export class Throttle {
  #perSecond: number | undefined;
  #tokens = 0;
  #filledAt = 0;

  /** Undefined for as fast as it goes. Gives whether that is new. */
  setRate(perSecond: number | undefined): boolean {
    if (perSecond === this.#perSecond) return false;
    this.#perSecond = perSecond;
    this.#tokens = this.#capacity;
    return true;
  }

  /** How many may be sent now; `wanted` if there is no limit. */
  allowed(wanted: number, now: number): number {
    this.#fill(now);
    return this.#perSecond === undefined ? wanted : Math.min(wanted, Math.max(0, Math.floor(this.#tokens)));
  }

  spend(count: number): void {
    if (this.#perSecond !== undefined) this.#tokens -= count;
  }

  /** When the next one may be sent. */
  nextAt(now: number): number {
    this.#fill(now);
    if (this.#perSecond === undefined || this.#tokens >= 1) return now;
    return now + Math.ceil(((1 - this.#tokens) / this.#perSecond) * 1000);
  }

  get #capacity(): number {
    return Math.max(1, (this.#perSecond ?? 0) * burstSeconds);
  }

  #fill(now: number): void {
    if (this.#perSecond === undefined) return;
    const gained = (Math.max(0, now - this.#filledAt) / 1000) * this.#perSecond;
    this.#tokens = Math.min(this.#capacity, this.#tokens + gained);
    this.#filledAt = now;
  }
}
