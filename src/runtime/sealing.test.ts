import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createSealer, SealBroken, sealBytes } from './sealing.ts';

const plain = Buffer.from('the secret');

describe('a sealer', () => {
  const sealer = createSealer(randomBytes(32));

  it.each([0, 1, 16, 4096])('opens what it has sealed, %i bytes', (length) => {
    const bytes = randomBytes(length);
    const sealed = sealer.seal(bytes, 'context');
    expect(sealed.length).toBe(length + sealBytes);
    expect(sealer.open(sealed, 'context')).toEqual(bytes);
  });

  it('never gives the same bytes twice, and never the secret', () => {
    const sealed = sealer.seal(plain, 'context');
    expect(sealer.seal(plain, 'context')).not.toEqual(sealed);
    expect(sealed.includes(plain)).toBe(false);
  });

  it('refuses every flipped bit', () => {
    const sealed = sealer.seal(plain, 'context');
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const tampered = Buffer.from(sealed);
      tampered[bit >> 3] = (tampered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => sealer.open(tampered, 'context')).toThrow(SealBroken);
    }
  });

  it('refuses every shortened or lengthened one', () => {
    const sealed = sealer.seal(plain, 'context');
    for (let length = 0; length < sealed.length; length++) {
      expect(() => sealer.open(sealed.subarray(0, length), 'context')).toThrow(SealBroken);
    }
    expect(() => sealer.open(Buffer.concat([sealed, Buffer.of(0)]), 'context')).toThrow(SealBroken);
  });

  it('refuses another context, and another key', () => {
    const sealed = sealer.seal(plain, 'context');
    expect(() => sealer.open(sealed, 'contex')).toThrow(SealBroken);
    expect(() => createSealer(randomBytes(32)).open(sealed, 'context')).toThrow(SealBroken);
  });
});
