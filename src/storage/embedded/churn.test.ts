/**
 * Much written and removed in the order and the sizes that queues have, by a real disk and with limits so small that logs are
 * flushed and tables merged all the time. Afterwards every entry must be there and no other, also once the store was opened
 * anew and once it was compacted. `POSTHORN_CHURN_COMMITS` asks for more of it, `POSTHORN_CHURN_SEED` for another.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Prng } from '#std/prng';
import type { Store, WriteOperation } from '../store.ts';
import { type Job, runJob } from './jobs.ts';
import { LogStore } from './logStore.ts';
import { NodeDisk } from './nodeDisk.ts';

const commits = Number(process.env.POSTHORN_CHURN_COMMITS ?? 250);
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

/** Says whose it is, so that bytes in the wrong place would show. */
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

async function problemsOf(store: Store, { piles, leaving }: Churn): Promise<string[]> {
  const all = [...piles, ...leaving];
  expect(all.length).toBeGreaterThan(3);
  const problems = await Promise.all(all.map((pile) => problemOf(store, pile)));
  const entries = await store.scan({ from: Buffer.alloc(0), to: Buffer.alloc(19, 0xff), limit: 10_000_000 });
  const wanted = all.reduce((sum, { head, tail }) => sum + tail - head, 0);
  if (entries.length !== wanted) problems.push(`there are ${entries.length} entries instead of ${wanted}`);
  return problems.filter((problem) => problem !== undefined);
}

const limits = { logBytes: 1024 * 1024, carriedBytes: 64 * 1024, tableBytes: 512 * 1024, ballastPieceBytes: 4096 };

test(`keeps every entry and no other, seed ${seed}`, { timeout: 60_000 + commits * 20 }, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'posthorn-churn-'));
  const disk = new NodeDisk(directory);
  const churn = new Churn();
  const jobs = { flush: 0, merge: 0 };
  const open = () =>
    LogStore.open(disk, {
      ...limits,
      runJob: (job: Job) => {
        jobs[job.kind] += 1;
        return runJob(disk, job);
      },
    });
  try {
    let store = await open();
    for (let n = 0; n < commits; n += 1) await store.commit(churn.operations());
    expect(await problemsOf(store, churn)).toEqual([]);
    await store.close();
    expect(jobs.flush).toBeGreaterThan(commits / 20);
    expect(jobs.merge).toBeGreaterThan(commits / 20);
    store = await open();
    expect(await problemsOf(store, churn)).toEqual([]);
    await store.compact();
    expect(await problemsOf(store, churn)).toEqual([]);
    await store.close();
    store = await open();
    expect(await problemsOf(store, churn)).toEqual([]);
    await store.close();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
