import { type ChildProcess, fork } from 'node:child_process';
import { program } from '../folders.ts';
import { hasEnded, stop, track } from '../processes.ts';
import type { GeneratorMessage, Job, JobResult } from './job.ts';

export type Observer = { measuring(): void; measured(): void };

/** The generator processes, which share a job's connections among them. */
export class Generators {
  readonly #count: number;
  #children: ChildProcess[] = [];

  constructor(count: number) {
    this.#count = count;
  }

  get count(): number {
    return this.#count;
  }

  async run(job: Job, observer?: Observer): Promise<JobResult> {
    const shares = share(job, this.#count);
    // A generator that is still winding down a failed job must not mix with the next one.
    const children = shares.map((_, index) => this.#child(index));
    const measuring = once(() => observer?.measuring());
    const measured = once(() => observer?.measured());
    const running = shares.map((part, index) => runOn(children[index] as ChildProcess, part, measuring, measured));
    try {
      return merge(await Promise.all(running));
    } catch (error) {
      await Promise.allSettled([...running, this.stop()]);
      throw error;
    }
  }

  async stop(): Promise<void> {
    const children = this.#children;
    this.#children = [];
    await Promise.all(children.map(stop));
  }

  #child(index: number): ChildProcess {
    const existing = this.#children[index];
    if (existing !== undefined && !hasEnded(existing)) return existing;
    const child = track(fork(program('load/generator.js'), { serialization: 'advanced' }));
    this.#children[index] = child;
    return child;
  }
}

function once(action: () => void): () => void {
  let done = false;
  return () => {
    if (!done) action();
    done = true;
  };
}

function runOn(child: ChildProcess, job: Job, measuring: () => void, measured: () => void): Promise<JobResult> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      child.off('message', hear);
      child.off('exit', ended);
    };
    const ended = (): void => {
      settle();
      reject(new Error('a generator process ended'));
    };
    const hear = (message: GeneratorMessage): void => {
      if (message.kind === 'measuring') measuring();
      else if (message.kind === 'measured') measured();
      else {
        settle();
        if (message.kind === 'done') resolve(message.result);
        else reject(new Error(message.reason));
      }
    };
    child.on('message', hear);
    child.on('exit', ended);
    child.send(job);
  });
}

function share(job: Job, processes: number): Job[] {
  const isOnePair = job.kind === 'wakeUp' || job.kind === 'tenants' || job.kind === 'publishBeside';
  const parts = isOnePair ? 1 : Math.min(processes, job.connections);
  const split = (whole: number, index: number): number =>
    Math.floor((whole * (index + 1)) / parts) - Math.floor((whole * index) / parts);
  return Array.from({ length: parts }, (_, index) => ({
    ...job,
    part: { index, of: parts },
    connections: split(job.connections, index),
    ...(job.messageLimit === undefined ? {} : { messageLimit: split(job.messageLimit, index) }),
    ...(job.requestsPerSecond === undefined ? {} : { requestsPerSecond: job.requestsPerSecond / parts }),
  }));
}

function merge(results: readonly JobResult[]): JobResult {
  const sum = (of: (result: JobResult) => number): number => results.reduce((total, result) => total + of(result), 0);
  return {
    totals: {
      sent: sum((result) => result.totals.sent),
      received: sum((result) => result.totals.received),
      deleted: sum((result) => result.totals.deleted),
      copies: sum((result) => result.totals.copies),
    },
    messages: sum((result) => result.messages),
    windowMilliseconds: Math.max(...results.map((result) => result.windowMilliseconds)),
    generatorProcessorMilliseconds: sum((result) => result.generatorProcessorMilliseconds),
    samples: sorted(results.map((result) => result.samples)),
    noisySamples: sorted(results.map((result) => result.noisySamples)),
  };
}

function sorted(parts: readonly Float64Array[]): Float64Array {
  return Float64Array.from(parts.flatMap((part) => [...part])).sort();
}
