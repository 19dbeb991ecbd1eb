import type { Bytes } from '#std/splitBytes';

/**
 * What goes into the queue engine and what comes out. Times are milliseconds since the epoch.
 *
 * A message's place in its queue is its position: its lane, the moment from which it may be received, then its sequence
 * number. On a standard queue a message without a delay is available when it is sent, one with a delay lies in the future
 * part of the same order, so one cursor over one key range serves both. A FIFO queue has one order, that of the sequence
 * numbers: there `availableAt` is 0, and the queue's delay, which may change, is added to the time of sending.
 */
export interface Position {
  /** 0 for messages without a group and on FIFO queues; see `lanes.ts`. */
  readonly lane: number;
  readonly availableAt: number;
  readonly sequence: number;
}

/** The order within a lane. */
export function before(a: Position, b: Position): boolean {
  return a.availableAt < b.availableAt || (a.availableAt === b.availableAt && a.sequence < b.sequence);
}

/** The attributes of a queue that decide what the engine does. */
export interface QueueSettings {
  readonly visibilityTimeoutMs: number;
  readonly delayMs: number;
  readonly retentionMs: number;
  /** Messages in flight beyond which a receive on a standard queue is refused, and one on a FIFO queue gets nothing. */
  readonly maxInFlight: number;
  readonly fifo?: true;
  /** A message that has been received so often leaves for the dead-letter queue instead of being received once more. */
  readonly deadLetter?: { readonly maxReceiveCount: number };
}

/** When a step happens, and in which batch of the group commit what it writes will lie. */
export interface Moment {
  readonly now: number;
  /** All queues together hold as many waiting messages in memory as they may: this one keeps few. */
  readonly isCrowded: boolean;
  readonly batch: number;
  /** All batches up to this one are synced to disk. */
  readonly durableBatch: number;
}

/** A message as the engine sees it: it never looks into `payload`. */
export interface NewMessage {
  readonly messageId: Uint8Array;
  readonly payload: Bytes;
  /** Overrides the queue's; not on FIFO queues. */
  readonly delayMs?: number;
  readonly groupId?: string;
  /** 16 bytes; FIFO queues take each only once within `deduplicationMs`. */
  readonly deduplicationKey?: Uint8Array;
  /** Of a dead letter on a standard queue, which keeps its age, and of what came from elsewhere; now unless given. */
  readonly sentAt?: number;
  /** The queue that a dead letter comes from. */
  readonly origin?: string;
  /** How often it was received there. */
  readonly receivedBefore?: number;
}

export interface StoredMessage extends Position {
  readonly sentAt: number;
  readonly messageId: Uint8Array;
  readonly payload: Bytes;
  /** Empty if it has none. */
  readonly groupId: string;
  /** Empty unless it is a dead letter. */
  readonly origin: string;
  /** How often it was received from the queue that it comes from; not counted by this one. */
  readonly receivedBefore: number;
}

/** The state of a message that has been received at least once and not deleted: in flight, or visible again. */
export interface Delivery extends Position {
  readonly sentAt: number;
  readonly groupId: string;
  visibleAt: number;
  /** How often clients have got it. */
  receiveCount: number;
  /** Grows with every receive, those that were taken back included: of two receipts, the higher is the newer. */
  attempt: number;
  firstReceivedAt: number;
  /** The start of the 12 hours within which its visibility may be extended. */
  receivedAt: number;
  /** Random, new with every receive, or what the client chose; with `attempt` it binds a receipt to one receive. */
  nonce: number;
  /** How many messages its last receive brought, if that can be repeated; else 0. */
  receivedTogether: number;
}

/** What a receipt handle says once its signature has been checked. */
export interface Receipt extends Position {
  readonly attempt: number;
  readonly nonce: number;
}

export interface ReceivedMessage extends Receipt {
  readonly sentAt: number;
  readonly receiveCount: number;
  readonly firstReceivedAt: number;
  /** Absent when the bytes are no longer in memory; whoever answers reads them from the store. */
  readonly message: StoredMessage | undefined;
}

/** One accepted deduplication key, and the message that it was accepted with. */
export interface Deduplication {
  readonly key: Uint8Array;
  readonly messageId: Uint8Array;
  readonly sequence: number;
  readonly acceptedAt: number;
}

/** What opening a queue reads of its counters. */
export interface Counters {
  readonly nextSequence: number;
  readonly total: number;
  /** Delayed messages, by the second in which they become available. */
  readonly delayed: readonly (readonly [second: number, count: number])[];
  /** The messages in each lane but the first, of those that have any. */
  readonly lanes: readonly (readonly [lane: number, count: number])[];
}

export interface Page {
  readonly messages: readonly StoredMessage[];
  /** Nothing that is available at the page's time lies behind it. */
  readonly exhausted: boolean;
  /** When the first message behind an exhausted page becomes available; Infinity if there is none. */
  readonly nextAvailableAt: number;
}

