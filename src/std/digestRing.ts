import { asBuffer } from './bytes.ts';

/** Of a digest; longer ones are cut by who makes them. */
export const digestBytes = 16;

const nothing = -1;

/**
 * Digests with a number and a time each, found by digest and forgotten oldest first. A ring of typed arrays, chained by
 * the digests' first bits: 40 bytes an entry, where a Map of strings takes 110, and nothing for the garbage collector.
 */
export class DigestRing {
  #capacity: number;
  /** Of the oldest entry; grows for ever, its place is the remainder. */
  #first = 0;
  #size = 0;
  #digests: Buffer;
  #values: Float64Array;
  #times: Float64Array;
  /** The place of the next older entry of the same chain. */
  #older: Int32Array;
  /** The place of the newest entry of each chain. */
  #chains: Int32Array;

  constructor(capacity = 16) {
    this.#capacity = capacity;
    this.#digests = Buffer.alloc(capacity * digestBytes);
    this.#values = new Float64Array(capacity);
    this.#times = new Float64Array(capacity);
    this.#older = new Int32Array(capacity);
    this.#chains = new Int32Array(capacity).fill(nothing);
  }

  get size(): number {
    return this.#size;
  }

  /** The number of the newest entry with that digest. */
  find(digest: Uint8Array): number | undefined {
    let place = this.#chains[this.#chainOf(digest)] ?? nothing;
    while (place !== nothing) {
      const start = place * digestBytes;
      if (this.#digests.compare(digest, 0, digestBytes, start, start + digestBytes) === 0) return this.#values[place];
      place = this.#older[place] ?? nothing;
    }
    return undefined;
  }

  push(digest: Uint8Array, value: number, time: number): void {
    if (this.#size === this.#capacity) this.#grow();
    const place = (this.#first + this.#size) % this.#capacity;
    const chain = this.#chainOf(digest);
    this.#digests.set(digest.subarray(0, digestBytes), place * digestBytes);
    this.#values[place] = value;
    this.#times[place] = time;
    this.#older[place] = this.#chains[chain] ?? nothing;
    this.#chains[chain] = place;
    this.#size += 1;
  }

  /** The oldest entry's. */
  peek(): { value: number; time: number } | undefined {
    if (this.#size === 0) return undefined;
    const place = this.#first % this.#capacity;
    return { value: this.#values[place] as number, time: this.#times[place] as number };
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

  #chainOf(digest: Uint8Array): number {
    return asBuffer(digest).readUInt32LE(0) % this.#capacity;
  }

  #grow(): void {
    const larger = new DigestRing(this.#capacity * 2);
    for (let index = 0; index < this.#size; index += 1) {
      const place = (this.#first + index) % this.#capacity;
      const digest = this.#digests.subarray(place * digestBytes, (place + 1) * digestBytes);
      larger.push(digest, this.#values[place] as number, this.#times[place] as number);
    }
    this.#capacity = larger.#capacity;
    this.#first = 0;
    this.#digests = larger.#digests;
    this.#values = larger.#values;
    this.#times = larger.#times;
    this.#older = larger.#older;
    this.#chains = larger.#chains;
  }
}
