import type { Generators } from '../load/generators.ts';
import type { Job, JobResult } from '../load/job.ts';
import type { RunningServer } from '../servers/launch.ts';
import { processorSeconds } from '../usage.ts';

export type Timing = { readonly warmUpSeconds: number; readonly seconds: number };

export type Bench = { readonly running: RunningServer; readonly generators: Generators; readonly timing: Timing };

/** One run of one scenario on one server. Shares are of one core: 1.4 is a core and two fifths. */
export type Measurement = {
  readonly kind: 'rate' | 'latency';
  readonly messagesPerSecond: number;
  readonly generatorShare: number;
  readonly serverShare: number | undefined;
  readonly p50Milliseconds: number | undefined;
  readonly p99Milliseconds: number | undefined;
  readonly samples: number;
};

export type Scenario = {
  readonly name: string;
  readonly title: string;
  readonly kind: Measurement['kind'];
  run(bench: Bench): Promise<Measurement>;
};

export type Observed = { readonly result: JobResult; readonly serverShare: number | undefined };

/** Runs a job and looks at the server's processor time when the measured window opens and closes. */
export async function observe(bench: Bench, job: Omit<Job, 'port' | 'warmUpMilliseconds'>): Promise<Observed> {
  const { running, generators, timing } = bench;
  let before: number | undefined;
  let after: number | undefined;
  const whole: Job = { ...job, port: running.port, warmUpMilliseconds: timing.warmUpSeconds * 1000 };
  const result = await generators.run(whole, {
    measuring: () => {
      before = processorSeconds(running.pid);
    },
    measured: () => {
      after = processorSeconds(running.pid);
    },
  });
  const known = before !== undefined && after !== undefined;
  const serverShare = known ? ((after ?? 0) - (before ?? 0)) / (result.windowMilliseconds / 1000) : undefined;
  return { result, serverShare };
}
