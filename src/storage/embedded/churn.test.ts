/**
 * Much written and removed in the order and the sizes that queues have, so that the store's free pages are many and scattered.
 * Afterwards every entry must be there and no other, also once the store was opened anew. `POSTHORN_CHURN_COMMITS` asks for
 * more of it: with 30,000 the library's own checks of its free pages begin to complain (decision 0002), which the entries
 * have withstood so far.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Prng } from '#std/prng';
import type { Store, WriteOperation } from '../store.ts';
import { openEmbedded } from './open.ts';

const commits = Number(process.env.POSTHORN_CHURN_COMMITS ?? 600);
const seed = Number(process.env.POSTHORN_CHURN_SEED ?? 20);

interface Pile {
  readonly id: number;
  /** Entries from `head` to before `tail` are there. */
  head: number;
  tail: number;
}

function keyOf(pile: number, entry: number): Buffer {
  const key = Buffer.alloc(19, 0);
  key[0] = 0x20;
  key.writeUIntBE(pile, 1, 6);
  key.writeUIntBE(entry, 13, 6);
  return key;
}

/** Says whose it is, so that a page that two entries share would show. */
function entryOf(pile: number, entry: number, length: number): Buffer {
  const value = Buffer.alloc(length, 'x');
  value.writeUIntBE(pile, 0, 6);
  value.writeUIntBE(entry, 6, 6);
  value.writeUInt32BE(length, 12);
  return value;
}

class Churn {
  readonly #random = new Prng(seed);
  readonly piles: Pile[] = [];
  readonly leaving: Pile[] = [];
  #next = 1;
  #wanted = 40;
  #share = 0.6;

  operations(): WriteOperation[] {
    if (this.#random.chance(0.01)) {
      this.#wanted = 5 + this.#random.below(150);
      this.#share = 0.3 + this.#random.next() * 0.55;
    }
    if (this.piles.length < this.#wanted) this.piles.push({ id: this.#next++, head: 0, tail: 0 });
    for (let n = 0; n < 3 && this.piles.length > Math.max(3, this.#wanted); n += 1) {
      this.leaving.push(...this.piles.splice(this.#random.below(this.piles.length), 1));
    }
    const operations: WriteOperation[] = [];
    const among = this.#random.chance(0.5) ? 1 + this.#random.below(4) : this.piles.length;
    const count = 1 + Math.floor(this.#random.next() * this.#random.next() * 1500);
    for (let n = 0; n < count; n += 1)
      this.#one(this.piles[this.#random.below(Math.min(among, this.piles.length))], operations);
    const gone = this.leaving[0];
    if (gone !== undefined) this.#remove(gone, 1000, operations);
    if (gone !== undefined && gone.head === gone.tail) this.leaving.shift();
    return operations;
  }

  #one(pile: Pile | undefined, operations: WriteOperation[]): void {
    if (pile === undefined) return;
    if (!this.#random.chance(this.#share) || pile.tail - pile.head >= 4000) {
      this.#remove(pile, 1, operations);
      return;
    }
    const length = 16 + (this.#random.chance(0.05) ? this.#random.below(8000) : 200 + this.#random.below(1200));
    operations.push({ key: keyOf(pile.id, pile.tail), value: entryOf(pile.id, pile.tail, length) });
    pile.tail += 1;
  }

  #remove(pile: Pile, most: number, operations: WriteOperation[]): void {
    const end = Math.min(pile.tail, pile.head + most);
    for (; pile.head < end; pile.head += 1) operations.push({ key: keyOf(pile.id, pile.head) });
  }
}

/** What is wrong with a pile, or undefined. */
async function problemOf(store: Store, { id, head, tail }: Pile): Promise<string | undefined> {
  const found = await store.scan({ from: keyOf(id, 0), to: keyOf(id + 1, 0), limit: 10_000 });
  if (found.length !== tail - head) return `${id} has ${found.length} entries instead of ${tail - head}`;
  const wrong = found.findIndex(({ key, value }, index) => {
    const isItsKey = Buffer.compare(key, keyOf(id, head + index)) === 0;
    return !isItsKey || Buffer.compare(value, entryOf(id, head + index, value.length)) !== 0;
  });
  return wrong === -1 ? undefined : `${id} has another entry in the place of ${head + wrong}`;
}

test(`keeps every entry and no other, seed ${seed}`, { timeout: 60_000 + commits * 20 }, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'posthorn-churn-'));
  const churn = new Churn();
  try {
    let store = await openEmbedded(directory);
    for (let n = 0; n < commits; n += 1) await store.commit(churn.operations());
    for (let opened = 0; opened < 2; opened += 1) {
      const all = [...churn.piles, ...churn.leaving];
      const problems = await Promise.all(all.map((pile) => problemOf(store, pile)));
      expect(problems.filter((problem) => problem !== undefined)).toEqual([]);
      expect(all.length).toBeGreaterThan(3);
      await store.close();
      if (opened === 0) store = await openEmbedded(directory);
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
