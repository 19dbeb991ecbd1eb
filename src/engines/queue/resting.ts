import { firstLane } from './lanes.ts';
import type { Delivery } from './types.ts';

/** A row, and where in it what is. Moments are held as how long before `visibleAt` they were. */
const rowBytes = 44;
const sequenceAt = 0;
const visibleAtAt = 8;
const nonceAt = 16;
const availableAgoAt = 24;
const sentAgoAt = 28;
const firstReceivedAgoAt = 32;
const receivedAgoAt = 36;
const receiveCountAt = 40;
const attemptAt = 42;

const countMax = 0xffff;
/** 49 days; retention, delay and visibility timeout are 15 together. */
const agoMax = 0xffff_ffff;

const nowhere = -1;
const firstCapacity = 4;

/** Whether it can be at rest: most can, on standard queues without groups. */
export function mayRest(delivery: Delivery): boolean {
  const { lane, groupId, receivedTogether, visibleAt, receiveCount, attempt } = delivery;
  if (lane !== firstLane || groupId !== '' || receivedTogether !== 0) return false;
  if (receiveCount > countMax || attempt > countMax) return false;
  const { availableAt, sentAt, firstReceivedAt, receivedAt } = delivery;
  const first = Math.min(availableAt, sentAt, firstReceivedAt, receivedAt);
  const last = Math.max(availableAt, sentAt, firstReceivedAt, receivedAt);
  return last <= visibleAt && visibleAt - first <= agoMax;
}

/**
 * Deliveries in flight that nobody has touched for a while, by sequence and by `visibleAt`: 44 bytes each and a place or two
 * in a table, where one that is tracked takes 400, and nothing for the collector to look at.
 *
 * The rows are a binary heap, so they move; the table says where the row of a sequence is, by open addressing.
 */
export class RestingDeliveries {
  #size = 0;
  #capacity = firstCapacity;
  /** One row more than the capacity, for the one that looks for its place. */
  #bytes = new Uint8Array((firstCapacity + 1) * rowBytes);
  #rows = new DataView(this.#bytes.buffer);
  /** Row numbers; twice as many as rows, a power of two. */
  #table = new Int32Array(2 * firstCapacity).fill(nowhere);

  get size(): number {
    return this.#size;
  }

  /** The first one that becomes visible; undefined if none is at rest. */
  peek(): { readonly sequence: number; readonly visibleAt: number } | undefined {
    return this.#size === 0 ? undefined : { sequence: this.#sequenceOf(0), visibleAt: this.#visibleAtOf(0) };
  }

  has(sequence: number): boolean {
    return this.#table[this.#slotOf(sequence)] !== nowhere;
  }

  /** A copy. */
  get(sequence: number): Delivery | undefined {
    const row = this.#table[this.#slotOf(sequence)] as number;
    return row === nowhere ? undefined : this.#read(row);
  }

  /** It is one that may rest, and there is none with its sequence. */
  add(delivery: Delivery): void {
    if (this.#size === this.#capacity) this.#resize(2 * this.#capacity);
    this.#write(this.#capacity, delivery);
    this.#table[this.#slotOf(delivery.sequence)] = this.#capacity;
    this.#size += 1;
    this.#settle(this.#size - 1);
  }

  take(sequence: number): Delivery | undefined {
    const slot = this.#slotOf(sequence);
    const row = this.#table[slot] as number;
    if (row === nowhere) return undefined;
    const delivery = this.#read(row);
    this.#free(slot);
    this.#size -= 1;
    if (row !== this.#size) {
      this.#move(this.#size, this.#capacity);
      this.#settle(row);
    }
    if (this.#size * 4 < this.#capacity && this.#capacity > firstCapacity) this.#resize(this.#capacity / 2);
    return delivery;
  }

  /** Puts the row that looks for its place into it, given that `hole` is free. */
  #settle(hole: number): void {
    const moved = this.#capacity;
    let at = hole;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(moved, parent)) break;
      this.#move(parent, at);
      at = parent;
    }
    for (;;) {
      const left = 2 * at + 1;
      if (left >= this.#size) break;
      const right = left + 1;
      // The hole is no row, and never its own child.
      const child = right < this.#size && this.#isBefore(right, left) ? right : left;
      if (!this.#isBefore(child, moved)) break;
      this.#move(child, at);
      at = child;
    }
    this.#move(moved, at);
  }

  #isBefore(a: number, b: number): boolean {
    const difference = this.#visibleAtOf(a) - this.#visibleAtOf(b);
    return difference < 0 || (difference === 0 && this.#sequenceOf(a) < this.#sequenceOf(b));
  }

  #move(from: number, to: number): void {
    this.#table[this.#slotOf(this.#sequenceOf(from))] = to;
    this.#bytes.copyWithin(to * rowBytes, from * rowBytes, (from + 1) * rowBytes);
  }

