import { expect, test } from 'vitest';
import { shareOf, windowLimits } from './limits.ts';

test('a share of a share is still worth a receive of ten, and both are made once', () => {
  const share = shareOf(windowLimits);
  const least = shareOf(share);
  expect(share).toEqual({
    ...windowLimits,
    windowMessages: 256,
    windowBytes: 128 * 1024,
    pageMessages: 64,
    pageBytes: 64 * 1024,
    pageAhead: 8,
  });
  expect(least).toEqual({
    ...windowLimits,
    windowMessages: 16,
    windowBytes: 8 * 1024,
    pageMessages: 4,
    pageBytes: 4 * 1024,
    pageAhead: 1,
  });
  expect(shareOf(windowLimits)).toBe(share);
  expect(shareOf(share)).toBe(least);
});
