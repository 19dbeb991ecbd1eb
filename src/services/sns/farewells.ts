import type { Entity, Partition } from '#runtime';
import { deleteDeliveryQueue } from './confirmation.ts';
import { type SubscriptionRecord, subscriptionKind, unsubscribedKind } from './records.ts';
import type { Sns } from './service.ts';

const sweepMs = 3_600_000;
const sweptAtOnce = 100;

/**
 * Subscriptions that were given up without a signature can be restored as long as their token is valid, and those that nobody
 * has confirmed are there as long as that; then what is kept of them goes, with the queue that their last message waited in.
 * Looks at the start, and once an hour.
 */
export class Farewells {
  readonly #partition: Partition;
  readonly #report: (error: Error) => void;
  #timer: NodeJS.Timeout | undefined;
  #sweeping: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(partition: Partition, report: (error: Error) => void) {
    this.#partition = partition;
    this.#report = report;
  }

  start(sns: Sns): void {
    const sweep = () => {
      this.#sweeping = this.sweep(sns).catch(this.#report);
    };
    sweep();
    this.#timer = setInterval(sweep, sweepMs).unref();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    await this.#sweeping;
  }

  async sweep(sns: Sns): Promise<void> {
    const { entities } = this.#partition;
    for await (const { path, value } of this.#outlived(unsubscribedKind)) {
      await deleteDeliveryQueue(sns, value);
      await entities.write({ kind: unsubscribedKind, path });
    }
    for await (const { value } of this.#outlived(subscriptionKind)) {
      const topic = await sns.topics.find(value.topic);
      const record = topic?.subscriptions.get(value.subscriptionId)?.record;
      // Confirmed meanwhile, or reminded of.
      if (topic === undefined || record?.status !== 'pending' || !this.#isOver(record)) continue;
      await sns.topics.removeSubscription(topic, record);
      await deleteDeliveryQueue(sns, record);
    }
  }

  /** Of one kind, those whose token is over. */
  async *#outlived(kind: string): AsyncGenerator<Entity<SubscriptionRecord>> {
    let page: Entity<SubscriptionRecord>[];
    let after: string | undefined;
    do {
      page = await this.#partition.entities.list<SubscriptionRecord>(kind, '', sweptAtOnce, after);
      for (const each of page) {
        if (this.#isClosed) return;
        const canEnd = kind === unsubscribedKind || each.value.status === 'pending';
        if (canEnd && this.#isOver(each.value)) yield each;
      }
      after = page.at(-1)?.path;
    } while (page.length === sweptAtOnce);
  }

  #isOver({ tokenExpiresAt = 0 }: SubscriptionRecord): boolean {
    return tokenExpiresAt <= this.#partition.now();
  }
}
