import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { edgeLimits } from './limits.ts';

/** A limit as the page writes it, with the unit of its name. */
function written(name: string, value: number): string {
  if (value === Number.POSITIVE_INFINITY) return 'unlimited';
  if (name.endsWith('Ms')) return `${value / 1000} s`;
  if (!name.endsWith('Bytes')) return value.toLocaleString('en-US');
  const power = Math.floor(Math.log2(value) / 10);
  return `${value / 1024 ** power} ${['bytes', 'KiB', 'MiB', 'GiB'][power]}`;
}

it('are all on their page, with the figures that hold', () => {
  const page = readFileSync(new URL('../../docs/reference/limits.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\|[^|]+\| `(\w+)` +\| ([^|]+?) +\|/gm)].map(([, name, figure]) => [name, figure]);
  expect(rows.length).toBeGreaterThan(15);
  const figures = Object.entries(edgeLimits).map(([name, value]) => [name, written(name, value)]);
  expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(figures));
});
