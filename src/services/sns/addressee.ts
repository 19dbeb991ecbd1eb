import type { QueuePath } from '#runtime';
import type { Delivery, Outcome, SendContext } from './delivery.ts';
import type { RetryPolicy } from './deliveryPolicy.ts';

export type Failure = Outcome & { readonly kind: 'failed' };

/** What is known, at the time of an attempt, of the one whom a delivery is for. */
export interface Addressee {
  /** The delivery, with what the account's settings add to it. */
  readonly delivery: Delivery;
  readonly retries: RetryPolicy;
  /** After this nothing is tried again, whatever the policy says. */
  readonly retriesEndAt?: number | undefined;
  readonly maxReceivesPerSecond?: number | undefined;
  readonly deadLetterQueue?: QueuePath | undefined;
  /** How many percent of the successes are noted in the status log. */
  readonly successSampleRate: number;
  /** What the status log has them under. */
  readonly logName: string;
  /** Why nothing can be delivered, and never will. */
  readonly refusal?: string | undefined;
  readonly context: (signal: AbortSignal) => SendContext;
  /** To be called when the push service says that the token is dead. */
  readonly disable?: (() => Promise<void>) | undefined;
  /** To be called when a delivery has failed for good. */
  readonly failed?: ((failure: Failure, attempts: number) => Promise<void>) | undefined;
}

/** Of a delivery in that queue; undefined if there is no addressee any more, and the delivery is to be forgotten. */
export type FindAddressee = (delivery: Delivery, queue: QueuePath) => Promise<Addressee | undefined>;
