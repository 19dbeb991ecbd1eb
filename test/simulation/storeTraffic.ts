import type { Prng } from '../../src/std/prng.ts';
import type { KeyRange, WriteOperation } from '../../src/storage/store.ts';

/** Commits as queues make them, with some disorder. */
export class Traffic {
  readonly #random: Prng;
  readonly #queues = Array.from({ length: 5 }, (_, id) => ({ id, head: 0, tail: 0 }));
  #nextId = 5;
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

  /** A queue is deleted and made anew: all that it held is of no use to anybody. */
  discardQueue(): KeyRange[] {
    const place = this.#random.below(this.#queues.length);
    const { id } = this.#queues[place] as { id: number };
    this.#queues[place] = { id: this.#nextId++, head: 0, tail: 0 };
    return [0x20, 0x22].map((table) => ({ from: keyOf(table, id), to: keyOf(table, id + 1) }));
  }

  key(): Buffer {
    const { id, tail } = this.#anyQueue();
    const kind = this.#random.below(10);
    if (kind < 2) return keyOf(0x22, id);
    if (kind < 3)
      return Buffer.alloc(1 + this.#random.below(this.#random.chance(0.1) ? 1024 : 3), this.#random.below(256));
    return keyOf(0x20, id, this.#random.below(tail + 2));
  }

  #operation(): WriteOperation {
    const queue = this.#anyQueue();
    if (this.#random.chance(0.25)) {
      const key = this.key();
      return this.#random.chance(0.4) ? { key } : { key, value: this.#value() };
    }
    if (this.#random.chance(this.#shareOfSends) || queue.head >= queue.tail) {
      return { key: keyOf(0x20, queue.id, queue.tail++), value: this.#value() };
    }
    return { key: keyOf(0x20, queue.id, queue.head++) };
  }

  #anyQueue() {
    return this.#random.pick(this.#queues) as { id: number; head: number; tail: number };
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