  #sequenceOf(row: number): number {
    return this.#rows.getFloat64(row * rowBytes + sequenceAt);
  }

  #visibleAtOf(row: number): number {
    return this.#rows.getFloat64(row * rowBytes + visibleAtAt);
  }

  #write(row: number, delivery: Delivery): void {
    const rows = this.#rows;
    const start = row * rowBytes;
    const { visibleAt } = delivery;
    rows.setFloat64(start + sequenceAt, delivery.sequence);
    rows.setFloat64(start + visibleAtAt, visibleAt);
    rows.setFloat64(start + nonceAt, delivery.nonce);
    rows.setUint32(start + availableAgoAt, visibleAt - delivery.availableAt);
    rows.setUint32(start + sentAgoAt, visibleAt - delivery.sentAt);
    rows.setUint32(start + firstReceivedAgoAt, visibleAt - delivery.firstReceivedAt);
    rows.setUint32(start + receivedAgoAt, visibleAt - delivery.receivedAt);
    rows.setUint16(start + receiveCountAt, delivery.receiveCount);
    rows.setUint16(start + attemptAt, delivery.attempt);
  }

  #read(row: number): Delivery {
    const rows = this.#rows;
    const start = row * rowBytes;
    const visibleAt = rows.getFloat64(start + visibleAtAt);
    return {
      lane: firstLane,
      availableAt: visibleAt - rows.getUint32(start + availableAgoAt),
      sequence: rows.getFloat64(start + sequenceAt),
      sentAt: visibleAt - rows.getUint32(start + sentAgoAt),
      groupId: '',
      visibleAt,
      receiveCount: rows.getUint16(start + receiveCountAt),
      attempt: rows.getUint16(start + attemptAt),
      firstReceivedAt: visibleAt - rows.getUint32(start + firstReceivedAgoAt),
      receivedAt: visibleAt - rows.getUint32(start + receivedAgoAt),
      nonce: rows.getFloat64(start + nonceAt),
      receivedTogether: 0,
    };
  }

  /** Of the sequence, or the free one that it would take. */
  #slotOf(sequence: number): number {
    const last = this.#table.length - 1;
    let slot = this.#firstSlotOf(sequence);
    for (let row = this.#table[slot] as number; row !== nowhere; row = this.#table[slot] as number) {
      if (this.#sequenceOf(row) === sequence) break;
      slot = (slot + 1) & last;
    }
    return slot;
  }

  #firstSlotOf(sequence: number): number {
    // Neighbours far apart: in a row they would be in each other's way once two runs of them meet.
    const mixed = Math.imul(sequence ^ Math.floor(sequence / 2 ** 32), 0x9e3779b1);
    return (mixed ^ (mixed >>> 15)) & (this.#table.length - 1);
  }

  /** Those behind it that it was in the way of move up. */
  #free(slot: number): void {
    const last = this.#table.length - 1;
    let free = slot;
    for (let next = (slot + 1) & last; ; next = (next + 1) & last) {
      const row = this.#table[next] as number;
      if (row === nowhere) break;
      const first = this.#firstSlotOf(this.#sequenceOf(row));
      const isReachedOverFree = ((next - first) & last) >= ((next - free) & last);
      if (!isReachedOverFree) continue;
      this.#table[free] = row;
      free = next;
    }
    this.#table[free] = nowhere;
  }

  #resize(capacity: number): void {
    const bytes = new Uint8Array((capacity + 1) * rowBytes);
    bytes.set(this.#bytes.subarray(0, this.#size * rowBytes));
    this.#bytes = bytes;
    this.#rows = new DataView(bytes.buffer);
    this.#capacity = capacity;
    this.#table = new Int32Array(2 * capacity).fill(nowhere);
    for (let row = 0; row < this.#size; row += 1) this.#table[this.#slotOf(this.#sequenceOf(row))] = row;
  }
}
