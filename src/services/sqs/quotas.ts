import type { QueueHandle } from '#runtime';
import { requestThrottled } from './errors.ts';
import { fifoCallsPerSecond } from './limits.ts';
import { hasHighThroughput, isFifo } from './queueAttributes.ts';
import type { SqsMessages } from './service.ts';

/** The actions that AWS counts on FIFO queues. An API batch is one call of its action: 300 of 10 messages are the 3,000. */
export type QuotaAction = 'SendMessage' | 'ReceiveMessage' | 'DeleteMessage';

/**
 * To be called by an operation once it has found its queue; `messages`: those to be sent, valid or not. Refuses what
 * AWS would throttle, if the server was told to enforce quotas.
 */
export function checkQuota(
  { quotas }: Pick<SqsMessages, 'quotas'>,
  { record }: Pick<QueueHandle, 'record'>,
  action: QuotaAction,
  messages: readonly { readonly MessageGroupId?: string | undefined }[] = [],
): void {
  if (quotas === undefined || !isFifo(record)) return;
  const groupIds = messages.map(({ MessageGroupId: groupId = '' }) => groupId);
  if (!quotas.take(bucketNames(record, action, groupIds))) throw requestThrottled();
}

/**
 * High throughput counts sends by their message group, and AWS's limits of the rest are then thousands a second, other
 * ones in each region: there the rest is not counted.
 */
function bucketNames(record: QueueHandle['record'], action: QuotaAction, groupIds: readonly string[]): string[] {
  if (!hasHighThroughput(record)) return [`${record.queueId}/${action}`];
  if (action !== 'SendMessage') return [];
  return [...new Set(groupIds)].map((groupId) => `${record.queueId}/${action}/${groupId}`);
}

interface Bucket {
  tokens: number;
  filledAt: number;
}

/**
 * Token buckets, by name. A bucket holds as many calls as a second allows, and fills up within that second.
 *
 * A bucket is in one of two generations: *current*, used in this second or later, or *previous*. What nobody used for a
 * whole generation is full again and is forgotten, so the buckets are no more than the calls of two seconds.
 */
export class Quotas {
  readonly #now: () => number;
  readonly #callsPerSecond: number;
  #current = new Map<string, Bucket>();
  #previous = new Map<string, Bucket>();
  #generationSince: number;

  constructor(now: () => number, callsPerSecond = fifoCallsPerSecond) {
    this.#now = now;
    this.#callsPerSecond = callsPerSecond;
    this.#generationSince = now();
  }

  /** Takes one call from each bucket, or none from any if one of them is empty. */
  take(names: readonly string[]): boolean {
    const now = this.#now();
    this.#forgetFullBuckets(now);
    const buckets = names.map((name) => this.#fill(name, now));
    if (buckets.some(({ tokens }) => tokens < 1)) return false;
    for (const bucket of buckets) bucket.tokens -= 1;
    return true;
  }

  #fill(name: string, now: number): Bucket {
    const bucket = this.#current.get(name) ??
      this.#previous.get(name) ?? { tokens: this.#callsPerSecond, filledAt: now };
    // A clock that was set back fills nothing; it must not empty a bucket either.
    const elapsedMs = Math.max(0, now - bucket.filledAt);
    bucket.tokens = Math.min(this.#callsPerSecond, bucket.tokens + (elapsedMs * this.#callsPerSecond) / 1_000);
    bucket.filledAt = now;
    this.#current.set(name, bucket);
    return bucket;
  }

  #forgetFullBuckets(now: number): void {
    if (now >= this.#generationSince && now < this.#generationSince + 1_000) return;
    this.#previous = this.#current;
    this.#current = new Map();
    this.#generationSince = now;
  }
}
