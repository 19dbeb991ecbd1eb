import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GivenPlain, hasControlBytes, hasPlainTexts } from './plainTexts.ts';

test('control bytes are found wherever they are, and nothing else is taken for one', () => {
  const byte = fc.oneof(
    { weight: 30, arbitrary: fc.integer({ min: 0x20, max: 0xff }) },
    fc.integer({ max: 0xff, min: 0 }),
  );
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 40 }), fc.nat({ max: 7 }), (values, start) => {
      // Before and behind it are control bytes, which are not looked at.
      const bytes = Buffer.alloc(start + values.length + 8).subarray(start, start + values.length);
      bytes.set(values);
      expect(hasControlBytes(bytes)).toBe(values.some((each) => each < 0x20));
    }),
    { numRuns: 5000 },
  );
});

test('an object that was given is marked as plain, its copies are not, and nobody sees the mark', () => {
  const given = Object.assign(new GivenPlain(), { text: 'plain' });
  expect(hasPlainTexts(given)).toBe(true);
  expect(hasPlainTexts({ ...given })).toBe(false);
  expect(hasPlainTexts(Object.assign({}, given))).toBe(false);
  expect(Reflect.ownKeys(given)).toEqual(['text']);
});
