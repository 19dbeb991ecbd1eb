import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { QueuesCounts, QueueTotals, ServedQueues } from '#runtime';
import type { DeliveryReports, TopicTotals } from './deliveryPages.ts';
import { Histogram, type Metric, metricText, type Sample } from './exposition.ts';

/** What is counted of an answered request. */
export interface AnsweredRequest {
  readonly service: string;
  readonly operation: string;
  readonly status: number;
  readonly errorCode: string;
  readonly milliseconds: number;
}

const queueLabels = ['account', 'region', 'queue'] as const;

/** What Prometheus reads at `/metrics`. Hot paths add to plain numbers; labels and text are made when somebody asks. */
export class Metrics {
  readonly #requests = new Map<string, { request: AnsweredRequest; count: number; seconds: number }>();
  readonly #loopDelay = monitorEventLoopDelay({ resolution: 10 });
  readonly #commitSeconds = new Histogram(
    'posthorn_commit_seconds',
    'Duration of a synced commit.',
    [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1],
  );
  readonly #commitOperations = new Histogram(
    'posthorn_commit_operations',
    'Writes and deletes in a commit.',
    [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000],
  );
  #failures = 0;
  #promisedCopies: () => number = () => 0;
  #edgeProcesses: () => number = () => 0;
  #lostRecords: () => number = () => 0;
  #deliveries: Pick<DeliveryReports, 'totals' | 'pending'> | undefined;

  /** Not before the server is up: the start itself delays the event loop, and tells nobody anything. */
  watchLoop(): void {
    this.#loopDelay.enable();
  }

  committed({ operations, milliseconds }: { operations: number; milliseconds: number }): void {
    this.#commitSeconds.observe(milliseconds / 1000);
    this.#commitOperations.observe(operations);
  }

  commitFailed(): void {
    this.#failures += 1;
  }

  /** What of deliveries there is to be read at each scrape. */
  countDeliveries(deliveries: Pick<DeliveryReports, 'totals' | 'pending'>): void {
    this.#deliveries = deliveries;
  }

  /** Copies of messages that topics have promised to queues. */
  countPromisedCopies(promised: () => number): void {
    this.#promisedCopies = promised;
  }

  /** Processes at the edge that take connections. */
  countEdgeProcesses(ready: () => number): void {
    this.#edgeProcesses = ready;
  }

  /** Records of the audit trail that could not be written. */
  countLostRecords(lost: () => number): void {
    this.#lostRecords = lost;
  }

  answered(request: AnsweredRequest): void {
    const key = `${request.service} ${request.operation} ${request.status} ${request.errorCode}`;
    let entry = this.#requests.get(key);
    if (entry === undefined) {
      entry = { request, count: 0, seconds: 0 };
      this.#requests.set(key, entry);
    }
    entry.count += 1;
    entry.seconds += request.milliseconds / 1000;
  }

  close(): void {
    this.#loopDelay.disable();
  }

  async text(queues: Pick<ServedQueues, 'counts'>): Promise<string> {
    const counts = await queues.counts();
    const metrics = [
      counter('posthorn_commit_failures_total', 'Commits that failed.', this.#failures),
      ...queueMetrics(counts),
      ...topicMetrics(this.#deliveries?.totals() ?? new Map()),
      gauge('posthorn_deliveries_pending', 'Deliveries that are to be made yet.', this.#deliveries?.pending() ?? 0),
      gauge('posthorn_fan_out_copies_promised', 'Copies promised to queues.', this.#promisedCopies()),
      gauge('posthorn_edge_processes', 'Processes at the edge that take connections.', this.#edgeProcesses()),
      gauge('posthorn_letters_waiting', 'Messages on their way to a queue of another process.', counts.lettersWaiting),
      gauge('posthorn_waiting_memory_bytes', 'Memory that waiting messages take.', counts.waitingBytes),
      ...this.#requestMetrics(),
      this.#loopDelayMetric(),
      counter('posthorn_audit_records_lost_total', 'Audit records that could not be written.', this.#lostRecords()),
      gauge('process_resident_memory_bytes', 'Resident memory.', process.memoryUsage.rss()),
    ];
    const texts = [this.#commitSeconds.text(), this.#commitOperations.text(), ...metrics.map(metricText)];
    return `${texts.join('\n\n')}\n`;
  }

  #requestMetrics(): Metric[] {
    const labels = ['service', 'operation', 'status', 'code'];
    const entries = [...this.#requests.values()].map(({ request, ...counted }) => {
      const { service, operation, status, errorCode } = request;
      return { values: [service, operation, String(status), errorCode], ...counted };
    });
    return [
      {
        ...{ type: 'counter', name: 'posthorn_requests_total', help: 'Answered requests.', labels },
        samples: entries.map(({ values, count }) => [values, count]),
      },
      {
        ...{ type: 'counter', name: 'posthorn_request_seconds_total', help: 'Time to answer, summed up.', labels },
        samples: entries.map(({ values, seconds }) => [values, seconds]),
      },
    ];
  }

  #loopDelayMetric(): Metric {
    const loopDelay = this.#loopDelay;
    const quantile = (share: number): Sample => [[String(share)], loopDelay.percentile(share * 100) / 1e9];
    const samples = [quantile(0.5), quantile(0.99), [['1'], loopDelay.max / 1e9] as Sample];
    loopDelay.reset();
    const help = 'Delay of the event loop since the last scrape.';
    return { type: 'gauge', name: 'posthorn_event_loop_delay_seconds', help, labels: ['quantile'], samples };
  }
}

function counter(name: string, help: string, value: number): Metric {
  return { type: 'counter', name, help, labels: [], samples: [[[], value]] };
}

function gauge(name: string, help: string, value: number): Metric {
  return { type: 'gauge', name, help, labels: [], samples: [[[], value]] };
}

function queueMetrics({ totals, depths }: QueuesCounts): Metric[] {
  const counters = [
    ['posthorn_queue_messages_sent_total', 'Messages sent.', 'sent'],
    ['posthorn_queue_messages_received_total', 'Messages received, again and again if so.', 'received'],
    ['posthorn_queue_messages_deleted_total', 'Messages deleted by receipt.', 'deleted'],
    ['posthorn_queue_empty_receives_total', 'Receives that brought nothing.', 'emptyReceives'],
  ] as const;
  const held: Metric = {
    ...{ type: 'gauge', name: 'posthorn_queue_messages', help: 'Messages in a queue.' },
    ...{ labels: [...queueLabels, 'state'], samples: depthSamples(depths) },
  };
  const counted = counters.map(
    ([name, help, field]): Metric => ({
      ...{ type: 'counter', name, help, labels: queueLabels, samples: totalSamples(totals, field) },
    }),
  );
  return [held, ...counted];
}

function* depthSamples(depths: QueuesCounts['depths']): Iterable<Sample> {
  for (const [path, depth] of depths) {
    if (!isClients(path)) continue;
    for (const [state, count] of Object.entries(depth)) yield [[...path.split('/'), state], count];
  }
}

function* totalSamples(totals: QueuesCounts['totals'], field: keyof QueueTotals): Iterable<Sample> {
  for (const [path, counted] of totals) if (isClients(path)) yield [path.split('/'), counted[field]];
}

/** Queues that a service keeps for itself have no account, and may be as many as there are subscriptions. */
function isClients(path: string): boolean {
  return /^\d{12}\//.test(path);
}

function topicMetrics(topics: ReadonlyMap<string, TopicTotals>): Metric[] {
  const counters = [
    ['posthorn_topic_messages_published_total', 'Messages published.', 'published'],
    ['posthorn_topic_notifications_delivered_total', 'Notifications that arrived.', 'delivered'],
    ['posthorn_topic_notifications_failed_total', 'Notifications that were given up.', 'failed'],
    ['posthorn_topic_notifications_filtered_out_total', 'Notifications that a filter policy held back.', 'filteredOut'],
    ['posthorn_topic_notifications_redriven_total', 'Notifications given up for a dead-letter queue.', 'redriven'],
  ] as const;
  return counters.map(([name, help, field]) => ({
    ...{ type: 'counter', name, help, labels: ['topic'] },
    samples: [...topics].map(([topic, counted]) => [[topic], counted[field]] as const),
  }));
}
