import { build, decodeFromCompressedBase64, encodeIntoCompressedBase64 } from 'hdr-histogram-js';

/** Microseconds, up to an hour, each true to a thousandth of itself. */
const bounds = {
  lowestDiscernibleValue: 1,
  highestTrackableValue: 3_600_000_000,
  numberOfSignificantValueDigits: 3,
} as const;

export type CurvePoint = { readonly percentile: number; readonly milliseconds: number };

/** Closer and closer to 100, as it is the last few that matter. */
const percentiles = [0, 10, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99, 99.999];

/** 1 - 0.999 is not quite a thousandth. */
const rounding = 1e-6;

/** What these latencies look like, in the form that all HdrHistogram tools read. */
export function histogramOf(milliseconds: Iterable<number>): string {
  const histogram = build(bounds);
  for (const one of milliseconds) {
    histogram.recordValue(Math.min(Math.max(1, Math.round(one * 1000)), bounds.highestTrackableValue));
  }
  return encodeIntoCompressedBase64(histogram);
}

/** The percentiles of several runs together, as far as their samples reach: each of them must have one sample beyond it. */
export function curveOf(histograms: readonly string[]): CurvePoint[] {
  const all = build(bounds);
  for (const one of histograms) all.add(decodeFromCompressedBase64(one));
  return percentiles
    .filter((percentile) => all.totalCount * (1 - percentile / 100) >= 1 - rounding)
    .map((percentile) => ({ percentile, milliseconds: all.getValueAtPercentile(percentile) / 1000 }));
}
