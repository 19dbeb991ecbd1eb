import fc from 'fast-check';
import { expect, it } from 'vitest';
import { edgeLimits } from '../../limits.ts';
import { isTooComplex } from './size.ts';

const { jsonDepthMax, jsonValuesMax } = edgeLimits;
const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

it.each([
  ['the deepest', nested(jsonDepthMax), false],
  ['one deeper', nested(jsonDepthMax + 1), true],
  ['objects and arrays', `${'{"a":['.repeat(jsonDepthMax / 2 + 1)}1`, true],
  ['many side by side', `[${'[],'.repeat(1000)}[]]`, false],
  ['the most values', `[${'1,'.repeat(jsonValuesMax - 1)}1]`, false],
  ['one value more', `[${'1,'.repeat(jsonValuesMax)}1]`, true],
  ['brackets in a string', JSON.stringify({ a: '[{,'.repeat(jsonValuesMax) }), false],
  ['brackets behind escaped quotes', JSON.stringify({ a: '"[\\'.repeat(jsonDepthMax * 2) }), false],
  ['brackets behind a string that ends with a backslash', `["\\\\",${nested(jsonDepthMax)}]`, true],
  ['a string without an end', `"${'['.repeat(5000)}`, false],
])('%s', (_, text, expected) => {
  expect(isTooComplex(Buffer.from(text))).toBe(expected);
});

/** Depth and number of values as a parser finds them. */
function measured(value: unknown): { depth: number; values: number } {
  if (typeof value !== 'object' || value === null) return { depth: 0, values: 0 };
  const inside = Object.values(value).map(measured);
  const commas = Math.max(0, inside.length - 1);
  return {
    depth: 1 + Math.max(0, ...inside.map(({ depth }) => depth)),
    values: 1 + commas + inside.reduce((sum, { values }) => sum + values, 0),
  };
}

it('agrees with a parser, whatever strings and shapes there are', () => {
  const property = fc.property(fc.jsonValue({ maxDepth: 6 }), fc.integer({ min: 490, max: 530 }), (value, wrap) => {
    const text = '['.repeat(wrap) + JSON.stringify(value) + ']'.repeat(wrap);
    const { depth, values } = measured(JSON.parse(text));
    const expected = depth > jsonDepthMax || values > jsonValuesMax;
    expect(isTooComplex(Buffer.from(text.padEnd(2000)))).toBe(expected);
  });
  fc.assert(property, { numRuns: 300 });
});
