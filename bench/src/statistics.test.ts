import { expect, test } from 'vitest';
import { median, quantile, spread } from './statistics.ts';

test('a quantile is the nearest rank, never an interpolation', () => {
  const hundred = Float64Array.from({ length: 100 }, (_, index) => index + 1);
  expect(quantile(hundred, 0.5)).toBe(50);
  expect(quantile(hundred, 0.99)).toBe(99);
  expect(quantile([7], 0.99)).toBe(7);
  expect(quantile([], 0.5)).toBeNaN();
});

test('the median of an even number of rounds lies between the two in the middle', () => {
  expect(median([4, 1, 3])).toBe(3);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(spread([5, 1, 3])).toEqual({ median: 3, min: 1, max: 5 });
});
