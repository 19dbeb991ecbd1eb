import { assert } from '#std/assert';
import { entryBytes, type Held } from './held.ts';
import { before, type Position, type StoredMessage } from './types.ts';

/** A waiting message in memory; all of it, or, beyond the byte budget, what is needed to find it in the store. */
export type Waiting =
  | StoredMessage
  | (Position & { readonly sentAt: number; readonly groupId: string; readonly payload: undefined });

export function withoutBytes({ lane, availableAt, sequence, sentAt, groupId }: StoredMessage): Waiting {
  return { lane, availableAt, sequence, sentAt, groupId, payload: undefined };
}

/**
 * The waiting messages at the head of a queue that are in memory, in order of position: a queue of its own with removal
 * from the middle. Removed entries leave a hole that the head skips.
 */
export class Window {
  readonly #held: Held;
  #entries: (Waiting | undefined)[] = [];
  #head = 0;
  #bytes = 0;
  #count = 0;

  constructor(held: Held) {
    this.#held = held;
  }

  get size(): number {
    return this.#count;
  }

  /** Of payloads. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds behind the last. Of payloads it keeps so many bytes at most. */
  append(message: StoredMessage, windowBytes: number): void {
    const last = this.#entries[this.#entries.length - 1];
    assert(last === undefined || before(last, message), 'a window grows at its end');
    const fits = this.#bytes + message.payload.length <= windowBytes;
    this.#note(1, fits ? message.payload.length : 0);
    const waiting = fits ? message : withoutBytes(message);
    // The first one's array has room for one: of many queues, few hold more.
    if (this.#entries.length === 0) this.#entries = [waiting];
    else this.#entries.push(waiting);
  }

  peek(): Waiting | undefined {
    while (this.#head < this.#entries.length) {
      const entry = this.#entries[this.#head];
      if (entry !== undefined) return entry;
      this.#head += 1;
    }
    if (this.#head > 0) this.#compact();
    return undefined;
  }

  shift(): Waiting | undefined {
    const entry = this.peek();
    if (entry !== undefined) this.#removeAt(this.#head);
    return entry;
  }

  /** Removes the entry at that position; false if there is none. */
  remove(position: Position): boolean {
    const index = this.#find(position);
    if (index === -1) return false;
    this.#removeAt(index);
    return true;
  }

  has(position: Position): boolean {
    return this.#find(position) !== -1;
  }

  clear(): void {
    this.#entries = [];
    this.#head = 0;
    this.#note(-this.#count, -this.#bytes);
  }

  #note(messages: number, bytes: number): void {
    this.#count += messages;
    this.#bytes += bytes;
    this.#held.bytes += messages * entryBytes + bytes;
  }

  #removeAt(index: number): void {
    const entry = this.#entries[index];
    assert(entry !== undefined, 'only an entry can be removed');
    this.#note(-1, -(entry.payload?.length ?? 0));
    this.#entries[index] = undefined;
    if (index === this.#head) this.#head += 1;
    if (this.#head > 1_024 && this.#head * 2 > this.#entries.length) this.#compact();
  }

  #compact(): void {
    this.#entries = this.#entries.slice(this.#head);
    this.#head = 0;
  }

  /** Holes have no position, so a binary search first steps over them to the right. */
  #find(position: Position): number {
    let low = this.#head;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      let probe = middle;
      while (probe < high && this.#entries[probe] === undefined) probe += 1;
      const entry = this.#entries[probe];
      if (probe === high || entry === undefined) {
        high = middle;
      } else if (before(entry, position)) {
        low = probe + 1;
      } else if (before(position, entry)) {
        high = middle;
      } else {
        return probe;
      }
    }
    return -1;
  }
}
