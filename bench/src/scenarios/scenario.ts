import type { Generators } from '../load/generators.ts';
import type { Job, JobResult } from '../load/job.ts';
import type { RunningServer } from '../servers/launch.ts';
import type { Need } from '../servers/server.ts';
import { processorByProcess } from '../usage.ts';

export type Timing = { readonly warmUpSeconds: number; readonly seconds: number };

export type Bench = { readonly running: RunningServer; readonly generators: Generators; readonly timing: Timing };

/** One run of one scenario on one server. Shares are of one core: 1.4 is a core and two fifths. */
export type Measurement = {
  readonly kind: 'rate' | 'latency' | 'dwell' | 'pause';
  readonly messagesPerSecond: number;
  /** Undefined where no generator is at work. */
  readonly generatorShare: number | undefined;
  readonly serverShare: number | undefined;
  /** The same of each of the server's processes, where it is several; the one that was started comes first. */
  readonly processShares?: readonly number[];
  readonly p50Milliseconds: number | undefined;
  readonly p99Milliseconds: number | undefined;
  readonly p999Milliseconds?: number;
  readonly samples: number;
  /** Latencies in microseconds, as an HdrHistogram writes itself: compressed, in base64. */
  readonly histogram?: string;
  /** Of a run at a share of the peak: the peak that was found right before. */
  readonly peakPerSecond?: number;
  /** Of a run with a noisy tenant: what its messages took; the percentiles above are those of the quiet ones. */
  readonly noisy?: { readonly p50Milliseconds: number; readonly p99Milliseconds: number; readonly samples: number };
  /** The request that took longest, where latencies are measured. */
  readonly longestMilliseconds?: number;
  readonly sent?: number;
  readonly received?: number;
};

export type Scenario = {
  readonly name: string;
  readonly title: string;
  readonly kind: Measurement['kind'];
  readonly needs?: Need;
  run(bench: Bench): Promise<Measurement>;
};

/** Scenarios that are held against the first of them: each server runs them one right after the other. */
export type Comparison = {
  readonly name: string;
  readonly title: string;
  readonly kind: Measurement['kind'];
  /** What a reader must know to read the rows. */
  readonly note: string;
  /** Heads the column of the ratios to the first line, where there is one. */
  readonly against?: string;
  /** What its rates count; messages unless given. */
  readonly counted?: string;
  readonly lines: readonly Scenario[];
};

export type Observed = {
  readonly result: JobResult;
  readonly serverShare: number | undefined;
  readonly processShares?: readonly number[];
};

/** Runs a job and looks at the server's processor time when the measured window opens and closes. */
export async function observe(bench: Bench, job: Omit<Job, 'port' | 'warmUpMilliseconds'>): Promise<Observed> {
  const { running, generators, timing } = bench;
  let before: ReadonlyMap<number, number> | undefined;
  let after: ReadonlyMap<number, number> | undefined;
  const signed = running.server.checksSignatures === true;
  const whole: Job = { ...job, port: running.port, signed, warmUpMilliseconds: timing.warmUpSeconds * 1000 };
  const result = await generators.run(whole, {
    measuring: () => {
      before = processorByProcess(running.pid);
    },
    measured: () => {
      after = processorByProcess(running.pid);
    },
  });
  if (before === undefined || after === undefined) return { result, serverShare: undefined };
  const processShares = sharesBetween(before, after, result.windowMilliseconds / 1000);
  const serverShare = processShares.reduce((sum, share) => sum + share, 0);
  return { result, serverShare, ...(processShares.length > 1 && { processShares }) };
}

function sharesBetween(before: ReadonlyMap<number, number>, after: ReadonlyMap<number, number>, seconds: number) {
  return [...after].map(([pid, used]) => (used - (before.get(pid) ?? 0)) / seconds);
}
