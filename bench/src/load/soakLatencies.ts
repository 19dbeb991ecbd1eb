import { build } from 'hdr-histogram-js';

/** Microseconds, up to an hour, each true to a hundredth of itself. */
const bounds = {
  lowestDiscernibleValue: 1,
  highestTrackableValue: 3_600_000_000,
  numberOfSignificantValueDigits: 2,
} as const;

export type Percentiles = {
  readonly p50Milliseconds: number;
  readonly p99Milliseconds: number;
  readonly longestMilliseconds: number;
};

/** Latencies of any number of sends, in the same memory. */
export class SoakLatencies {
  readonly #histogram = build(bounds);

  record(milliseconds: number): void {
    this.#histogram.recordValue(Math.min(Math.max(1, Math.round(milliseconds * 1000)), bounds.highestTrackableValue));
  }

  get percentiles(): Percentiles {
    const at = (percentile: number): number => this.#histogram.getValueAtPercentile(percentile) / 1000;
    return { p50Milliseconds: at(50), p99Milliseconds: at(99), longestMilliseconds: this.#histogram.maxValue / 1000 };
  }
}
