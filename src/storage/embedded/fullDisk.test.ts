/**
 * A disk that is really full: a file system of some MiB in memory. Messages are taken until there is no space; then a start
 * finds everything, and receives and deletes go on until all is gone; then messages are taken again.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CommitFailed, type WriteOperation } from '../store.ts';
import { compactEmbedded } from './compact.ts';
import type { LogStore } from './logStore.ts';
import { openEmbedded } from './open.ts';

const root = mkdtempSync(join(tmpdir(), 'posthorn-full-'));
const place = join(root, 'disk');
const directory = join(place, 'data');

function mount(mebibytes: number): boolean {
  mkdirSync(place, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', place], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function unmount(): void {
  execFileSync('umount', [place]);
  rmSync(root, { recursive: true });
}

/** Only root may, and not in every container. */
const mayMount = process.platform === 'linux' && process.getuid?.() === 0 && mount(1);
if (mayMount) unmount();

const messageKey = (sequence: number) => Buffer.concat([Buffer.of(0x20, 0, 0, 0, 0, 0, 1), numberBytes(sequence)]);
const deliveryKey = (sequence: number) => Buffer.concat([Buffer.of(0x21, 0, 0, 0, 0, 0, 1), numberBytes(sequence)]);
const all = { from: Buffer.of(0x20), to: Buffer.of(0x22), limit: 1_000_000 };

function numberBytes(number: number): Buffer {
  const bytes = Buffer.alloc(6);
  bytes.writeUIntBE(number, 0, 6);
  return bytes;
}

/** A queue on a full disk: messages from `head` to before `tail`. */
class Queue {
  store!: LogStore;
  head = 0;
  tail = 0;

  async open(): Promise<void> {
    this.store = (await openEmbedded(directory)) as LogStore;
  }

  async reopen(): Promise<void> {
    await this.store.close();
    await this.open();
  }

  /** Sends until it is refused for good; how many were taken. */
  async fill(most = Number.POSITIVE_INFINITY): Promise<number> {
    const before = this.tail;
    for (let refusedInARow = 0; refusedInARow < 20 && this.tail - before < most; ) {
      const sequences = Array.from({ length: 64 }, (_, i) => this.tail + i);
      const sends = sequences.map((each) => ({ key: messageKey(each), value: Buffer.alloc(1024, each) }));
      const isTaken = await this.#commit([...sends, this.#counters(this.tail + 64)]);
      if (isTaken) this.tail += 64;
      else await this.store.settled();
      refusedInARow = isTaken ? 0 : refusedInARow + 1;
    }
    return this.tail - before;
  }

  /** Receives and deletes everything or so many, each ten in commits of their own. */
  async drain(most = Number.POSITIVE_INFINITY): Promise<void> {
    const end = Math.min(this.tail, this.head + most);
    while (this.head < end) {
      const sequences = Array.from({ length: Math.min(10, end - this.head) }, (_, i) => this.head + i);
      await this.#insist(sequences.map((each) => ({ key: deliveryKey(each), value: Buffer.alloc(45, each) })));
      const deletes = sequences.flatMap((each) => [{ key: messageKey(each) }, { key: deliveryKey(each) }]);
      await this.#insist([...deletes, this.#counters(this.head)]);
      this.head += sequences.length;
    }
  }

  async check(): Promise<void> {
    const found = await this.store.scan(all);
    expect(found.length).toBe(this.tail - this.head);
    const wrong = found.findIndex(
      ({ key, value }, i) => !messageKey(this.head + i).equals(key) || value[0] !== ((this.head + i) & 0xff),
    );
    expect(wrong).toBe(-1);
  }

  #counters(value: number): WriteOperation {
    return { key: Buffer.of(0x22, 0, 0, 0, 0, 0, 1), value: Buffer.concat([Buffer.alloc(24), numberBytes(value)]) };
  }

  async #insist(operations: readonly WriteOperation[]): Promise<void> {
    for (let attempts = 5; !(await this.#commit(operations)); attempts -= 1) {
      expect(attempts).toBeGreaterThan(0);
      await this.store.settled();
    }
  }

  async #commit(operations: readonly WriteOperation[]): Promise<boolean> {
    try {
      await this.store.commit(operations);
      return true;
    } catch (error) {
      if (!(error instanceof CommitFailed)) throw error;
      expect(error.reason).toBe('no-space');
      return false;
    }
  }
}

describe.skipIf(!mayMount)('a disk of', () => {
  let queue: Queue;
  beforeEach(() => {
    queue = new Queue();
  });
  afterEach(async () => {
    await queue.store.close();
    unmount();
  });

  test.each([40, 96, 200])(
    '%i MiB that is full is drained, and then takes messages again',
    { timeout: 120_000 },
    async (mebibytes) => {
      mount(mebibytes);
      await queue.open();
      const taken = await queue.fill();
      // What is kept ready and a log or two are not for messages.
      expect(taken).toBeGreaterThan(1024 * Math.max(0.3 * mebibytes, mebibytes - 90));
      await queue.check();
      for (let starts = 0; starts < 5; starts += 1) await queue.reopen();
      await queue.check();
      await queue.drain();
      await queue.check();
      expect(await queue.fill(taken)).toBeGreaterThan(0.9 * taken);
      await queue.reopen();
      await queue.check();
    },
  );

  test('64 MiB that is full is compacted', { timeout: 120_000 }, async () => {
    mount(64);
    await queue.open();
    const taken = await queue.fill();
    await queue.drain(taken / 2);
    await queue.fill();
    await queue.store.close();
    const { bytesBefore, bytesAfter } = await compactEmbedded(directory);
    expect(bytesAfter).toBeLessThan(bytesBefore);
    await queue.open();
    await queue.check();
  });
});
