import { expect, test } from 'vitest';
import { allRows, connectionCounts, operations, rowsNamed } from './rows.ts';

const names = (words: readonly string[] | undefined): string[] => rowsNamed(words).map(({ name }) => name);

test('every operation has a row for every number of connections, each of a name of its own', () => {
  expect(allRows).toHaveLength(operations.length * connectionCounts.length);
  expect(new Set(names(undefined)).size).toBe(allRows.length);
});

test('rows are meant by name, by operation or by number of connections', () => {
  expect(names(['send', 'drain-16'])).toEqual(['send-1', 'send-16', 'send-64', 'send-512', 'drain-16']);
  expect(names(['512'])).toEqual(operations.map(({ name }) => `${name}-512`));
});

test('a word that means no row is an error', () => {
  expect(() => rowsNamed(['send', 'sned'])).toThrow('sned');
});
