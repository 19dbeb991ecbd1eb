import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Partition, QueueTotals } from '#runtime';
import type { DeliveryReports, TopicTotals } from './deliveryPages.ts';

/** What is counted of an answered request. */
export interface AnsweredRequest {
  readonly service: string;
  readonly operation: string;
  readonly status: number;
  readonly errorCode: string;
  readonly milliseconds: number;
}

type Prometheus = typeof import('prom-client');

const queueLabels = ['account', 'region', 'queue'] as const;
/** Commits measured before the library is there; a start has a handful. */
const earlyCommits = 1_000;

/**
 * What Prometheus reads at `/metrics`. Hot paths add to plain numbers; labels and text are made when somebody asks.
 *
 * The library is loaded once the server is up: it takes longer to import than an empty server takes to start.
 */
export class Metrics {
  readonly #requests = new Map<string, { request: AnsweredRequest; count: number; seconds: number }>();
  readonly #loopDelay = monitorEventLoopDelay({ resolution: 10 });
  #early: { operations: number; milliseconds: number }[] = [];
  #failures = 0;
  #promisedCopies: () => number = () => 0;
  #lostRecords: () => number = () => 0;
  #deliveries: Pick<DeliveryReports, 'totals' | 'pending'> | undefined;
  #loading: Promise<Exposition> | undefined;
  #exposition: Exposition | undefined;

