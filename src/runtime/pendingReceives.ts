import type { QueueEffect, ReceivedMessage } from '#engines/queue';
import { emptyMap, withEntry, withoutEntry } from '#std/sparseMap';
import { messageKey } from '#storage/keys';
import { decodeMessage } from '#storage/records';
import { type DeliveredMessage, deliver } from './deliveredMessage.ts';
import type { GroupCommit } from './groupCommit.ts';

export type ReceiveAnswer =
  | { readonly kind: 'received'; readonly messages: readonly DeliveredMessage[] }
  | { readonly kind: 'over-limit' }
  /** The client named the receive as an earlier one, whose messages have changed since. */
  | { readonly kind: 'not-repeatable' };

/** Undefined: the message was deleted meanwhile. */
type Delivered = readonly (DeliveredMessage | undefined)[];

interface PendingReceive {
  readonly resolve: (answer: ReceiveAnswer) => void;
  readonly reject: (error: Error) => void;
}

/** The receives of a queue that have no answer yet: waiting, or for their messages' bytes, or for a commit. */
export class PendingReceives {
  readonly #commit: GroupCommit;
  readonly #totals: { received: number; emptyReceives: number };
  #receives: ReadonlyMap<number, PendingReceive> = emptyMap;
  #nextWaiterId = 1;

  constructor(commit: GroupCommit, totals: { received: number; emptyReceives: number }) {
    this.#commit = commit;
    this.#totals = totals;
  }

  get size(): number {
    return this.#receives.size;
  }

  get waiterIds(): number[] {
    return [...this.#receives.keys()];
  }

  /** `ask` may have it answered at once; what it throws is the answer, too. */
  add(ask: (waiterId: number) => void): { waiterId: number; answer: Promise<ReceiveAnswer> } {
    const waiterId = this.#nextWaiterId++;
    const answer = new Promise<ReceiveAnswer>((resolve, reject) => {
      this.#receives = withEntry(this.#receives, waiterId, { resolve, reject });
      ask(waiterId);
    });
    return { waiterId, answer };
  }

  settle(waiterId: number, answer: ReceiveAnswer): void {
    this.#receives.get(waiterId)?.resolve(answer);
    this.#receives = withoutEntry(this.#receives, waiterId);
  }

  rejectAll(reason: Error): void {
    for (const receive of this.#receives.values()) receive.reject(reason);
    this.#receives = emptyMap;
  }

  /** Gives out what the engine answers, once it may be known. Most answers wait for nothing, and cost no promise. */
  give({ waiterId, messages, afterBatch }: QueueEffect & { kind: 'answer-receive' }, contentsId: number): void {
    const bytesMissing = messages.some(({ message }) => message === undefined);
    const delivered = bytesMissing
      ? deliverWithBytes(this.#commit, contentsId, messages)
      : messages.map((each) => deliver(each, each.message));
    const durable = this.#commit.whenDurable(afterBatch);
    if (durable === undefined && !(delivered instanceof Promise)) this.#handOver(waiterId, delivered);
    else this.#handOverAfter(durable, waiterId, delivered).catch((error: Error) => this.#fail(waiterId, error));
  }

  async #handOverAfter(
    durable: Promise<void> | undefined,
    waiterId: number,
    delivered: Delivered | Promise<Delivered>,
  ): Promise<void> {
    const messages = await delivered;
    await durable;
    this.#handOver(waiterId, messages);
  }

  #handOver(waiterId: number, delivered: Delivered): void {
    this.#totals.received += delivered.length;
    if (delivered.length === 0) this.#totals.emptyReceives += 1;
    this.settle(waiterId, { kind: 'received', messages: delivered.filter((each) => each !== undefined) });
  }

  #fail(waiterId: number, error: Error): void {
    this.#receives.get(waiterId)?.reject(error);
    this.#receives = withoutEntry(this.#receives, waiterId);
  }
}

/** A message deleted since the step, by an old receipt or a purge, is left out. */
export function deliverWithBytes(
  commit: GroupCommit,
  contentsId: number,
  messages: readonly ReceivedMessage[],
): Promise<Delivered> {
  return Promise.all(
    messages.map(async (each) => {
      if (each.message !== undefined) return deliver(each, each.message);
      const bytes = await commit.get(messageKey(contentsId, each));
      return deliver(each, bytes && decodeMessage(bytes));
    }),
  );
}
