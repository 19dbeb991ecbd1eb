import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Partition, QueueTotals } from '#runtime';

/** What is counted of an answered request. */
export interface AnsweredRequest {
  readonly service: string;
  readonly operation: string;
  readonly status: number;
  readonly errorCode: string;
  readonly milliseconds: number;
}

const queueLabels = ['account', 'region', 'queue'] as const;

/**
 * What Prometheus reads at `/metrics`. Hot paths add to plain numbers; labels and text are made when somebody asks.
 */
export class Metrics {
  readonly #registry = new Registry();
  readonly #requests = new Map<string, { request: AnsweredRequest; count: number; seconds: number }>();
  readonly #loopDelay = monitorEventLoopDelay({ resolution: 10 });
  readonly #commitSeconds = this.#histogram(
    'posthorn_commit_seconds',
    'Duration of a synced commit.',
    [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1],
  );
  readonly #commitOperations = this.#histogram(
    'posthorn_commit_operations',
    'Writes and deletes in a commit.',
    [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000],
  );
  readonly #commitFailures = new Counter({
    name: 'posthorn_commit_failures_total',
    help: 'Commits that failed.',
    registers: [this.#registry],
  });

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** Registers what is read from the partition whenever somebody collects. */
  watch(partition: Partition): void {
    this.#loopDelay.enable();
    this.#watchDepth(partition);
    const counters: [string, string, keyof QueueTotals][] = [
      ['posthorn_queue_messages_sent_total', 'Messages sent.', 'sent'],
      ['posthorn_queue_messages_received_total', 'Messages received, again and again if so.', 'received'],
      ['posthorn_queue_messages_deleted_total', 'Messages deleted by receipt.', 'deleted'],
      ['posthorn_queue_empty_receives_total', 'Receives that brought nothing.', 'emptyReceives'],
    ];
    for (const [name, help, field] of counters) {
      this.#counterAtScrape(name, help, queueLabels, function* () {
        for (const [path, totals] of partition.totals()) yield [path.split('/'), totals[field]];
      });
    }
    this.#watchRequests();
    this.#gauge(
      'posthorn_event_loop_delay_seconds',
      'Delay of the event loop since the last scrape.',
      ['quantile'],
      (set) => {
        for (const quantile of [50, 99]) set([String(quantile / 100)], this.#loopDelay.percentile(quantile) / 1e9);
        set(['1'], this.#loopDelay.max / 1e9);
        this.#loopDelay.reset();
      },
    );
    this.#gauge('process_resident_memory_bytes', 'Resident memory.', [], (set) => set([], process.memoryUsage.rss()));
  }

  committed({ operations, milliseconds }: { operations: number; milliseconds: number }): void {
    this.#commitSeconds.observe(milliseconds / 1000);
    this.#commitOperations.observe(operations);
  }

  commitFailed(): void {
    this.#commitFailures.inc();
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

  collect(): Promise<string> {
    return this.#registry.metrics();
  }

  close(): void {
    this.#loopDelay.disable();
    this.#registry.clear();
  }

  #watchDepth(partition: Partition): void {
    this.#gauge('posthorn_queue_messages', 'Messages in a queue.', [...queueLabels, 'state'], (set) => {
      for (const [path, depth] of partition.depths()) {
        for (const [state, count] of Object.entries(depth)) set([...path.split('/'), state], count);
      }
    });
  }

  #watchRequests(): void {
    const labels = ['service', 'operation', 'status', 'code'] as const;
    const labelsOf = ({ service, operation, status, errorCode }: AnsweredRequest) => [
      service,
      operation,
      String(status),
      errorCode,
    ];
    const requests = this.#requests;
    this.#counterAtScrape('posthorn_requests_total', 'Answered requests.', labels, function* () {
      for (const { request, count } of requests.values()) yield [labelsOf(request), count];
    });
    this.#counterAtScrape('posthorn_request_seconds_total', 'Time to answer, summed up.', labels, function* () {
      for (const { request, seconds } of requests.values()) yield [labelsOf(request), seconds];
    });
  }

  #histogram(name: string, help: string, buckets: number[]): Histogram {
    return new Histogram({ name, help, buckets, registers: [this.#registry] });
  }

  #gauge(
    name: string,
    help: string,
    labelNames: readonly string[],
    collect: (set: (labels: readonly string[], value: number) => void) => void,
  ): void {
    new Gauge({
      name,
      help,
      labelNames,
      registers: [this.#registry],
      collect() {
        this.reset();
        collect((labels, value) => this.labels(...labels).set(value));
      },
    });
  }

  #counterAtScrape(
    name: string,
    help: string,
    labelNames: readonly string[],
    read: () => Iterable<[labels: readonly string[], value: number]>,
  ): void {
    new Counter({
      name,
      help,
      labelNames,
      registers: [this.#registry],
      collect() {
        this.reset();
        for (const [labels, value] of read()) this.labels(...labels).inc(value);
      },
    });
  }
}
