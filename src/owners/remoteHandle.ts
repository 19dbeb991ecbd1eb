import type { Receipt } from '#engines/queue';
import type { NewMessage, QueueDepth, ServedQueue } from '#runtime';
import type { QueueName, QueueOwner, QueueRecord, ReceiveAnswer, ReceiveRequest } from './queueOwner.ts';

/** What a handle needs of those that it belongs to. */
export interface RemoteSurroundings {
  readonly owner: QueueOwner;
  now(): number;
  /** Whether the queue is still what it was is not known any more. */
  doubtful(): void;
  /** Its record has changed; whoever has another handle of the queue must not go by that one's. */
  changed(handle: RemoteHandle): void;
  deleted(): void;
}

/**
 * A queue of another process, as a `QueueHandle`. Every change of a queue goes through its handle here, so the record is as
 * exact as the owner's. A call that fails may have changed it or not: then the handle is forgotten, and the next caller asks
 * the owner what there is.
 */
export class RemoteHandle implements ServedQueue {
  readonly #surroundings: RemoteSurroundings;
  readonly #path: QueueName;
  #record: QueueRecord;

  constructor(record: QueueRecord, surroundings: RemoteSurroundings) {
    const { accountId, region, name, queueId } = record;
    this.#path = { accountId, region, name, queueId };
    this.#record = record;
    this.#surroundings = surroundings;
  }

  /** Where it is. */
  get partition(): number {
    return this.#surroundings.owner.partition;
  }

  get record(): QueueRecord {
    return this.#record;
  }

  get path(): QueueName {
    return this.#path;
  }

  depth(): Promise<QueueDepth> {
    return this.#sure(this.#owner.depth(this.#path));
  }

  send(messages: readonly NewMessage[]): ReturnType<ServedQueue['send']> {
    return this.#sure(this.#owner.send(this.#path, messages));
  }

  receive(request: ReceiveRequest): { waiterId: number; answer: Promise<ReceiveAnswer> } {
    const { waiterId, answer } = this.#owner.receive(this.#path, request);
    return { waiterId, answer: this.#sure(answer) };
  }

  cancelReceive(waiterId: number): void {
    this.#owner.cancelReceive(waiterId);
  }

  release(receipts: readonly Receipt[]): void {
    this.#owner.release(this.#path, receipts);
  }

  delete(receipts: readonly Receipt[]): ReturnType<ServedQueue['delete']> {
    return this.#sure(this.#owner.delete(this.#path, receipts));
  }

  changeVisibility(
    receipts: readonly (Receipt & { timeoutMs: number })[],
  ): ReturnType<ServedQueue['changeVisibility']> {
    return this.#sure(this.#owner.changeVisibility(this.#path, receipts));
  }

  peek(request: Parameters<ServedQueue['peek']>[0]): ReturnType<ServedQueue['peek']> {
    return this.#sure(this.#owner.peek(this.#path, request));
  }

  purge(): Promise<void> {
    this.#record = { ...this.#record, purgedAt: this.#surroundings.now() };
    return this.#changed(this.#owner.purge(this.#path));
  }

  /** Seen here at once, as in a handle: who changes the tags next must not write over these. */
  update(change: Parameters<ServedQueue['update']>[0]): Promise<void> {
    this.#record = { ...this.#record, ...change };
    return this.#changed(this.#owner.update(this.#path, change));
  }

  /** Forgotten at once, and once more for those who asked meanwhile. */
  async deleteQueue(): Promise<void> {
    this.#surroundings.doubtful();
    await this.#owner.deleteQueue(this.#path).finally(() => this.#surroundings.doubtful());
    this.#surroundings.deleted();
  }

  get #owner(): QueueOwner {
    return this.#surroundings.owner;
  }

  async #changed(answer: Promise<void>): Promise<void> {
    await this.#sure(answer);
    this.#surroundings.changed(this);
  }

  #sure<T>(answer: Promise<T>): Promise<T> {
    return answer.catch((error: unknown) => {
      this.#surroundings.doubtful();
      throw error;
    });
  }
}
