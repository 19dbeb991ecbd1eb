/**
 * What goes into the queue engine and what comes out. Times are milliseconds since the epoch.
 *
 * A message's place in its queue is its position: the moment from which it may be received, then its sequence number.
 * A message without a delay is available when it is sent, one with a delay lies in the future part of the same order, so
 * one cursor over one key range serves both.
 */
export interface Position {
  readonly availableAt: number;
  readonly sequence: number;
}

export function before(a: Position, b: Position): boolean {
  return a.availableAt < b.availableAt || (a.availableAt === b.availableAt && a.sequence < b.sequence);
}

/** The attributes of a queue that decide what the engine does. */
export interface QueueSettings {
  readonly visibilityTimeoutMs: number;
  readonly delayMs: number;
  readonly retentionMs: number;
  /** Messages in flight beyond which a receive is refused. */
  readonly maxInFlight: number;
}

/** When a step happens, and in which batch of the group commit what it writes will lie. */
export interface Moment {
  readonly now: number;
  readonly batch: number;
  /** All batches up to this one are synced to disk. */
  readonly durableBatch: number;
}

/** A message as the engine sees it: it never looks into `payload`. */
export interface NewMessage {
  readonly messageId: Uint8Array;
  readonly payload: Uint8Array;
  /** Overrides the queue's. */
  readonly delayMs?: number;
}

export interface StoredMessage extends Position {
  readonly sentAt: number;
  readonly messageId: Uint8Array;
  readonly payload: Uint8Array;
}

/** The state of a message that has been received at least once and not deleted: in flight, or visible again. */
export interface Delivery extends Position {
  readonly sentAt: number;
  visibleAt: number;
  /** How often clients have got it. */
  receiveCount: number;
  /** Grows with every receive, those that were taken back included: of two receipts, the higher is the newer. */
  attempt: number;
  firstReceivedAt: number;
  /** The start of the 12 hours within which its visibility may be extended. */
  receivedAt: number;
  /** Random, new with every receive; with `attempt` it binds a receipt to one receive. */
  nonce: number;
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

/** What opening a queue reads of its counters; `delayed` counts by the second in which messages become available. */
export interface Counters {
  readonly nextSequence: number;
  readonly total: number;
  readonly delayed: readonly (readonly [second: number, count: number])[];
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
    }
  | { readonly kind: 'cancel-receive'; readonly waiterId: number }
  | { readonly kind: 'release'; readonly receipts: readonly Receipt[] }
  | { readonly kind: 'delete'; readonly receipts: readonly (Receipt & { readonly stored?: boolean })[] }
  | { readonly kind: 'change-visibility'; readonly receipts: readonly (Receipt & { readonly timeoutMs: number })[] }
  | { readonly kind: 'configure'; readonly settings: QueueSettings }
  | { readonly kind: 'purge' }
  | { readonly kind: 'page-loaded'; readonly load: number; readonly page: Page }
  /** Stores what `storeDeliveryAfterMs` lets wait: the state is about to be dropped. */
  | { readonly kind: 'store-deliveries' }
  | { readonly kind: 'tick' };

/**
 * `deleted` and `gone` are both a success to the client. `stale`: a newer receive exists; nothing was done. `look-up`: whether the message
 * exists is not known in memory; ask the store and repeat the command with `stored`.
 */
export type DeleteOutcome = 'deleted' | 'gone' | 'stale' | 'look-up';
export type VisibilityOutcome = 'changed' | 'gone' | 'not-in-flight' | 'beyond-limit';

export type QueueReply =
  | { readonly kind: 'sent'; readonly positions: readonly Position[] }
  | { readonly kind: 'deleted'; readonly outcomes: readonly DeleteOutcome[] }
  | { readonly kind: 'visibility-changed'; readonly outcomes: readonly VisibilityOutcome[] }
  | { readonly kind: 'rejected'; readonly code: 'over-limit' }
  /** Receives are answered by the effect `answer-receive`, in this step or a later one. */
  | { readonly kind: 'done' };

export type QueueEffect =
  | { readonly kind: 'put-message'; readonly message: StoredMessage }
  | { readonly kind: 'delete-message'; readonly position: Position; readonly delivered: boolean }
  | { readonly kind: 'put-delivery'; readonly delivery: Readonly<Delivery> }
  /** Everything stored under the queue goes; positions that are given out later lie behind. */
  | { readonly kind: 'discard-all' }
  | { readonly kind: 'load-page'; readonly load: number; readonly after: Position; readonly until: number }
  | {
      readonly kind: 'answer-receive';
      readonly waiterId: number;
      readonly messages: readonly ReceivedMessage[];
      /** The answer must not leave before this batch is synced; 0 if it may leave now. */
      readonly afterBatch: number;
    }
  /** Wants a `tick` at that time; replaces the time asked before. Infinity: none. */
  | { readonly kind: 'set-timer'; readonly at: number };

/** What `effects` put and delete comes to be with batch `Moment.batch`: whoever promises it waits for that batch. */
export interface QueueStep {
  readonly reply: QueueReply;
  readonly effects: readonly QueueEffect[];
}
