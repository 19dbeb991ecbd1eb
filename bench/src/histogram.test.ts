import { createRequire } from 'node:module';
import { expect, test } from 'vitest';

/** The bench's own packages are installed by the first run of the bench. */
function isInstalled(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false;
  }
}

const withPackage = test.skipIf(!isInstalled('hdr-histogram-js'));

withPackage('rounds add up to one curve, true to a thousandth', async () => {
  const { curveOf, histogramOf } = await import('./histogram.ts');
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

withPackage('a percentile that no sample lies beyond is left out', async () => {
  const { curveOf, histogramOf } = await import('./histogram.ts');
  const percentiles = curveOf([histogramOf([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])]).map((point) => point.percentile);
  expect(percentiles).toEqual([0, 10, 25, 50, 75, 90]);
});

withPackage('the same latencies give the same bytes', async () => {
  const { histogramOf } = await import('./histogram.ts');
  expect(histogramOf([0.2, 5, 70])).toBe(histogramOf([0.2, 5, 70]));
});
