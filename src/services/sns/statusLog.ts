/**
 * What became of the last deliveries, by topic, for who looks after an endpoint. AWS writes the like to CloudWatch Logs, of
 * which this has the form. It is kept in memory: the durable trace of a failed delivery is its dead letter.
 */
import { hash } from 'node:crypto';
import type { Delivery } from './delivery.ts';

export interface StatusEntry {
  readonly notification: {
    readonly messageId: string;
    readonly messageMD5Sum: string;
    readonly topicArn?: string;
    readonly timestamp: string;
  };
  readonly delivery: {
    readonly deliveryId: string;
    readonly destination: string;
    readonly protocol: string;
    readonly subscriptionArn?: string;
    readonly attempts: number;
    /** From the publish to just before the last attempt. */
    readonly dwellTimeMs: number;
    readonly statusCode?: number;
    readonly providerResponse?: string;
    /** Whether the message is in the subscription's dead-letter queue. */
    readonly redriven?: boolean;
  };
  readonly status: 'SUCCESS' | 'FAILURE';
}

export interface StatusNote {
  readonly delivery: Delivery;
  readonly deliveryId: string;
  readonly attempts: number;
  readonly attemptedAt: number;
  readonly statusCode?: number | undefined;
  readonly providerResponse?: string | undefined;
  readonly redriven?: boolean | undefined;
  readonly status: StatusEntry['status'];
}

/** Entries of a topic, and topics of which there are any; the oldest make room. A thousand topics take some 50 MiB. */
export const entriesMax = 100;
export const topicsMax = 1_000;

export class StatusLog {
  /** Those that were written to last come last. */
  readonly #byTopic = new Map<string, StatusEntry[]>();
  readonly #random: () => number;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** Whether a success is among the percentage that is to be noted. */
  isSampled(percentage: number): boolean {
    return this.#random() * 100 < percentage;
  }

  /** `about` is the topic's ARN; of what went to one endpoint, what stands for it. */
  note(about: string, noted: StatusNote): void {
    const entries = this.#byTopic.get(about) ?? [];
    entries.push(entryOf(noted));
    if (entries.length > entriesMax) entries.shift();
    this.#byTopic.delete(about);
    this.#byTopic.set(about, entries);
    const [oldest] = this.#byTopic.keys();
    if (this.#byTopic.size > topicsMax && oldest !== undefined) this.#byTopic.delete(oldest);
  }

  /** The newest first. */
  list(about: string, limit: number, status?: StatusEntry['status']): StatusEntry[] {
    const entries = this.#byTopic.get(about) ?? [];
    const wanted = status === undefined ? [...entries] : entries.filter((entry) => entry.status === status);
    return wanted.reverse().slice(0, limit);
  }
}

function entryOf({ delivery, ...noted }: StatusNote): StatusEntry {
  const { topicArn, subscriptionArn, publishedAt } = delivery;
  return {
    notification: {
      messageId: delivery.messageId,
      messageMD5Sum: hash('md5', delivery.message),
      ...(topicArn !== '' && { topicArn }),
      timestamp: new Date(publishedAt).toISOString(),
    },
    delivery: {
      deliveryId: noted.deliveryId,
      destination: delivery.endpoint,
      protocol: delivery.protocol,
      ...(subscriptionArn !== '' && { subscriptionArn }),
      attempts: noted.attempts,
      dwellTimeMs: Math.max(0, noted.attemptedAt - publishedAt),
      ...(noted.statusCode !== undefined && { statusCode: noted.statusCode }),
      ...(noted.providerResponse !== undefined && { providerResponse: noted.providerResponse }),
      ...(noted.redriven !== undefined && { redriven: noted.redriven }),
    },
    status: noted.status,
  };
}
