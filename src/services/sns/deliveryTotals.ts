import type { DeliveryCount } from './service.ts';

export type DeliveryTotals = Readonly<Record<DeliveryCount, number>>;

/** Counted since the process started, by topic; for metrics. */
export class TotalsByTopic {
  readonly #totals = new Map<string, Record<DeliveryCount, number>>();

  add(topicArn: string, what: DeliveryCount, howMany = 1): void {
    let totals = this.#totals.get(topicArn);
    if (totals === undefined) {
      totals = { published: 0, delivered: 0, filteredOut: 0, redriven: 0, failed: 0 };
      this.#totals.set(topicArn, totals);
    }
    totals[what] += howMany;
  }

  of(topicArn: string): DeliveryTotals | undefined {
    return this.#totals.get(topicArn);
  }

  all(): ReadonlyMap<string, DeliveryTotals> {
    return this.#totals;
  }
}
