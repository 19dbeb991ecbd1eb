import { expect, test } from 'vitest';
import { keyOf, numbersOf, tableOf } from '../../../test/simulation/tableSummaries.ts';
import { overlapping, withFlushed } from './runs.ts';

test('a table sinks to the oldest run that it does not overlap', () => {
  let runs = withFlushed([], [tableOf(1, 10, 20)]);
  runs = withFlushed(runs, [tableOf(2, 30, 40)]);
  expect(numbersOf(runs)).toEqual([[1, 2]]);
  runs = withFlushed(runs, [tableOf(3, 15, 35)]);
  runs = withFlushed(runs, [tableOf(4, 5, 8), tableOf(5, 21, 29), tableOf(6, 50, 60)]);
  // The one in the middle overlaps a table that overlaps others.
  expect(numbersOf(runs)).toEqual([[5], [3], [4, 1, 2, 6]]);
});

test('a table that has only tombstones goes once it hides nothing', () => {
  const runs = withFlushed([], [tableOf(1, 10, 20)]);
  expect(numbersOf(withFlushed(runs, [tableOf(2, 30, 40, 10)]))).toEqual([[1]]);
  expect(numbersOf(withFlushed(runs, [tableOf(2, 15, 40, 10)]))).toEqual([[2], [1]]);
  expect(numbersOf(withFlushed(runs, [tableOf(2, 30, 40, 9)]))).toEqual([[1, 2]]);
});

test('a table overlaps what shares a key with it, both ends included', () => {
  const run = [
    { summary: tableOf(1, 10, 20) },
    { summary: tableOf(2, 30, 40), from: keyOf(35) },
    { summary: tableOf(3, 50, 60) },
  ];
  const found = (first: number, last: number) =>
    overlapping(run, keyOf(first), keyOf(last)).map(({ summary }) => summary.number);
  expect([
    found(0, 9),
    found(0, 10),
    found(20, 34),
    found(21, 34),
    found(21, 35),
    found(40, 50),
    found(61, 70),
  ]).toEqual([[], [1], [1], [], [2], [2, 3], []]);
});
