import type { Deduplication } from '#engines/queue';
import { required } from '#std/assert';
import { Fifo } from '#std/fifo';
import type { WriteOperation } from '#storage';
import { deduplicationKey } from '#storage/keys';
import { encodeDeduplications } from '#storage/records';

/** What is stored together: the sequences of the first and the last. */
interface LogRecord {
  readonly first: number;
  readonly last: number;
}

/**
 * A FIFO queue's deduplication keys in the store: all that one commit accepts make one record, which costs a fraction of a
 * record each, in writing and in opening the queue. A record goes when the last of its keys is forgotten.
 */
export class DeduplicationLog {
  #unsealed: Deduplication[] = [];
  readonly #records = new Fifo<LogRecord>();

  /** Of a record that is stored already; in order. */
  note(record: LogRecord): void {
    this.#records.push(record);
  }

  add(deduplication: Deduplication): void {
    this.#unsealed.push(deduplication);
  }

  /** They are forgotten in the order of their sequences. */
  forget(sequence: number, contentsId: number, writes: WriteOperation[]): void {
    const oldest = this.#records.peek();
    if (oldest === undefined || sequence < oldest.last) return;
    this.#records.shift();
    writes.push({ key: deduplicationKey(contentsId, oldest.first) });
  }

  sealInto(operations: WriteOperation[], contentsId: number): void {
    if (this.#unsealed.length === 0) return;
    const first = required(this.#unsealed[0], 'a first key').sequence;
    const last = required(this.#unsealed.at(-1), 'a last key').sequence;
    operations.push({ key: deduplicationKey(contentsId, first), value: encodeDeduplications(this.#unsealed) });
    this.#records.push({ first, last });
    this.#unsealed = [];
  }

  /** Everything stored under the old contents id goes. */
  clear(): void {
    this.#unsealed = [];
    this.#records.clear();
  }
}
