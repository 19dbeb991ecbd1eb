import { assert } from '#std/assert';
import type { Waiter } from './state.ts';

/**
 * Waiting receives in the order in which they came, found by their ids too. A Map keeps that order, but to find its first
 * entry it passes over all that were removed before: with 10,000 long polls that was three quarters of a send's time.
 */
export class Waiters {
  readonly #byId = new Map<number, Waiter>();
  #first: Waiter | undefined;
  #last: Waiter | undefined;

  get size(): number {
    return this.#byId.size;
  }

  /** The one that has waited longest. */
  get first(): Waiter | undefined {
    return this.#first;
  }

  has(id: number): boolean {
    return this.#byId.has(id);
  }

  get(id: number): Waiter | undefined {
    return this.#byId.get(id);
  }

  /** Puts it behind all others. */
  push(waiter: Waiter): void {
    assert(!this.#byId.has(waiter.id), 'a waiter id is used once');
    this.#byId.set(waiter.id, waiter);
    waiter.earlier = this.#last;
    if (this.#last === undefined) this.#first = waiter;
    else this.#last.later = waiter;
    this.#last = waiter;
  }

  remove(waiter: Waiter): void {
    const wasThere = this.#byId.delete(waiter.id);
    assert(wasThere, 'only who waits is removed');
    if (waiter.earlier === undefined) this.#first = waiter.later;
    else waiter.earlier.later = waiter.later;
    if (waiter.later === undefined) this.#last = waiter.earlier;
    else waiter.later.earlier = waiter.earlier;
    waiter.earlier = undefined;
    waiter.later = undefined;
  }
}
