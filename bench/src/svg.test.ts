import { expect, test } from 'vitest';
import { element, escapeXml, marks } from './svg.ts';

test('what would end an attribute or begin an element is escaped', () => {
  expect(escapeXml('a < b & "c" > d')).toBe('a &lt; b &amp; &quot;c&quot; &gt; d');
  expect(element('rect', { fill: '"><script>' })).toBe('<rect fill="&quot;&gt;&lt;script&gt;"/>');
});

test('coordinates are rounded, so that they do not depend on the last bits', () => {
  expect(element('line', { x1: 0.1 + 0.2, x2: 5 })).toBe('<line x1="0.3" x2="5"/>');
});

test.each([
  [37_228, [0, 10_000, 20_000, 30_000, 40_000]],
  [4, [0, 1, 2, 3, 4]],
  [0.3, [0, 0.1, 0.2, 0.3]],
  [0, [0, 1]],
])('the marks of an axis up to %d are round and reach it', (most, expected) => {
  const found = marks(most);
  expect(found).toHaveLength(expected.length);
  for (const [index, mark] of found.entries()) expect(mark).toBeCloseTo(expected[index] ?? Number.NaN);
});
