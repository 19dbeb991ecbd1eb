import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isSameText } from './sameText.ts';

test('tells what === tells, of texts that are alike as well', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '\0', 'é'), maxLength: 5 });
  fc.assert(
    fc.property(text, text, text, (one, other, end) => {
      expect(isSameText(one, other)).toBe(one === other);
      expect(isSameText(one, one + end)).toBe(end === '');
      expect(isSameText(one + end, one)).toBe(end === '');
    }),
  );
});
