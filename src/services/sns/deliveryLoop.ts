import { type Clock, type DataKeys, type Partition, type QueueEncoder, type QueuePath, systemClock } from '#runtime';
import type { FindAddressee } from './addressee.ts';
import type { Sender } from './delivery.ts';
import { receiversAtOnce } from './deliveryLimits.ts';
import { DeliveryReceiver, type ReceiverSurroundings } from './deliveryReceiver.ts';
import { TotalsByTopic } from './deliveryTotals.ts';
import { SendSlots } from './sendSlots.ts';
import type { Deliveries, DeliveryCount } from './service.ts';
import { type StatusEntry, StatusLog } from './statusLog.ts';

export interface DeliveryLoopOptions {
  /** What opens the deliveries of topics that encrypt. */
  readonly dataKeys: DataKeys;
  readonly clock?: Clock;
  readonly slots?: SendSlots;
  readonly log?: StatusLog;
  readonly report?: (error: Error) => void;
}

/** Where deliveries go, known once the service is put together. */
export interface Destinations {
  readonly find: FindAddressee;
  readonly senderOf: (protocol: string) => Sender | undefined;
  /** The internal queues that are there when the server starts, page by page. */
  readonly queues: () => AsyncIterable<QueuePath>;
}

interface Watched {
  readonly path: QueuePath;
  /** Absent until the loop runs. */
  receiver?: DeliveryReceiver;
  /** It was made known once more, maybe because its queue had been deleted and is there again. */
  isRenewed?: boolean;
}

/**
 * Brings what waits in the internal queues to its endpoints. Each queue has a receiver of its own, so no endpoint waits for
 * another; all share the slots for what is under way.
 *
 * It is in one of three modes:
 * - *idle*: queues are made known, and nothing is sent;
 * - *running*, from `start`: every queue that is known, or is found in the store, has its receiver;
 * - *closed*: what was under way has been broken off, and waits in its queue.
 */
export class DeliveryLoop implements Deliveries {
  readonly log: StatusLog;
  readonly totals = new TotalsByTopic();
  readonly #partition: Partition;
  readonly #encoder: QueueEncoder;
  readonly #options: DeliveryLoopOptions;
  readonly #slots: SendSlots;
  readonly #watched = new Map<string, Watched>();
  #surroundings: ReceiverSurroundings | undefined;
  #finding: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(partition: Partition, encoder: QueueEncoder, options: DeliveryLoopOptions) {
    this.#partition = partition;
    this.#encoder = encoder;
    this.#options = options;
    this.#slots = options.slots ?? new SendSlots();
    this.log = options.log ?? new StatusLog();
  }

  start({ find, senderOf, queues }: Destinations): void {
    const { clock = systemClock, report = () => undefined } = this.#options;
    const { dataKeys } = this.#options;
    this.#surroundings = {
      ...{
        dataKeys,
        partition: this.#partition,
        encoder: this.#encoder,
        slots: this.#slots,
        clock,
        report,
        find,
        senderOf,
      },
      ...{ log: this.log, totals: this.totals },
    };
    for (const watched of this.#watched.values()) this.#receive(watched);
    this.#finding = this.#findQueues(queues).catch(report);
  }

  watch(path: QueuePath): void {
    if (this.#closed) return;
    const key = keyOf(path);
    const known = this.#watched.get(key);
    if (known !== undefined) {
      known.isRenewed = true;
      return;
    }
    const watched: Watched = { path };
    this.#watched.set(key, watched);
    this.#receive(watched);
  }

  unwatch(path: QueuePath): void {
    const key = keyOf(path);
    this.#watched.get(key)?.receiver?.stop();
    this.#watched.delete(key);
  }

  count(topicArn: string, what: DeliveryCount, howMany: number): void {
    this.totals.add(topicArn, what, howMany);
  }

  /** For Posthorn's own pages. */
  get reports() {
    return {
      totals: () => this.totals.all(),
      pending: () => this.#pending(),
      list: (about: string, limit: number, status: StatusEntry['status'] | undefined) =>
        this.log.list(about, limit, status),
    };
  }

  /** Before the partition closes: what is broken off is written back to its queue. */
  async close(): Promise<void> {
    this.#closed = true;
    const stopped = [...this.#watched.values()].map(({ receiver }) => receiver?.stop());
    this.#watched.clear();
    await Promise.all([...stopped, this.#finding]);
  }

  /** Of the queues in memory, which those are that a receiver is at. */
  #pending(): number {
    let pending = 0;
    for (const { path } of this.#watched.values()) {
      const queue = this.#partition.queue(path.accountId, path.region, path.name);
      if (queue instanceof Promise) continue;
      const { visible, inFlight, delayed } = queue.depth();
      pending += visible + inFlight + delayed;
    }
    return pending;
  }

  #receive(watched: Watched): void {
    if (this.#surroundings === undefined) return;
    const key = keyOf(watched.path);
    watched.receiver = new DeliveryReceiver(watched.path, this.#surroundings);
    watched.isRenewed = false;
    // It ends by itself when its queue is gone.
    watched.receiver.done.then(() => {
      if (this.#watched.get(key) !== watched) return;
      if (watched.isRenewed) this.#receive(watched);
      else this.#watched.delete(key);
    });
  }

  async #findQueues(queues: Destinations['queues']): Promise<void> {
    const { clock = systemClock } = this.#options;
    let begun = 0;
    for await (const path of queues()) {
      if (this.#closed) return;
      this.watch(path);
      begun += 1;
      // Each reads its queue from the store; requests go between them.
      if (begun % receiversAtOnce === 0) await clock.nextTurn();
    }
  }
}

function keyOf({ accountId, region, name }: QueuePath): string {
  return `${accountId}/${region}/${name}`;
}
