/** What a generator process is told to do; plain data, as it crosses a process boundary. */
export type Job = {
  readonly kind: 'send' | 'sendBatch' | 'drain' | 'cycle' | 'pacedSend' | 'wakeUp';
  readonly port: number;
  readonly queueUrl: string;
  readonly bodyBytes: number;
  readonly connections: number;
  readonly warmUpMilliseconds: number;
  readonly measureMilliseconds: number;
  /** Ends the job when this many messages were sent, however long it takes. */
  readonly messageLimit?: number;
  /** Requests per second of `pacedSend`. */
  readonly requestsPerSecond?: number;
};

/** Counts over the whole job, warm-up included: these are what the queue must agree with. */
export type Totals = { sent: number; received: number; deleted: number };

export type JobResult = {
  readonly totals: Totals;
  /** Messages that were finished within the measured window. */
  readonly messages: number;
  readonly windowMilliseconds: number;
  readonly generatorProcessorMilliseconds: number;
  /** Latencies in milliseconds, of the kinds that measure them. */
  readonly samples: Float64Array;
};

export type GeneratorMessage =
  | { readonly kind: 'measuring' }
  | { readonly kind: 'measured' }
  | { readonly kind: 'done'; readonly result: JobResult }
  | { readonly kind: 'failed'; readonly reason: string };
