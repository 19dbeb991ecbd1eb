import { hash } from 'node:crypto';
import { assert } from './assert.ts';
import { asBuffer } from './bytes.ts';

/** Of a digest; longer ones are cut by who makes them. */
export const digestBytes = 16;

/** The first half of the text's SHA-256. As a text from `hash`, which takes half as long as bytes from it. */
export function digestOf(text: string): Buffer {
  return Buffer.from(hash('sha256', text, 'hex').slice(0, 2 * digestBytes), 'hex');
}

const nothing = -1;
const firstCapacity = 4;
const noBytes = Buffer.alloc(0);
const noNumbers = new Float64Array(0);
const noPlaces = new Int32Array(0);

/** Of an entry with its share of the chains: value and time, two places, digest and label. */
const numberBytes = 16;
const placeBytes = 8;
const textBytes = 2 * digestBytes;

export interface DigestEntry {
  readonly value: number;
  readonly time: number;
  /** 16 bytes that go with the digest. */
  readonly label: Uint8Array;
}

/**
 * Digests with a number, a time and a label each, found by digest and forgotten oldest first. A ring in one piece of memory,
 * chained by the digests' first bits: 56 bytes an entry, where a Map of strings takes 160, and nothing for the garbage
 * collector. There is none before the first entry, for most rings stay empty; and in one piece because each piece takes
 * 200 bytes more.
 */
export class DigestRing {
  #capacity = 0;
  /** Of the oldest entry; grows for ever, its place is the remainder. */
  #first = 0;
  #size = 0;
  /** The values, then the times. */
  #numbers = noNumbers;
  /** The place of the next older entry of the same chain, for each entry; then the place of each chain's newest entry. */
  #places = noPlaces;
  /** The digest of each entry, its label behind it. */
  #texts: Buffer = noBytes;

  constructor(capacity = 0) {
    if (capacity > 0) this.#allocate(capacity);
  }

  get size(): number {
    return this.#size;
  }

  /** The newest entry with that digest, if its time is later than `after`. */
  find(digest: Uint8Array, after = Number.NEGATIVE_INFINITY): DigestEntry | undefined {
    if (this.#size === 0) return undefined;
    let place = this.#newestOf(this.#chainOf(digest));
    while (place !== nothing) {
      const start = place * textBytes;
      if (isAt(this.#texts, start, digest)) {
        const entry = this.#entry(place);
        return entry.time > after ? entry : undefined;
      }
      place = this.#olderThan(place);
    }
    return undefined;
  }

  push(digest: Uint8Array, { value, time, label }: DigestEntry): void {
    assert(digest.length === digestBytes && label.length === digestBytes, 'digests and labels have 16 bytes');
    if (this.#size === this.#capacity) this.#grow();
    const place = (this.#first + this.#size) % this.#capacity;
    const start = place * textBytes;
    this.#texts.set(digest, start);
    this.#texts.set(label, start + digestBytes);
    this.#numbers[place] = value;
    this.#numbers[this.#capacity + place] = time;
    this.#size += 1;
    this.#link(place);
  }

  /** The oldest entry's value and time. */
  peek(): Pick<DigestEntry, 'value' | 'time'> | undefined {
    if (this.#size === 0) return undefined;
    const place = this.#first % this.#capacity;
    return { value: this.#numbers[place] as number, time: this.#numbers[this.#capacity + place] as number };
  }

  /** Forgets the oldest entry. */
  shift(): void {
    if (this.#size === 0) return;
    const oldest = this.#first % this.#capacity;
    const chain = this.#chainOf(this.#texts, oldest * textBytes);
    // The oldest of all is the last of its chain.
    let place = this.#newestOf(chain);
    if (place === oldest) this.#places[this.#capacity + chain] = nothing;
    while (place !== oldest) {
      const older = this.#olderThan(place);
      if (older === oldest) this.#places[place] = nothing;
      place = older;
    }
    this.#first += 1;
    this.#size -= 1;
  }

  clear(): void {
    this.#places.fill(nothing);
    this.#first = 0;
    this.#size = 0;
  }

  /** The label is a copy: the ring's own memory is used again. */
  #entry(place: number): DigestEntry {
    const start = place * textBytes + digestBytes;
    const label = Buffer.from(this.#texts.subarray(start, start + digestBytes));
    return { value: this.#numbers[place] as number, time: this.#numbers[this.#capacity + place] as number, label };
  }

  #chainOf(digest: Uint8Array, offset = 0): number {
    return asBuffer(digest).readUInt32LE(offset) % this.#capacity;
  }

  #newestOf(chain: number): number {
    return this.#places[this.#capacity + chain] ?? nothing;
  }

  #olderThan(place: number): number {
    return this.#places[place] ?? nothing;
  }

  #allocate(capacity: number): void {
    const memory = new ArrayBuffer(capacity * (numberBytes + placeBytes + textBytes));
    this.#numbers = new Float64Array(memory, 0, 2 * capacity);
    this.#places = new Int32Array(memory, capacity * numberBytes, 2 * capacity).fill(nothing);
    this.#texts = Buffer.from(memory, capacity * (numberBytes + placeBytes));
    this.#capacity = capacity;
  }

  /** Into memory of twice the length, the oldest first. */
  #grow(): void {
    const [numbers, texts, half] = [this.#numbers, this.#texts, this.#capacity];
    const start = this.#size === 0 ? 0 : this.#first % half;
    this.#allocate(Math.max(firstCapacity, 2 * half));
    let at = 0;
    for (const [from, to] of [
      [start, half],
      [0, start],
    ] as const) {
      this.#texts.set(texts.subarray(from * textBytes, to * textBytes), at * textBytes);
      this.#numbers.set(numbers.subarray(from, to), at);
      this.#numbers.set(numbers.subarray(half + from, half + to), this.#capacity + at);
      at += to - from;
    }
    this.#first = 0;
    for (let place = 0; place < this.#size; place += 1) this.#link(place);
  }

  /** Makes an entry the newest of its chain. */
  #link(place: number): void {
    const chain = this.#chainOf(this.#texts, place * textBytes);
    this.#places[place] = this.#newestOf(chain);
    this.#places[this.#capacity + chain] = place;
  }
}

/** Calls for 16 bytes would cost more than the bytes. */
function isAt(bytes: Buffer, start: number, digest: Uint8Array): boolean {
  let index = 0;
  while (index < digestBytes && bytes[start + index] === digest[index]) index += 1;
  return index === digestBytes;
}
