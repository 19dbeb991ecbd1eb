import fc from 'fast-check';
import { expect, it } from 'vitest';
import { GlobBuilder, globOf, matchesGlob } from './glob.ts';

const letters = (...of: string[]): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...of), { maxLength: 12 }).map((parts) => parts.join(''));

function arnGlob(pattern: string): ReturnType<typeof globOf> {
  const builder = new GlobBuilder(true);
  builder.pattern(pattern, true);
  return builder.take();
}

/** Regular expressions try every way too. */
function arnExpression(pattern: string): RegExp {
  let colons = 0;
  const source = [...pattern].map((character, at) => {
    const next = pattern[at + 1];
    const isFree = colons >= 5;
    if (character === ':') colons++;
    if (character === '*') return isFree || next === ':' || next === undefined ? '[^]*' : '[^:]*';
    return character === '?' ? (isFree ? '[^]' : '[^:]') : character;
  });
  return new RegExp(`^${source.join('')}$`);
}

it('matches what a regular expression does', () => {
  fc.assert(
    fc.property(letters('a', 'b', '*', '?', '*'), letters('a', 'b'), (pattern, text) => {
      const expected = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(text);
      expect(matchesGlob(globOf(pattern), text)).toBe(expected);
    }),
    { numRuns: 20_000 },
  );
});

it('keeps wildcards within the segments of an ARN', () => {
  fc.assert(
    fc.property(letters('a', 'b', ':', '*', '?', ':', '*'), letters('a', 'b', ':', ':'), (pattern, text) => {
      expect(matchesGlob(arnGlob(pattern), text)).toBe(arnExpression(pattern).test(text));
    }),
    { numRuns: 40_000 },
  );
});

it('takes a pattern of many wildcards in its stride', () => {
  const steps = matchesGlob(globOf('*a'.repeat(2000)), 'a'.repeat(1999));
  expect(steps).toBe(false);
  expect(matchesGlob(arnGlob(`${'*a'.repeat(500)}b`), 'a'.repeat(2000))).toBe(false);
});