export type QueueCommand =
  | { readonly kind: 'send'; readonly messages: readonly NewMessage[] }
  | {
      readonly kind: 'receive';
      readonly waiterId: number;
      readonly maxMessages: number;
      readonly visibilityTimeoutMs: number | undefined;
      /** 0 answers at once. */
      readonly waitMs: number;
      readonly nonce: number;
      /** `nonce` is the client's own: the receive can be repeated, and this may be the repetition. */
      readonly repeatable?: boolean;
      /** The messages are not received but get ready to leave the queue; `leave` or `stay` ends that. */
      readonly forMove?: boolean;
    }
  | { readonly kind: 'cancel-receive'; readonly waiterId: number }
  | { readonly kind: 'release'; readonly receipts: readonly Receipt[] }
  | { readonly kind: 'delete'; readonly receipts: readonly (Receipt & { readonly stored?: boolean })[] }
  | { readonly kind: 'change-visibility'; readonly receipts: readonly (Receipt & { readonly timeoutMs: number })[] }
  /** Messages that are leaving have arrived elsewhere. */
  | { readonly kind: 'leave'; readonly sequences: readonly number[] }
  /** Messages that were leaving could not; `giveOut`: to the next receive, however often they have been received. */
  | { readonly kind: 'stay'; readonly sequences: readonly number[]; readonly giveOut: boolean }
  | { readonly kind: 'configure'; readonly settings: QueueSettings }
  | { readonly kind: 'purge' }
  | { readonly kind: 'page-loaded'; readonly lane: number; readonly load: number; readonly page: Page }
  /** Stores what `storeDeliveryAfterMs` lets wait: the state is about to be dropped. */
  | { readonly kind: 'store-deliveries' }
  /** Takes messages into memory as if somebody had asked for one: some of them may have expired. */
  | { readonly kind: 'look-through' }
  /** Keeps none in memory until somebody asks for them. */
  | { readonly kind: 'look-away' }
  | { readonly kind: 'tick' };

/** What became of one message of a send. Of a duplicate, id and sequence are those of the message that it repeats. */
export interface SendOutcome {
  readonly messageId: Uint8Array;
  readonly sequence: number;
  readonly isDuplicate: boolean;
}

/**
 * `deleted` and `gone` are both a success to the client. `stale`: a newer receive exists; nothing was done. `expired`: the same, or the
 * visibility timeout is over, on a FIFO queue. `look-up`: whether the message exists is not known in memory; ask the store and repeat the
 * command with `stored`.
 */
export type DeleteOutcome = 'deleted' | 'gone' | 'stale' | 'expired' | 'look-up';
export type VisibilityOutcome = 'changed' | 'gone' | 'not-in-flight' | 'beyond-limit' | 'expired';

export type QueueReply =
  | { readonly kind: 'sent'; readonly outcomes: readonly SendOutcome[] }
  | { readonly kind: 'deleted'; readonly outcomes: readonly DeleteOutcome[] }
  | { readonly kind: 'visibility-changed'; readonly outcomes: readonly VisibilityOutcome[] }
  | { readonly kind: 'rejected'; readonly code: 'over-limit' | 'not-repeatable' }
  /** Receives are answered by the effect `answer-receive`, in this step or a later one. */
  | { readonly kind: 'done' };

export type QueueEffect =
  | { readonly kind: 'put-message'; readonly message: StoredMessage }
  | { readonly kind: 'delete-message'; readonly position: Position; readonly delivered: boolean }
  | { readonly kind: 'put-delivery'; readonly delivery: Readonly<Delivery> }
  | { readonly kind: 'put-deduplication'; readonly deduplication: Deduplication }
  /** They are forgotten in the order of their sequences. */
  | { readonly kind: 'delete-deduplication'; readonly sequence: number }
  /** Everything stored under the queue goes; positions that are given out later lie behind. */
  | { readonly kind: 'discard-all' }
  | {
      readonly kind: 'load-page';
      readonly lane: number;
      readonly load: number;
      readonly after: Position;
      readonly until: number;
      readonly limits: { readonly pageMessages: number; readonly pageBytes: number };
    }
  | {
      readonly kind: 'answer-receive';
      readonly waiterId: number;
      readonly messages: readonly ReceivedMessage[];
      /** The answer must not leave before this batch is synced; 0 if it may leave now. */
      readonly afterBatch: number;
    }
  /** These have been received too often, and are ready to leave for the dead-letter queue. */
  | { readonly kind: 'dead-letters'; readonly messages: readonly ReceivedMessage[] }
  /** Wants a `tick` at that time; replaces the time asked before. Infinity: none. */
  | { readonly kind: 'set-timer'; readonly at: number };

/** What `effects` put and delete comes to be with batch `Moment.batch`: whoever promises it waits for that batch. */
export interface QueueStep {
  readonly reply: QueueReply;
  readonly effects: readonly QueueEffect[];
}
