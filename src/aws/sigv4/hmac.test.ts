import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HmacKey } from './hmac.ts';

test('is what Node makes, for any key and text, again and again', () => {
  const text = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('latin1'));
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.array(text, { minLength: 1, maxLength: 4 }), (key, texts) => {
      const hmac = new HmacKey(key);
      for (const each of texts) {
        expect(hmac.digest(each)).toBe(createHmac('sha256', key).update(each, 'latin1').digest('hex'));
      }
    }),
  );
});

test('a longer key is refused', () => {
  expect(() => new HmacKey(Buffer.alloc(65))).toThrow('not longer than a block');
});
