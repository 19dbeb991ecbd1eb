import { expect, test } from 'vitest';
import { curveOf, histogramOf } from './histogram.ts';

test('rounds add up to one curve, true to a thousandth', () => {
  const odd = histogramOf(Array.from({ length: 500 }, (_, index) => index * 2 + 1));
  const even = histogramOf(Array.from({ length: 500 }, (_, index) => index * 2 + 2));
  const curve = new Map(curveOf([odd, even]).map((point) => [point.percentile, point.milliseconds]));
  for (const [percentile, milliseconds] of [
    [50, 500],
    [99, 990],
    [99.9, 999],
  ] as const) {
    const found = curve.get(percentile) ?? Number.NaN;
    expect(Math.abs(found - milliseconds) / milliseconds).toBeLessThan(0.001);
  }
});

test('a percentile that no sample lies beyond is left out', async () => {
  const percentiles = curveOf([histogramOf([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])]).map((point) => point.percentile);
  expect(percentiles).toEqual([0, 10, 25, 50, 75, 90]);
});

test('the same latencies give the same bytes', async () => {
  const { histogramOf } = await import('./histogram.ts');
  expect(histogramOf([0.2, 5, 70])).toBe(histogramOf([0.2, 5, 70]));
});
