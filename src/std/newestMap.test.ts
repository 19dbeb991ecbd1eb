import { expect, it } from 'vitest';
import { NewestMap } from './newestMap.ts';

it('forgets what was added longest ago, however often it was asked for', () => {
  const map = new NewestMap<string, number>(2);
  map.set('a', 1);
  map.set('b', 2);
  map.get('a');
  map.set('c', 3);
  expect(['a', 'b', 'c'].map((key) => map.get(key))).toEqual([undefined, 2, 3]);
});

it('counts what is added again as new, and only once', () => {
  const map = new NewestMap<string, number>(2);
  map.set('a', 1);
  map.set('b', 2);
  map.set('a', 3);
  expect(map.get('b')).toBe(2);
  map.set('c', 4);
  expect(['a', 'b', 'c'].map((key) => map.get(key))).toEqual([3, undefined, 4]);
});

it('forgets what it is told to', () => {
  const map = new NewestMap<string, number>(2);
  map.set('a', 1);
  map.delete('a');
  expect(map.get('a')).toBeUndefined();
  map.set('b', 2);
  map.clear();
  expect(map.get('b')).toBeUndefined();
});
