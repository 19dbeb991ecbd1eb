import { assert } from '#std/assert';
import { asBuffer, readUint48, writeUint48 } from '#std/bytes';
import { lettersTakenKey, type QueuePath } from '#storage/keys';
import { decodeLetter, type LetterRecord } from '#storage/letterRecords';
import type { Letter, LettersTaken } from './elsewhere.ts';
import type { GroupCommit } from './groupCommit.ts';
import { inOneCommit, type OneCommit } from './oneCommit.ts';
import type { QueueHandle } from './queueHandle.ts';
import { Turns } from './turns.ts';

interface Surroundings {
  readonly commit: GroupCommit;
  /** Of this partition. */
  find(path: QueuePath): QueueHandle | Promise<QueueHandle | undefined>;
}

/** Letters of other partitions (`outbox.ts`), each taken once: into its queue, by the commit that notes its id. */
export class Inbox {
  readonly #surroundings: Surroundings;
  readonly #turns = new Turns();

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  /** Resolves when they are durable. In the order of their ids, and those that were taken before are passed over. */
  take(from: number, letters: readonly Letter[]): Promise<LettersTaken> {
    return this.#turns.take(String(from), () => this.#take(from, letters));
  }

  async #take(from: number, letters: readonly Letter[]): Promise<LettersTaken> {
    const { commit } = this.#surroundings;
    // Not kept in memory: after a failed commit that would be ahead of what is stored.
    const bytes = await commit.get(lettersTakenKey(from));
    const before = bytes === undefined ? 0 : readUint48(asBuffer(bytes), 0);
    const fresh = letters.filter(({ id }) => id > before).map(({ id, record }) => ({ id, ...decodeLetter(record) }));
    return inOneCommit(this.#surroundings, (one) => this.#takeFresh(one, { from, before, fresh }));
  }

  #takeFresh(
    one: OneCommit<QueueHandle>,
    { from, before, fresh }: { from: number; before: number; fresh: readonly (LetterRecord & { id: number })[] },
  ): LettersTaken {
    const queues = one.queues(fresh.map(({ path }) => path));
    let upTo = before;
    try {
      for (const [index, { id, queueId, message }] of fresh.entries()) {
        assert(id > upTo, 'letters come in the order of their ids');
        const queue = queues[index];
        // That it is deleted is durable when the answer leaves, as everything that was written before.
        if (queue === undefined || queue.record.queueId !== queueId) return { upTo, homeless: id };
        queue.enqueue([message]);
        upTo = id;
      }
      return { upTo };
    } finally {
      // Should one of them meet a bug, those before it are taken, and only those.
      if (upTo > before) this.#note(from, upTo);
    }
  }

  #note(from: number, id: number): void {
    const value = Buffer.allocUnsafe(6);
    writeUint48(value, id, 0);
    this.#surroundings.commit.append([{ key: lettersTakenKey(from), value }]);
  }
}
