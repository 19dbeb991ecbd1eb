import type { Job } from '../load/job.ts';
import { latencyMeasurement } from './measurement.ts';
import { Queue } from './queue.ts';
import { observe, type Scenario } from './scenario.ts';

type Load = { readonly kind: Job['kind']; readonly connections: number; readonly requestsPerSecond?: number };

function latency(name: string, title: string, load: Load): Scenario {
  return {
    name,
    title,
    kind: 'latency',
    run: async (bench) => {
      const queue = await Queue.create(bench.running);
      const measureMilliseconds = bench.timing.seconds * 1000;
      const observed = await observe(bench, { ...load, queueUrl: queue.url, bodyBytes: 1024, measureMilliseconds });
      await queue.verify(observed.result.totals);
      await queue.delete();
      return latencyMeasurement(observed);
    },
  };
}

/** The rates are far below what any server here can do, so the figures show a server at work, not one in a jam. */
export const latencyScenarios: readonly Scenario[] = [
  latency('latency-1', 'Latency of send at 200 requests/s, 1 connection', {
    kind: 'pacedSend',
    connections: 1,
    requestsPerSecond: 200,
  }),
  latency('latency-16', 'Latency of send at 1,000 requests/s, 16 connections', {
    kind: 'pacedSend',
    connections: 16,
    requestsPerSecond: 1_000,
  }),
  latency('wake-up', 'Long-poll wake-up: start of the send to the whole answer of the receiver', {
    kind: 'wakeUp',
    connections: 2,
  }),
];
