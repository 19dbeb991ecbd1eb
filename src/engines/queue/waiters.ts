import { assert } from '#std/assert';
import { Heap } from '#std/heap';
import type { Waiter } from './state.ts';

/** Up to so many are found by going through all of them, which costs less than to keep a Map. */
const fewWaiters = 8;

/**
 * Waiting receives in the order in which they came, found by their ids and by their deadlines too. A Map keeps that order,
 * but to find its first entry it passes over all that were removed before: with 10,000 long polls that was three quarters
 * of a send's time.
 */
export class Waiters {
  #size = 0;
  #first: Waiter | undefined;
  #last: Waiter | undefined;
  readonly #deadlines = new Heap<Waiter>(isDueBefore);
  /** Of more than a few. */
  #byId: Map<number, Waiter> | undefined;

  get size(): number {
    return this.#size;
  }

  /** The one that has waited longest. */
  get first(): Waiter | undefined {
    return this.#first;
  }

  /** The one whose deadline is the first. */
  get nextDeadline(): Waiter | undefined {
    return this.#deadlines.peek();
  }

  has(id: number): boolean {
    return this.get(id) !== undefined;
  }

  get(id: number): Waiter | undefined {
    if (this.#byId !== undefined) return this.#byId.get(id);
    let waiter = this.#first;
    while (waiter !== undefined && waiter.id !== id) waiter = waiter.later;
    return waiter;
  }

  /** Puts it behind all others. */
  push(waiter: Waiter): void {
    assert(!this.has(waiter.id), 'a waiter id is used once');
    waiter.earlier = this.#last;
    if (this.#last === undefined) this.#first = waiter;
    else this.#last.later = waiter;
    this.#last = waiter;
    this.#deadlines.push(waiter);
    this.#size += 1;
    this.#byId?.set(waiter.id, waiter);
    if (this.#size > fewWaiters) this.#byId ??= this.#index();
  }

  remove(waiter: Waiter): void {
    assert(this.#deadlines.holds(waiter), 'only who waits is removed');
    if (waiter.earlier === undefined) this.#first = waiter.later;
    else waiter.earlier.later = waiter.later;
    if (waiter.later === undefined) this.#last = waiter.earlier;
    else waiter.later.earlier = waiter.earlier;
    waiter.earlier = undefined;
    waiter.later = undefined;
    this.#deadlines.remove(waiter);
    this.#size -= 1;
    this.#byId?.delete(waiter.id);
  }

  #index(): Map<number, Waiter> {
    const byId = new Map<number, Waiter>();
    for (let waiter = this.#first; waiter !== undefined; waiter = waiter.later) byId.set(waiter.id, waiter);
    return byId;
  }
}

function isDueBefore(a: Waiter, b: Waiter): boolean {
  return a.deadline < b.deadline || (a.deadline === b.deadline && a.id < b.id);
}
