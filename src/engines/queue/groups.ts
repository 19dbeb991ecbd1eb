import { assert, required } from '#std/assert';
import { Fifo } from '#std/fifo';
import { Heap, type HeapItem } from '#std/heap';
import { entryBytes, type Held } from './held.ts';
import type { TrackedDelivery } from './state.ts';
import type { StoredMessage } from './types.ts';
import { type Waiting, withoutBytes } from './window.ts';

export interface Group extends HeapItem {
  readonly id: string;
  /** Visible again, in order. All of them lie before what waits: a group gives its messages in order. */
  readonly returned: TrackedDelivery[];
  readonly waiting: Fifo<Waiting>;
  /** Its messages that are in flight or leaving. While there are any, the group is blocked. */
  held: number;
  /** How many of its messages count as receivable: all, unless it is blocked. */
  receivable: number;
}

/**
 * What of a FIFO queue is in memory, by group. A group is in one of three modes:
 * - *ready*: it has messages and none of them is held; in the heap, by its first message;
 * - *blocked*: some of its messages are held;
 * - forgotten: it has no messages in memory.
 */
export class Groups {
  readonly #held: Held;
  readonly #groups = new Map<string, Group>();
  readonly #ready = new Heap<Group>(isAhead);
  #waiting = 0;
  #receivable = 0;
  #bytes = 0;

  constructor(held: Held) {
    this.#held = held;
  }

  /** Messages that wait, in memory. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Messages of groups that are not blocked. */
  get receivable(): number {
    return this.#receivable;
  }

  /** Takes a message behind all others. Of payloads it keeps so many bytes at most. */
  append(message: StoredMessage, windowBytes: number): void {
    const group = this.#groupOf(message.groupId);
    const fits = this.#bytes + message.payload.length <= windowBytes;
    group.waiting.push(fits ? message : withoutBytes(message));
    this.#note(1, fits ? message.payload.length : 0);
    this.#update(group);
  }

  /** The ready group whose turn it is. */
  next(): Group | undefined {
    return this.#ready.peek();
  }

  /** Takes the first message out of a group, which holds it then. */
  take(group: Group): Waiting | TrackedDelivery {
    const taken = group.returned.shift() ?? required(group.waiting.shift(), 'a message in the group');
    if (!isDelivery(taken)) this.#note(-1, -(taken.payload?.length ?? 0));
    group.held += 1;
    this.#update(group);
    return taken;
  }

  /** One of its messages is in flight or leaving, as the queue is opened. */
  hold(groupId: string): void {
    const group = this.#groupOf(groupId);
    group.held += 1;
    this.#update(group);
  }

  /** One that was held is gone. */
  release(groupId: string): void {
    const group = required(this.#groups.get(groupId), 'the group of a held message');
    assert(group.held > 0, 'only what is held is released');
    group.held -= 1;
    this.#update(group);
  }

  /** One that was held is visible again: it goes back to its place. */
  giveBack(delivery: TrackedDelivery): void {
    const { returned } = this.#groupOf(delivery.groupId);
    // Behind those before it; there are at most as many as one receive brought.
    let place = returned.length;
    while (place > 0 && (returned[place - 1]?.sequence ?? 0) > delivery.sequence) place -= 1;
    returned.splice(place, 0, delivery);
    this.release(delivery.groupId);
  }

  /** One that was visible again is held. */
  takeBack(delivery: TrackedDelivery): void {
    const group = required(this.#groups.get(delivery.groupId), 'the group of a returned message');
    const place = group.returned.indexOf(delivery);
    assert(place !== -1, 'a returned delivery lies in its group');
    group.returned.splice(place, 1);
    group.held += 1;
    this.#update(group);
  }

  clear(): void {
    this.#groups.clear();
    this.#ready.clear();
    this.#note(-this.#waiting, -this.#bytes);
    this.#receivable = 0;
  }

  #note(messages: number, bytes: number): void {
    this.#waiting += messages;
    this.#bytes += bytes;
    this.#held.bytes += messages * entryBytes + bytes;
  }

  #groupOf(id: string): Group {
    let group = this.#groups.get(id);
    if (group === undefined) {
      group = { id, returned: [], waiting: new Fifo(), held: 0, receivable: 0, heapIndex: -1 };
      this.#groups.set(id, group);
    }
    return group;
  }

  /** Puts a group where it belongs after any change of it. */
  #update(group: Group): void {
    const size = group.returned.length + group.waiting.size;
    const receivable = group.held === 0 ? size : 0;
    // One more behind others changes nothing but the count.
    const staysInPlace = receivable > group.receivable && group.receivable > 0 && group.returned.length === 0;
    this.#receivable += receivable - group.receivable;
    group.receivable = receivable;
    if (staysInPlace) return;
    if (this.#ready.holds(group)) this.#ready.remove(group);
    if (receivable > 0) this.#ready.push(group);
    else if (size === 0 && group.held === 0) this.#groups.delete(group.id);
  }
}

/** The first message of a group. */
export function headOf(group: Group): Waiting | TrackedDelivery {
  return group.returned[0] ?? required(group.waiting.peek(), 'a message in a ready group');
}

export function isDelivery(message: Waiting | TrackedDelivery): message is TrackedDelivery {
  return 'attempt' in message;
}

/** What has come back is not delayed any more, whatever the queue's delay has become: it goes before what waits. */
function isAhead(a: Group, b: Group): boolean {
  const [headA, headB] = [headOf(a), headOf(b)];
  if (isDelivery(headA) !== isDelivery(headB)) return isDelivery(headA);
  return headA.sequence < headB.sequence;
}
