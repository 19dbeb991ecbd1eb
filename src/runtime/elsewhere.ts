/**
 * Where a server has several partitions: what one of them is given to reach the others, and what crosses between them.
 * All of it is plain data, and survives a structured clone.
 */
import type { NewMessage } from '#engines/queue';
import type { QueuePath } from '#storage/keys';
import type { QueueRecord } from '#storage/records';
import type { DeliveredMessage } from './deliveredMessage.ts';
import type { QueueHandle } from './queueHandle.ts';

/** Absent in a server with one partition. */
export interface Elsewhere {
  /** The queue, if it is known without asking that another partition has it. */
  known(path: QueuePath): FoundElsewhere | undefined;
  /** The same, of whom to ask: called for queues that this partition does not have. */
  find(path: QueuePath): Promise<FoundElsewhere | undefined>;
  /** Resolves when the destination has them durable; rejects: try again later. Calls of one destination don't overlap. */
  ship(to: number, letters: readonly Letter[]): Promise<LettersTaken>;
  /**
   * Called before messages that data keys have sealed move from queue to queue, and resolves when that is stored where the
   * keys are; at most once a day for each key. Absent where they are: there it lies in the commit that moves the messages.
   */
  keysMoved?(dataKeyIds: readonly string[]): Promise<void>;
}

/** A queue of another partition. */
export interface FoundElsewhere {
  readonly partition: number;
  /** One object as long as the queue stays as it is: what was computed of it is kept by its identity. */
  readonly record: QueueRecord;
}

/** A message on its way to a queue of another partition. */
export interface Letter {
  /** Rises with the order of the commits that wrote them. */
  readonly id: number;
  /** As it is stored: only who takes it looks into it. */
  readonly record: Uint8Array;
}

/** What `takeLetters` comes to: all up to that id are stored, and need not be shipped again. */
export interface LettersTaken {
  readonly upTo: number;
  /** The letter behind those, if its queue is gone: nothing behind it was taken. */
  readonly homeless?: number;
}

/** A queue of any partition, for whoever puts messages into it: a handle here, or a `PostedQueue`. */
export interface DestinationQueue {
  readonly record: QueueRecord;
  /** Of a queue elsewhere always undefined: whether it is gone shows when the letter comes. */
  readonly ended: Error | undefined;
  /** Writes in this very turn; `durable` says when that is synced, here: elsewhere the messages come a little later. */
  accept(messages: readonly NewMessage[]): { readonly durable: Promise<void> };
  enqueue(messages: readonly NewMessage[]): unknown;
  acceptMoved(
    messages: readonly DeliveredMessage[],
    as: (message: DeliveredMessage) => NewMessage,
    from: QueueHandle,
  ): Promise<void>;
}
