import { assert } from '#std/assert';
import type { WriteOperation } from '#storage';
import { letterKey, letterRange, type QueuePath, readLetterKey } from '#storage/keys';
import { decodeLetter, encodeLetter, type LetterRecord } from '#storage/letterRecords';
import type { Clock } from './clock.ts';
import type { Elsewhere, Letter, LettersTaken } from './elsewhere.ts';
import { CommitClosed, type GroupCommit } from './groupCommit.ts';
import { probeIntervalMs, shippedAtOnce, shippedBytes } from './limits.ts';
import type { QueueHandle } from './queueHandle.ts';

export interface StreamSurroundings {
  readonly commit: GroupCommit;
  readonly clock: Clock;
  readonly ship: Elsewhere['ship'];
  /** Of this partition. */
  openQueue(path: QueuePath): QueueHandle | Promise<QueueHandle | undefined>;
  allocateId(): { id: number; operation: WriteOperation };
  /** The last that was allocated. */
  lastId(): { id: number; operation: WriteOperation };
  report(error: Error): void;
}

/** The letters to one partition, of which one shipment is under way at a time. */
export class LetterStream {
  readonly #to: number;
  readonly #surroundings: StreamSurroundings;
  /** Fewer of them wait now. */
  readonly #onSettled: () => void;
  /** What lies up to here is settled: taken, or back in the queue that it came from. */
  #after = 0;
  /** The letter that was posted last, and when its commit is over. */
  #lastId: number;
  #lastDurable: Promise<void> = Promise.resolve();
  /** Posted since the letter `#countedFrom`, and not settled. */
  #waiting = 0;
  #countedFrom: number;
  /** Failed commits so far: settling is taken back by them. */
  #losses = 0;
  #isShipping = false;
  #closed = false;
  /** Ends a pause, and the wait for an answer. */
  #wake: () => void = () => undefined;
  #end: Promise<void> = Promise.resolve();

  constructor(to: number, surroundings: StreamSurroundings, onSettled: () => void) {
    this.#to = to;
    this.#surroundings = surroundings;
    this.#onSettled = onSettled;
    // There may be some from before the start: none has a higher id.
    this.#lastId = surroundings.lastId().id;
    this.#countedFrom = this.#lastId;
  }

  /** All from before the start count as one. */
  get waiting(): number {
    return Math.max(this.#waiting, this.#isShipping ? 1 : 0);
  }

  /** Written in this very turn, but for the id that was allocated last: whoever seals the batch writes that. */
  post(letters: readonly LetterRecord[]): Promise<void> {
    const { commit, allocateId } = this.#surroundings;
    const operations = letters.map((letter) => {
      this.#lastId = allocateId().id;
      return { key: letterKey(this.#to, this.#lastId), value: encodeLetter(letter) };
    });
    this.#lastDurable = commit.append(operations).durable;
    this.#waiting += letters.length;
    return this.#lastDurable;
  }

  /** Ships what there is, and what is posted meanwhile. */
  start(): void {
    if (this.#closed || this.#isShipping) return;
    this.#isShipping = true;
    this.#end = this.#shipAll();
  }

  /** A commit failed: letters may never have been written, and others, which are settled, may lie there still. */
  stateLost(): void {
    this.#losses += 1;
    this.#after = 0;
    this.#waiting = 0;
    this.#countedFrom = this.#lastId;
  }

  /** Resolves when nothing is shipped any more; the rest waits for the next start. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#wake();
    await this.#end;
  }

  async #shipAll(): Promise<void> {
    for (let hasFailed = false; !this.#closed; ) {
      try {
        await this.#shipSome();
        if (!this.#isShipping) return;
        hasFailed = false;
      } catch (error) {
        if (this.#closed) return;
        // One after the other would say the same.
        if (!hasFailed) this.#surroundings.report(error as Error);
        hasFailed = true;
        await this.#pause();
      }
    }
  }

  async #shipSome(): Promise<void> {
    const { commit } = this.#surroundings;
    const losses = this.#losses;
    const until = this.#lastId;
    // However it ended: what there is up to that letter is durable then, and nothing that is not must leave.
    await this.#lastDurable.catch(() => undefined);
    const range = letterRange(this.#to, this.#after, until);
    const entries = await commit.scan({ ...range, limit: shippedAtOnce, maxBytes: shippedBytes });
    const letters = entries.map(({ key, value }) => ({ id: readLetterKey(key).id, record: value }));
    const settled = letters.length === 0 ? until : await this.#settle(letters);
    if (losses === this.#losses) this.#after = settled;
    this.#isShipping = this.#after < this.#lastId;
  }

  /** Gives the last letter that is settled. */
  async #settle(letters: readonly Letter[]): Promise<number> {
    const { upTo, homeless } = await this.#ship(letters);
    const taken = letters.filter(({ id }) => id <= upTo);
    // Nobody waits for that: what is shipped again is known there.
    this.#surroundings.commit.append(taken.map(({ id }) => ({ key: letterKey(this.#to, id) })));
    const returned = letters.find(({ id }) => id === homeless);
    assert(taken.length > 0 || returned !== undefined, 'a shipment settles one letter at least');
    if (returned !== undefined) await this.#putBack(returned);
    for (const { id } of returned === undefined ? taken : [...taken, returned]) {
      if (id > this.#countedFrom) this.#waiting -= 1;
    }
    this.#onSettled();
    return returned?.id ?? upTo;
  }

  #ship(letters: readonly Letter[]): Promise<LettersTaken> {
    return new Promise((resolve, reject) => {
      const giveUp = () => reject(new CommitClosed('The partition is closing.'));
      this.#wake = giveUp;
      if (this.#closed) return giveUp();
      this.#surroundings.ship(this.#to, letters).then(resolve, reject);
    });
  }

  /**
   * Its queue is gone. A message that was moved goes back to the queue that it left, by the commit that ends the letter; a
   * copy goes with the queue that it was for. Nothing behind it is shipped before that is durable: taking that would say of
   * this one, too, that it was taken.
   */
  async #putBack({ id, record }: Letter): Promise<void> {
    const { commit, openQueue } = this.#surroundings;
    const { message, back } = decodeLetter(record);
    const queue = back && (await openQueue(back.path));
    if (queue !== undefined && queue.record.queueId === back?.queueId) {
      if (queue.ended !== undefined) throw queue.ended;
      queue.enqueue([{ ...back.message, payload: message.payload }]);
    }
    await commit.append([{ key: letterKey(this.#to, id) }]).durable;
  }

  async #pause(): Promise<void> {
    const { clock } = this.#surroundings;
    await new Promise<void>((resolve) => {
      const callOff = clock.schedule(clock.now() + probeIntervalMs, resolve);
      this.#wake = () => {
        callOff();
        resolve();
      };
    });
  }
}