  /** Loads the library and registers what is read from the partition whenever somebody collects. */
  watch(partition: Partition): Promise<Exposition> {
    this.#loading ??= import('prom-client').then((prometheus) => {
      const exposition = new Exposition(prometheus);
      this.#register(exposition, partition);
      for (const measured of this.#early) exposition.committed(measured);
      this.#early = [];
      this.#exposition = exposition;
      return exposition;
    });
    return this.#loading;
  }

  committed(measured: { operations: number; milliseconds: number }): void {
    if (this.#exposition !== undefined) this.#exposition.committed(measured);
    else if (this.#early.length < earlyCommits) this.#early.push(measured);
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
    this.#exposition?.registry.clear();
  }

  #register(exposition: Exposition, partition: Partition): void {
    this.#loopDelay.enable();
    exposition.counter('posthorn_commit_failures_total', 'Commits that failed.', [], () => [[[], this.#failures]]);
    registerQueues(exposition, partition);
    registerTopics(exposition, () => this.#deliveries?.totals() ?? new Map());
    const pending = () => this.#deliveries?.pending() ?? 0;
    exposition.gauge('posthorn_deliveries_pending', 'Deliveries that are to be made yet.', [], () => [[[], pending()]]);
    const promised = this.#promisedCopies;
    exposition.gauge('posthorn_fan_out_copies_promised', 'Copies promised to queues.', [], () => [[[], promised()]]);
    const labels = ['service', 'operation', 'status', 'code'] as const;
    const labelsOf = ({ service, operation, status, errorCode }: AnsweredRequest) => [
      service,
      operation,
      String(status),
      errorCode,
    ];
    const requests = this.#requests;
    exposition.counter('posthorn_requests_total', 'Answered requests.', labels, function* () {
      for (const { request, count } of requests.values()) yield [labelsOf(request), count];
    });
    exposition.counter('posthorn_request_seconds_total', 'Time to answer, summed up.', labels, function* () {
      for (const { request, seconds } of requests.values()) yield [labelsOf(request), seconds];
    });
    const loopDelay = this.#loopDelay;
    const delayHelp = 'Delay of the event loop since the last scrape.';
    exposition.gauge('posthorn_event_loop_delay_seconds', delayHelp, ['quantile'], function* () {
      for (const quantile of [50, 99]) yield [[String(quantile / 100)], loopDelay.percentile(quantile) / 1e9];
      yield [['1'], loopDelay.max / 1e9];
      loopDelay.reset();
    });
    const lost = this.#lostRecords;
    exposition.counter('posthorn_audit_records_lost_total', 'Audit records that could not be written.', [], () => [
      [[], lost()],
    ]);
    exposition.gauge('process_resident_memory_bytes', 'Resident memory.', [], () => [[[], process.memoryUsage.rss()]]);
  }
}

function registerQueues(exposition: Exposition, partition: Partition): void {
  exposition.gauge('posthorn_queue_messages', 'Messages in a queue.', [...queueLabels, 'state'], function* () {
    for (const [path, depth] of partition.depths()) {
      if (!isClients(path)) continue;
      for (const [state, count] of Object.entries(depth)) yield [[...path.split('/'), state], count];
    }
  });
  const counters: [string, string, keyof QueueTotals][] = [
    ['posthorn_queue_messages_sent_total', 'Messages sent.', 'sent'],
    ['posthorn_queue_messages_received_total', 'Messages received, again and again if so.', 'received'],
    ['posthorn_queue_messages_deleted_total', 'Messages deleted by receipt.', 'deleted'],
    ['posthorn_queue_empty_receives_total', 'Receives that brought nothing.', 'emptyReceives'],
  ];
  for (const [name, help, field] of counters) {
    exposition.counter(name, help, queueLabels, function* () {
      for (const [path, totals] of partition.totals()) if (isClients(path)) yield [path.split('/'), totals[field]];
    });
  }
}

/** Queues that a service keeps for itself have no account, and may be as many as there are subscriptions. */
function isClients(path: string): boolean {
  return /^\d{12}\//.test(path);
}

function registerTopics(exposition: Exposition, totals: () => ReadonlyMap<string, TopicTotals>): void {
  const counters: [string, string, keyof TopicTotals][] = [
    ['posthorn_topic_messages_published_total', 'Messages published.', 'published'],
    ['posthorn_topic_notifications_delivered_total', 'Notifications that arrived.', 'delivered'],
    ['posthorn_topic_notifications_failed_total', 'Notifications that were given up.', 'failed'],
    ['posthorn_topic_notifications_filtered_out_total', 'Notifications that a filter policy held back.', 'filteredOut'],
    ['posthorn_topic_notifications_redriven_total', 'Notifications given up for a dead-letter queue.', 'redriven'],
  ];
  for (const [name, help, field] of counters) {
    exposition.counter(name, help, ['topic'], function* () {
      for (const [topic, counted] of totals()) yield [[topic], counted[field]];
    });
  }
}

type Samples = () => Iterable<[labels: readonly string[], value: number]>;

/** The library's registry, filled with what is read at each scrape, and with two histograms that are kept. */
export class Exposition {
  readonly registry: Registry;
  readonly #prometheus: Prometheus;
  readonly #commitSeconds: Histogram;
  readonly #commitOperations: Histogram;

  constructor(prometheus: Prometheus) {
    this.#prometheus = prometheus;
    this.registry = new prometheus.Registry();
    this.#commitSeconds = this.#histogram(
      'posthorn_commit_seconds',
      'Duration of a synced commit.',
      [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1],
    );
    this.#commitOperations = this.#histogram(
      'posthorn_commit_operations',
      'Writes and deletes in a commit.',
      [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000],
    );
  }

  committed({ operations, milliseconds }: { operations: number; milliseconds: number }): void {
    this.#commitSeconds.observe(milliseconds / 1000);
    this.#commitOperations.observe(operations);
  }

  gauge(name: string, help: string, labelNames: readonly string[], read: Samples): void {
    const gauge: Gauge = new this.#prometheus.Gauge({
      ...{ name, help, labelNames, registers: [this.registry] },
      collect: () => refill(gauge, read, (labels, value) => gauge.labels(...labels).set(value)),
    });
  }

  counter(name: string, help: string, labelNames: readonly string[], read: Samples): void {
    const counter: Counter = new this.#prometheus.Counter({
      ...{ name, help, labelNames, registers: [this.registry] },
      collect: () => refill(counter, read, (labels, value) => counter.labels(...labels).inc(value)),
    });
  }

  #histogram(name: string, help: string, buckets: number[]): Histogram {
    return new this.#prometheus.Histogram({ name, help, buckets, registers: [this.registry] });
  }
}

function refill(metric: Gauge | Counter, read: Samples, add: (labels: readonly string[], value: number) => void): void {
  metric.reset();
  for (const [labels, value] of read()) add(labels, value);
}
