import type { Entity, Partition } from '#runtime';
import { deleteDeliveryQueue } from './confirmation.ts';
import { type SubscriptionRecord, unsubscribedKind } from './records.ts';
import type { Sns } from './service.ts';

const sweepMs = 3_600_000;
const sweptAtOnce = 100;

/**
 * Subscriptions that were given up without a signature can be restored as long as their token is valid; then what is kept of
 * them goes, with the queue that their last message waited in. Looks at the start, and once an hour.
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
    const now = this.#partition.now();
    let page: Entity<SubscriptionRecord>[];
    let after: string | undefined;
    do {
      page = await entities.list<SubscriptionRecord>(unsubscribedKind, '', sweptAtOnce, after);
      for (const { path, value } of page) {
        if (this.#isClosed) return;
        if ((value.tokenExpiresAt ?? 0) > now) continue;
        await deleteDeliveryQueue(sns, value);
        await entities.write({ kind: unsubscribedKind, path });
      }
      after = page.at(-1)?.path;
    } while (page.length === sweptAtOnce);
  }
}
