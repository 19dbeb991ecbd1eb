/**
 * Letters: messages on their way to queues of other partitions. A letter is written by the very commit that removes the
 * message here, or causes it; once that is durable it is shipped, and the destination takes it in one commit with the id of
 * the last that it took (`inbox.ts`). So a kill of either side at any moment falls before the one commit (nothing
 * happened), between the two (it is shipped again), or behind both (shipped again, and known there). Nothing is lost or
 * doubled, and what one commit wrote behind another arrives behind it.
 */
import type { WriteOperation } from '#storage';
import { lettersFrom, readLetterKey } from '#storage/keys';
import type { LetterRecord } from '#storage/letterRecords';
import type { SealSource } from './groupCommit.ts';
import { LetterStream, type StreamSurroundings } from './letterStream.ts';
import { lettersWaitingMax, probeIntervalMs } from './limits.ts';

/** Of 256: their numbers are a byte of the keys. */
const lastPartition = 255;

/** The letters that leave a partition, a stream for each destination. */
export class Outbox implements SealSource {
  readonly #surroundings: StreamSurroundings;
  readonly #streams = new Map<number, LetterStream>();
  #waitingForRoom: (() => void)[] = [];
  #hasBegun = false;
  #finding: Promise<void> = Promise.resolve();
  /** Whether there are letters from before the start is not known yet. */
  #isFinding = false;
  #callOff: () => void = () => undefined;
  #closed = false;

  constructor(surroundings: StreamSurroundings) {
    this.#surroundings = surroundings;
  }

  /** How many wait for the partition that has the most; all from before the start count as one. */
  get waiting(): number {
    let most = this.#isFinding ? 1 : 0;
    for (const { waiting } of this.#streams.values()) most = Math.max(most, waiting);
    return most;
  }

  /** Whoever could write many asks for it: the destination may be slower. Undefined if there is room now. */
  whenRoom(): Promise<void> | undefined {
    if (this.#hasRoom) return undefined;
    return new Promise((resolve) => this.#waitingForRoom.push(resolve));
  }

  /** Written in this very turn; resolves when the letters are durable here. */
  post(to: number, letters: readonly LetterRecord[]): Promise<void> {
    const stream = this.#streamTo(to);
    const durable = stream.post(letters);
    this.#surroundings.commit.touch(this);
    if (this.#hasBegun && !this.#closed) stream.start();
    return durable;
  }

  /** Once for all letters of a batch. */
  sealInto(operations: WriteOperation[]): void {
    operations.push(this.#surroundings.lastId().operation);
  }

  /** Begins to ship, with what was there when the server stopped. */
  begin(): void {
    this.#hasBegun = true;
    for (const stream of this.#streams.values()) stream.start();
    this.#findStreams();
  }

  /** A commit failed: call it before anybody learns of it. */
  stateLost(): void {
    for (const stream of this.#streams.values()) {
      stream.stateLost();
      if (this.#hasBegun) stream.start();
    }
    this.#giveRoom();
  }

  /** Resolves when nothing is shipped any more; the rest waits for the next start. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#callOff();
    this.#giveRoom();
    await Promise.all([this.#finding, ...[...this.#streams.values()].map((stream) => stream.close())]);
  }

  get #hasRoom(): boolean {
    return this.#closed || this.waiting < lettersWaitingMax;
  }

  #giveRoom(): void {
    if (!this.#hasRoom || this.#waitingForRoom.length === 0) return;
    const waiting = this.#waitingForRoom;
    this.#waitingForRoom = [];
    for (const resolve of waiting) resolve();
  }

  #streamTo(to: number): LetterStream {
    let stream = this.#streams.get(to);
    if (stream === undefined) {
      stream = new LetterStream(to, this.#surroundings, () => this.#giveRoom());
      this.#streams.set(to, stream);
    }
    return stream;
  }

  #findStreams(): void {
    const { clock, report } = this.#surroundings;
    this.#isFinding = true;
    const found = this.#startStored().then(() => {
      this.#isFinding = false;
    });
    this.#finding = found.catch((error: Error) => {
      if (this.#closed) return;
      report(error);
      this.#callOff = clock.schedule(clock.now() + probeIntervalMs, () => this.#findStreams());
    });
  }

  /** Those that have letters from before the start. */
  async #startStored(): Promise<void> {
    for (let partition = 0; partition <= lastPartition; ) {
      const [first] = await this.#surroundings.commit.scan({ ...lettersFrom(partition), limit: 1 });
      if (first === undefined || this.#closed) return;
      const to = readLetterKey(first.key).partition;
      this.#streamTo(to).start();
      partition = to + 1;
    }
  }
}
