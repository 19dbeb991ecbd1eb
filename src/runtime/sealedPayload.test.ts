import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SplitBytes } from '#std/splitBytes';
import { DataKey, dataKeyIdOf, isSealed, newDataKeyId, sealedPayloadBytes } from './sealedPayload.ts';

const newKey = () => new DataKey(newDataKeyId(), randomBytes(32));

test('what was sealed comes back, with the same binding only', () => {
  const key = newKey();
  const binding = fc.option(fc.string(), { nil: undefined });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 5_000 }), binding, fc.string(), (plain, bound, other) => {
      const sealed = key.seal(plain, bound);
      expect(sealed.length).toBe(plain.length + sealedPayloadBytes);
      expect(isSealed(sealed)).toBe(true);
      expect(dataKeyIdOf(sealed)).toBe(key.id.toString('hex'));
      expect(key.open(new Uint8Array(sealed), bound)).toEqual(Buffer.from(plain));
      const split = new SplitBytes(plain.subarray(0, 9), plain.subarray(9));
      expect(isSealed(split)).toBe(false);
      expect(key.open(key.seal(split, bound), bound)).toEqual(Buffer.from(plain));
      if (other !== (bound ?? '')) expect(() => key.open(sealed, other)).toThrow('changed');
    }),
  );
});

test('a changed byte, a cut end and another key do not open it', () => {
  const key = newKey();
  const sealed = key.seal(Buffer.from('secret'));
  // The id of the key says which one it is; another key, even of that id, does not open it.
  for (let at = 0; at < sealed.length; at += 1) {
    if (at >= 1 && at <= 12) continue;
    const changed = Buffer.from(sealed);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(() => key.open(changed)).toThrow('changed');
  }
  for (let length = 0; length < sealed.length; length += 1) {
    expect(() => key.open(sealed.subarray(0, length))).toThrow('changed');
  }
  expect(() => new DataKey(key.id, randomBytes(32)).open(sealed)).toThrow('changed');
});

test('no two are alike, however many are drawn', () => {
  const key = newKey();
  const nonces = Array.from({ length: 1_000 }, () => key.seal(Buffer.alloc(0)).toString('hex', 13, 25));
  expect(new Set(nonces).size).toBe(1_000);
});
