import type { Job, JobResult, Totals } from './job.ts';

type Mark = { readonly at: number; readonly messages: number; readonly processorMicroseconds: number };

/**
 * The part of a job that counts: it opens after the warm-up, and closes when its time is over or the work has run out.
 * The load goes on across its edges, so neither edge sees an idle server.
 */
export class MeasuredWindow {
  readonly totals: Totals = { sent: 0, received: 0, deleted: 0, copies: 0 };
  readonly samples: number[] = [];
  readonly noisySamples: number[] = [];
  readonly #job: Job;
  readonly #notify: (kind: 'measuring' | 'measured') => void;
  #opened: Mark | undefined;
  #closed: Mark | undefined;
  #over = false;
  #countedAt = performance.now();

  constructor(job: Job, notify: (kind: 'measuring' | 'measured') => void) {
    this.#job = job;
    this.#notify = notify;
  }

  /** True once the load has to stop. */
  get over(): boolean {
    return this.#over;
  }

  get open(): boolean {
    return this.#opened !== undefined && this.#closed === undefined;
  }

  /**
   * Whether what was due at a time belongs to the measured part. A request counts by when it was due, not by when it was
   * sent: one that had to wait beyond the end because the server stalled is the very one that must not be forgotten.
   */
  covers(dueAt: number): boolean {
    return (
      this.#opened !== undefined && dueAt >= this.#opened.at && dueAt < (this.#closed?.at ?? Number.POSITIVE_INFINITY)
    );
  }

  /** When something was counted last. */
  get countedAt(): number {
    return this.#countedAt;
  }

  count(what: keyof Totals, messages: number): void {
    this.totals[what] += messages;
    this.#countedAt = performance.now();
  }

  /**
   * Runs `load` until it ends by itself or the time is over, in which case `load` sees `over` and ends soon. When the work
   * runs out, the window ends with the last of it, however much later that was found out.
   */
  async around(load: () => Promise<void>): Promise<JobResult> {
    const timers: NodeJS.Timeout[] = [];
    const { warmUpMilliseconds, measureMilliseconds } = this.#job;
    if (warmUpMilliseconds === 0) this.#open();
    else timers.push(setTimeout(() => this.#open(), warmUpMilliseconds));
    if (this.#job.messageLimit === undefined || measureMilliseconds > 0) {
      timers.push(setTimeout(() => this.#close(), warmUpMilliseconds + measureMilliseconds));
    }
    try {
      await load();
    } finally {
      for (const timer of timers) clearTimeout(timer);
    }
    this.#close();
    this.#endWithTheWork();
    return this.#result();
  }

  #open(): void {
    this.#opened = this.#mark();
    this.#notify('measuring');
  }

  #close(): void {
    this.#over = true;
    if (this.#closed !== undefined) return;
    this.#closed = this.#mark();
    this.#notify('measured');
  }

  /** While there is work, some of it is under way when the window closes, and counted later. */
  #endWithTheWork(): void {
    if (this.#closed !== undefined && this.#countedAt < this.#closed.at) {
      this.#closed = { ...this.#closed, at: this.#countedAt };
    }
  }

  #mark(): Mark {
    const { user, system } = process.cpuUsage();
    return { at: performance.now(), messages: this.#finished(), processorMicroseconds: user + system };
  }

  #finished(): number {
    if (this.#job.topic !== undefined) return this.totals[this.#job.topic.counted];
    const sends = this.#job.kind === 'send' || this.#job.kind === 'sendBatch' || this.#job.kind === 'pacedSend';
    return sends ? this.totals.sent : this.totals.deleted;
  }

  #result(): JobResult {
    if (this.#opened === undefined || this.#closed === undefined || this.#closed.at <= this.#opened.at)
      throw new Error('the work ran out during the warm-up');
    return {
      totals: this.totals,
      messages: this.#closed.messages - this.#opened.messages,
      windowMilliseconds: this.#closed.at - this.#opened.at,
      generatorProcessorMilliseconds: (this.#closed.processorMicroseconds - this.#opened.processorMicroseconds) / 1000,
      samples: Float64Array.from(this.samples),
      noisySamples: Float64Array.from(this.noisySamples),
    };
  }
}
