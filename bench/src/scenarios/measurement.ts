import { histogramOf } from '../histogram.ts';
import type { JobResult } from '../load/job.ts';
import { quantile } from '../statistics.ts';
import type { Measurement, Observed } from './scenario.ts';

export function rateMeasurement(observed: Observed): Measurement {
  if (observed.result.messages === 0) throw new Error('not a single message within the measured time');
  return { ...shares(observed), kind: 'rate', p50Milliseconds: undefined, p99Milliseconds: undefined };
}

export function latencyMeasurement(observed: Observed): Measurement {
  const { samples } = observed.result;
  if (samples.length === 0) throw new Error('not a single sample');
  return {
    ...shares(observed),
    kind: 'latency',
    p50Milliseconds: quantile(samples, 0.5),
    p99Milliseconds: quantile(samples, 0.99),
    p999Milliseconds: quantile(samples, 0.999),
    longestMilliseconds: quantile(samples, 1),
    histogram: histogramOf(samples),
  };
}

/** How long messages lay in a queue that several tenants share. */
export function dwellMeasurement(observed: Observed): Measurement {
  const { noisySamples, totals } = observed.result;
  const noisy = {
    p50Milliseconds: quantile(noisySamples, 0.5),
    p99Milliseconds: quantile(noisySamples, 0.99),
    samples: noisySamples.length,
  };
  return {
    ...latencyMeasurement(observed),
    kind: 'dwell',
    ...(noisySamples.length > 0 && { noisy }),
    sent: totals.sent,
    received: totals.received,
  };
}

export function messagesPerSecond(result: JobResult): number {
  return result.messages / (result.windowMilliseconds / 1000);
}

function shares({ result, serverShare, processShares }: Observed) {
  return {
    messagesPerSecond: messagesPerSecond(result),
    generatorShare: result.generatorProcessorMilliseconds / result.windowMilliseconds,
    serverShare,
    ...(processShares !== undefined && { processShares }),
    samples: result.samples.length,
  };
}
