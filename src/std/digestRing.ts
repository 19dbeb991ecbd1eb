import { asBuffer } from './bytes.ts';

/** Of a digest; longer ones are cut by who makes them. */
export const digestBytes = 16;

const nothing = -1;
const firstCapacity = 16;
const noBytes = Buffer.alloc(0);
const noNumbers = new Float64Array(0);
const noPlaces = new Int32Array(0);

export interface DigestEntry {
  readonly value: number;
  readonly time: number;
  /** 16 bytes that go with the digest. */
  readonly label: Uint8Array;
}

/**
 * Digests with a number, a time and a label each, found by digest and forgotten oldest first. A ring of typed arrays,
 * chained by the digests' first bits: 56 bytes an entry, where a Map of strings takes 160, and nothing for the garbage
 * collector. There are no arrays before the first entry: they take two kibibytes, and most rings stay empty.
 */
export class DigestRing {
  #capacity: number;
  /** Of the oldest entry; grows for ever, its place is the remainder. */
  #first = 0;
  #size = 0;
  #digests: Buffer;
  #labels: Buffer;
  #values: Float64Array;
  #times: Float64Array;
  /** The place of the next older entry of the same chain. */
  #older: Int32Array;
  /** The place of the newest entry of each chain. */
  #chains: Int32Array;

  constructor(capacity = 0) {
    this.#capacity = capacity;
    this.#digests = capacity === 0 ? noBytes : Buffer.alloc(capacity * digestBytes);
    this.#labels = capacity === 0 ? noBytes : Buffer.alloc(capacity * digestBytes);
    this.#values = capacity === 0 ? noNumbers : new Float64Array(capacity);
    this.#times = capacity === 0 ? noNumbers : new Float64Array(capacity);
    this.#older = capacity === 0 ? noPlaces : new Int32Array(capacity);
    this.#chains = capacity === 0 ? noPlaces : new Int32Array(capacity).fill(nothing);
  }

  get size(): number {
    return this.#size;
  }

  /** The newest entry with that digest, if its time is later than `after`. */
  find(digest: Uint8Array, after = Number.NEGATIVE_INFINITY): DigestEntry | undefined {
    if (this.#size === 0) return undefined;
    let place = this.#chains[this.#chainOf(digest)] ?? nothing;
    while (place !== nothing) {
      const start = place * digestBytes;
      if (this.#digests.compare(digest, 0, digestBytes, start, start + digestBytes) === 0) {
        const entry = this.#entry(place);
        return entry.time > after ? entry : undefined;
      }
      place = this.#older[place] ?? nothing;
    }
    return undefined;
  }

  push(digest: Uint8Array, { value, time, label }: DigestEntry): void {
    if (this.#size === this.#capacity) this.#grow();
    const place = (this.#first + this.#size) % this.#capacity;
    this.#digests.set(digest.subarray(0, digestBytes), place * digestBytes);
    this.#labels.set(label.subarray(0, digestBytes), place * digestBytes);
    this.#values[place] = value;
    this.#times[place] = time;
    this.#size += 1;
    this.#link(place);
  }

  /** The oldest entry. */
  peek(): DigestEntry | undefined {
    return this.#size === 0 ? undefined : this.#entry(this.#first % this.#capacity);
  }

  /** Forgets the oldest entry. */
  shift(): void {
    if (this.#size === 0) return;
    const oldest = this.#first % this.#capacity;
    const chain = this.#chainOf(this.#digests.subarray(oldest * digestBytes, (oldest + 1) * digestBytes));
    // The oldest of all is the last of its chain.
    let place = this.#chains[chain] ?? nothing;
    if (place === oldest) this.#chains[chain] = nothing;
    while (place !== oldest) {
      const older = this.#older[place] ?? nothing;
      if (older === oldest) this.#older[place] = nothing;
      place = older;
    }
    this.#first += 1;
    this.#size -= 1;
  }

  clear(): void {
    this.#chains.fill(nothing);
    this.#first = 0;
    this.#size = 0;
  }

  /** The label is a copy: the ring's own memory is used again. */
  #entry(place: number): DigestEntry {
    const label = Buffer.from(this.#labels.subarray(place * digestBytes, (place + 1) * digestBytes));
    return { value: this.#values[place] as number, time: this.#times[place] as number, label };
  }

  #chainOf(digest: Uint8Array): number {
    return asBuffer(digest).readUInt32LE(0) % this.#capacity;
  }

  /** Into arrays of twice the length, the oldest first. */
  #grow(): void {
    const larger = new DigestRing(Math.max(firstCapacity, this.#capacity * 2));
    const start = this.#size === 0 ? 0 : this.#first % this.#capacity;
    for (const [from, to] of [
      [start, this.#capacity],
      [0, start],
    ] as const) {
      const at = from === start ? 0 : this.#capacity - start;
      larger.#digests.set(this.#digests.subarray(from * digestBytes, to * digestBytes), at * digestBytes);
      larger.#labels.set(this.#labels.subarray(from * digestBytes, to * digestBytes), at * digestBytes);
      larger.#values.set(this.#values.subarray(from, to), at);
      larger.#times.set(this.#times.subarray(from, to), at);
    }
    this.#capacity = larger.#capacity;
    this.#first = 0;
    this.#digests = larger.#digests;
    this.#labels = larger.#labels;
    this.#values = larger.#values;
    this.#times = larger.#times;
    this.#older = larger.#older;
    this.#chains = larger.#chains;
    for (let place = 0; place < this.#size; place += 1) this.#link(place);
  }

  /** Makes an entry the newest of its chain. */
  #link(place: number): void {
    const chain = this.#digests.readUInt32LE(place * digestBytes) % this.#capacity;
    this.#older[place] = this.#chains[chain] ?? nothing;
    this.#chains[chain] = place;
  }
}
