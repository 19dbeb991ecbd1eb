import { Worker } from 'node:worker_threads';
import { asBuffer } from '#std/bytes';
import type { Job, JobResult } from './jobs.ts';
import type { JobRunner } from './open.ts';
import type { TableSummary } from './table.ts';

/** What the thread answers to a job. An error's `code` is Node's. */
export type JobAnswer =
  | { readonly result: JobResult }
  | { readonly error: { readonly message: string; readonly code: string | undefined } };

/**
 * Runs jobs in a thread of its own (`storeJobs.ts`), so that the server's thread only pays for what it sends and receives.
 * The thread begins with a job, and ends when there was none for a while: it keeps the memory that its jobs took.
 */
export class JobThread implements JobRunner {
  readonly #program: URL;
  readonly #directory: string;
  readonly #idleMs: number;
  #worker: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(program: URL, directory: string, idleMs = 60_000) {
    this.#program = program;
    this.#directory = directory;
    this.#idleMs = idleMs;
  }

  /** One at a time. */
  async run(job: Job): Promise<JobResult> {
    clearTimeout(this.#idle);
    const worker = this.#worker ?? this.#start();
    // A process that has nothing else to do ends when the job has, and not before.
    worker.ref();
    try {
      return await ask(worker, job);
    } finally {
      worker.unref();
      this.#idle = setTimeout(() => this.close(), this.#idleMs).unref();
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle);
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(this.#program, { workerData: this.#directory });
    this.#worker = worker;
    const forget = () => {
      if (this.#worker === worker) this.#worker = undefined;
    };
    // An error that nobody listens to would end the process.
    worker.once('error', forget).once('exit', forget);
    return worker;
  }
}

function ask(worker: Worker, job: Job): Promise<JobResult> {
  return new Promise((resolve, reject) => {
    const settle = (take: () => void) => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      take();
    };
    const onMessage = (answer: JobAnswer) =>
      settle(() => {
        if ('result' in answer) resolve(withBuffers(answer.result));
        else reject(Object.assign(new Error(answer.error.message), { code: answer.error.code }));
      });
    const onError = (error: Error) => settle(() => reject(error));
    const onExit = (code: number) => settle(() => reject(new Error(`The thread of the store's jobs ended (${code}).`)));
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    worker.postMessage(job);
  });
}

/** Between threads a Buffer becomes a plain array of bytes. */
function withBuffers(result: JobResult): JobResult {
  const tables = result.tables.map(withBufferKeys);
  return result.kind === 'flush'
    ? { ...result, tables }
    : { ...result, tables, upTo: result.upTo && asBuffer(result.upTo) };
}

function withBufferKeys(table: TableSummary): TableSummary {
  return { ...table, first: asBuffer(table.first), last: asBuffer(table.last) };
}
