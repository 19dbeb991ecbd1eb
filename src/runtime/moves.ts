/**
 * Moving messages from one queue to another: gone from the one and there in the other by one commit, because everything
 * that is written in one turn of the event loop, without an `await` in between, lies in one batch. Of a queue of another
 * partition a letter is what is there (`outbox.ts`).
 */
import type { NewMessage } from '#engines/queue';
import { assert } from '#std/assert';
import type { WriteOperation } from '#storage';
import type { QueuePath } from '#storage/keys';
import { type DeliveredMessage, writeOrigin } from './deliveredMessage.ts';
import type { DestinationQueue } from './elsewhere.ts';
import type { GroupCommit } from './groupCommit.ts';
import type { QueueHandle } from './queueHandle.ts';

export interface Move {
  readonly from: QueueHandle;
  readonly to: DestinationQueue;
  /** They are leaving `from`. */
  readonly messages: readonly DeliveredMessage[];
  readonly as: (message: DeliveredMessage) => NewMessage;
  /** What else is to be written, given how many can still be moved. */
  readonly also?: (moved: number) => readonly WriteOperation[];
}

/**
 * Moves what has not been deleted meanwhile. When it returns, all of it has happened as far as anybody else can see;
 * `durable` resolves once it is synced.
 */
export function moveMessages(
  commit: GroupCommit,
  { from, to, messages, as, also }: Move,
): { durable: Promise<void>; moved: number } {
  const leaving = from.leaving(messages);
  if (leaving.length === 0) return { durable: Promise.resolve(), moved: 0 };
  const batch = commit.currentBatch;
  // Into the other queue first: should a bug strike between the two, a message is there twice, not nowhere.
  const durable = to.acceptMoved(leaving, as, from);
  from.left(leaving);
  if (also !== undefined) commit.append(also(leaving.length));
  assert(commit.currentBatch === batch, 'a move is one commit');
  return { durable, moved: leaving.length };
}

/** What a message is in its dead-letter queue: itself, and on a standard queue as old as it was. */
export function asDeadLetter(from: QueueHandle): (message: DeliveredMessage) => NewMessage {
  const { accountId, region, name, settings } = from.record;
  const origin = writeOrigin({ accountId, region, name });
  return ({ messageId, payload, groupId, sentAt, receiveCount }) => ({
    messageId,
    payload,
    groupId,
    origin,
    receivedBefore: receiveCount,
    ...(settings.fifo !== true && { sentAt }),
  });
}

export interface MoveRoutes {
  readonly commit: GroupCommit;
  /** A queue of any partition. */
  find(path: QueuePath): DestinationQueue | Promise<DestinationQueue | undefined>;
  /** Asked before messages move; undefined if there is nothing to wait for. */
  beforeMove(messages: readonly DeliveredMessage[]): Promise<void> | undefined;
}

/** Moves what has been received too often, queue by queue, each in the order in which its messages come. */
export class DeadLetters {
  readonly #routes: MoveRoutes;
  readonly #last = new WeakMap<QueueHandle, Promise<void>>();

  constructor(routes: MoveRoutes) {
    this.#routes = routes;
  }

  /**
   * What can't be moved stays, and is received after all. Resolves once all is durable; those behind do not wait for that,
   * for a queue with many dead letters would move one receive's worth with each commit.
   */
  async move(from: QueueHandle, messages: readonly DeliveredMessage[]): Promise<void> {
    const before = this.#last.get(from) ?? Promise.resolve();
    const moving = before.then(() => this.#move(from, messages));
    this.#last.set(
      from,
      moving.then(
        () => undefined,
        () => undefined,
      ),
    );
    await (await moving).durable;
  }

  async #move(
    from: QueueHandle,
    messages: readonly DeliveredMessage[],
  ): Promise<{ durable: Promise<void> | undefined }> {
    const to = await this.#targetOf(from, messages);
    const isPossible =
      to !== undefined && to.ended === undefined && to.record.settings.fifo === from.record.settings.fifo;
    if (isPossible) return moveMessages(this.#routes.commit, { from, to, messages, as: asDeadLetter(from) });
    from.stay(messages, true);
    return { durable: undefined };
  }

  async #targetOf(from: QueueHandle, messages: readonly DeliveredMessage[]): Promise<DestinationQueue | undefined> {
    const target = from.record.settings.deadLetter?.target;
    try {
      if (target !== undefined) await this.#routes.beforeMove(messages);
      return target && (await this.#routes.find(target));
    } catch (error) {
      from.stay(messages, true);
      throw error;
    }
  }
}
