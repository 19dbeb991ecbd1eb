/** What a generator process is told to do; plain data, as it crosses a process boundary. */
export type Job = {
  readonly kind:
    | 'send'
    | 'sendBatch'
    | 'drain'
    | 'cycle'
    | 'pacedSend'
    | 'wakeUp'
    | 'tenants'
    | 'abandon'
    | 'publish'
    | 'publishBeside';
  readonly port: number;
  /** The server checks signatures. */
  readonly signed?: boolean;
  readonly queueUrl: string;
  /** The connections of a closed loop have these in turn, in place of the one. */
  readonly queueUrls?: readonly string[];
  readonly bodyBytes: number;
  readonly connections: number;
  readonly warmUpMilliseconds: number;
  readonly measureMilliseconds: number;
  /** Ends the job when this many messages were sent; with 0 ms to measure, however long it takes. */
  readonly messageLimit?: number;
  /** Requests per second of `pacedSend`. */
  readonly requestsPerSecond?: number;
  /** The queue is a FIFO queue, and its messages are spread over so many groups in turn. */
  readonly groups?: number;
  /** How long the receives of `drain`, `cycle` and `abandon` long poll; 0 unless given. */
  readonly waitSeconds?: number;
  readonly tenants?: Tenants;
  readonly topic?: TopicLoad;
  /** Which of how many generator processes this one is, of those that share the job. */
  readonly part?: { readonly index: number; readonly of: number };
};

/** Who sends and who receives in a job of the kind `tenants`. */
export type Tenants = {
  readonly quiet: number;
  /** Of each quiet tenant. */
  readonly messagesPerSecond: number;
  /** How many times as much the one noisy tenant sends; 0 if there is none. */
  readonly noisyTimes: number;
  /** Each tenant's messages carry its name as their message group. */
  readonly grouped: boolean;
  /** So many of the job's connections are consumers, the others send. */
  readonly consumers: number;
  /** How long a consumer works on each message, before it deletes what it received together. */
  readonly workMilliseconds: number;
};

/** What is published in jobs of the kinds `publish` and `publishBeside`. */
export type TopicLoad = {
  readonly topicArn: string;
  /**
   * Into how many queues a message of each value goes. Messages have these values in turn, if there is more than one, in the
   * attribute that filter policies look at.
   */
  readonly copiesByValue: readonly number[];
  /** What the rate counts: messages published, or what of them comes into queues. */
  readonly counted: 'sent' | 'copies';
};

/** Counts over the whole job, warm-up included: these are what the queue must agree with. */
export type Totals = {
  sent: number;
  received: number;
  deleted: number;
  /** What queues must have got of the messages that were published. */
  copies: number;
};

export type JobResult = {
  readonly totals: Totals;
  /** Messages that were finished within the measured window. */
  readonly messages: number;
  readonly windowMilliseconds: number;
  readonly generatorProcessorMilliseconds: number;
  /**
   * Latencies in milliseconds, of the kinds that measure them; of `tenants`, what the quiet ones' messages took; of
   * `publishBeside`, what requests beside the publishes took.
   */
  readonly samples: Float64Array;
  /** What the noisy tenant's messages took; of `publishBeside`, the publishes; empty for all other kinds. */
  readonly noisySamples: Float64Array;
};

export type GeneratorMessage =
  | { readonly kind: 'measuring' }
  | { readonly kind: 'measured' }
  | { readonly kind: 'done'; readonly result: JobResult }
  | { readonly kind: 'failed'; readonly reason: string };
