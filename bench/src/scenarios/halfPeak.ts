import { latencyMeasurement, messagesPerSecond } from './measurement.ts';
import { Queue } from './queue.ts';
import { type Bench, type Measurement, observe, type Scenario } from './scenario.ts';

const connections = 64;
const shareOfPeak = 0.5;
const messageBytes = 1024;
/** A percentile such as the 99.9th takes some thousand samples, and a server's slow moments come seconds apart. */
const leastSeconds = 5;

/** Each server at half of its own peak, found right before: a busy server with room to spare, whichever machine it is. */
export const halfPeak: Scenario = {
  name: 'half-peak',
  title: 'Latency of send at half of the peak rate, 64 connections',
  kind: 'latency',
  run: async (bench) => {
    const peakPerSecond = await peak(bench);
    const queue = await Queue.create(bench.running);
    const observed = await observe(bench, {
      kind: 'pacedSend',
      connections,
      requestsPerSecond: peakPerSecond * shareOfPeak,
      queueUrl: queue.url,
      bodyBytes: messageBytes,
      measureMilliseconds: Math.max(leastSeconds, bench.timing.seconds) * 1000,
    });
    await queue.verify(observed.result.totals);
    await queue.delete();
    const measurement: Measurement = { ...latencyMeasurement(observed), peakPerSecond };
    return measurement;
  },
};

async function peak(bench: Bench): Promise<number> {
  const queue = await Queue.create(bench.running);
  const measureMilliseconds = bench.timing.seconds * 1000;
  const load = {
    kind: 'send',
    connections,
    queueUrl: queue.url,
    bodyBytes: messageBytes,
    measureMilliseconds,
  } as const;
  const { result } = await observe(bench, load);
  await queue.verify(result.totals);
  await queue.delete();
  return messagesPerSecond(result);
}
