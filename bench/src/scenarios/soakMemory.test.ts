import { expect, test } from 'vitest';
import { type MemorySample, trendOf } from './soakMemory.ts';

const mebibyte = 2 ** 20;

/** A sample every 10 s for half an hour. */
function samplesOf(resident: (atSeconds: number) => number): MemorySample[] {
  return Array.from({ length: 180 }, (_, index) => ({
    atSeconds: index * 10,
    mainResident: resident(index * 10),
    mainAnonymous: 0,
    mainHeap: 0,
    workers: 0,
    workersResident: 0,
    workersAnonymous: 0,
    workersHeap: 0,
  }));
}

function trend(resident: (atSeconds: number) => number) {
  return trendOf('resident', samplesOf(resident), (sample) => sample.mainResident);
}

test('what fills in the first third, and what goes up and down, is flat', () => {
  const found = trend((at) => (Math.min(at, 600) * 0.2 + 100 + (at % 60) * 0.5) * mebibyte);
  expect(found?.isFlat).toBe(true);
});

test('a leak of 30 MiB an hour is none that a small process hides', () => {
  const found = trend((at) => (100 + (at * 30) / 3600) * mebibyte);
  expect(found?.isFlat).toBe(false);
  expect(Math.round((found?.bytesPerHour ?? 0) / mebibyte)).toBe(30);
});

test('a large process may move by a twentieth', () => {
  const grows = (perHour: number) => trend((at) => (1000 + (at * perHour) / 3600) * mebibyte)?.isFlat;
  expect(grows(100)).toBe(true);
  expect(grows(200)).toBe(false);
});

test('a figure that the system does not tell has no trend', () => {
  expect(
    trendOf(
      'heap',
      samplesOf(() => 1),
      (sample) => sample.mainHeap,
    ),
  ).toBeUndefined();
});
