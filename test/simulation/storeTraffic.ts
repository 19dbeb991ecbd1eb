import type { Prng } from '../../src/std/prng.ts';
import type { WriteOperation } from '../../src/storage/store.ts';

/** Commits as queues make them, with some disorder. */
export class Traffic {
  readonly #random: Prng;
  readonly #queues = Array.from({ length: 5 }, () => ({ head: 0, tail: 0 }));
  readonly #largestValue: number;
  readonly #shareOfSends: number;
  #commits = 0;

  constructor(random: Prng) {
    this.#random = random;
    this.#largestValue = random.pick([200, 1200, 3072]) as number;
    this.#shareOfSends = 0.3 + random.next() * 0.35;
  }

  operations(): WriteOperation[] {
    this.#commits += 1;
    const count = this.#random.chance(0.1) ? this.#random.below(60) : 1 + this.#random.below(6);
    return Array.from({ length: count }, () => this.#operation());
  }

  key(): Buffer {
    const id = this.#random.below(this.#queues.length);
    const kind = this.#random.below(10);
    if (kind < 2) return keyOf(0x22, id);
    if (kind < 3)
      return Buffer.alloc(1 + this.#random.below(this.#random.chance(0.1) ? 1024 : 3), this.#random.below(256));
    return keyOf(0x20, id, this.#random.below((this.#queues[id]?.tail ?? 0) + 2));
  }

  #operation(): WriteOperation {
    const id = this.#random.below(this.#queues.length);
    const queue = this.#queues[id] as { head: number; tail: number };
    if (this.#random.chance(0.25)) {
      const key = this.key();
      return this.#random.chance(0.4) ? { key } : { key, value: this.#value() };
    }
    if (this.#random.chance(this.#shareOfSends) || queue.head >= queue.tail) {
      return { key: keyOf(0x20, id, queue.tail++), value: this.#value() };
    }
    return { key: keyOf(0x20, id, queue.head++) };
  }

  /** Says which commit it is of, so that no two are alike. */
  #value(): Buffer {
    const value = Buffer.alloc(this.#random.below(this.#largestValue), this.#random.below(256));
    if (value.length >= 4) value.writeUInt32BE(this.#commits);
    return value;
  }
}

function keyOf(table: number, id: number, sequence?: number): Buffer {
  const key = Buffer.alloc(sequence === undefined ? 7 : 13);
  key[0] = table;
  key.writeUIntBE(id, 1, 6);
  if (sequence !== undefined) key.writeUIntBE(sequence, 7, 6);
  return key;
}
