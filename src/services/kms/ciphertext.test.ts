import { randomBytes, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decryptSymmetric, encryptSymmetric, readHead } from './ciphertext.ts';
import { canonicalContext } from './encryptionContext.ts';

const head = { keyId: randomUUID(), accountId: '000000000012', region: 'eu-west-1', materialVersion: 7 };
const material = randomBytes(32);
const plain = Buffer.from('attack at dawn');

describe('a symmetric ciphertext', () => {
  it('names its key', () => {
    expect(readHead(encryptSymmetric(material, head, plain))).toEqual(head);
  });

  it('opens with its material and its context only', () => {
    const ciphertext = encryptSymmetric(material, head, plain, { a: 'b' });
    expect(decryptSymmetric(material, ciphertext, { a: 'b' })).toEqual(plain);
    expect(decryptSymmetric(material, ciphertext)).toBeUndefined();
    expect(decryptSymmetric(randomBytes(32), ciphertext, { a: 'b' })).toBeUndefined();
  });

  it('does not open once any bit has changed', () => {
    const ciphertext = encryptSymmetric(material, head, plain);
    for (let bit = 0; bit < ciphertext.length * 8; bit++) {
      const changed = Buffer.from(ciphertext);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(decryptSymmetric(material, changed)).toBeUndefined();
    }
  });

  it('is never mistaken for one', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, looksRight) => {
        const given = looksRight ? Buffer.concat([Buffer.of(1), bytes]) : bytes;
        expect(decryptSymmetric(material, given)).toBeUndefined();
      }),
      { numRuns: 2000 },
    );
  });
});

describe('the canonical form of encryption contexts', () => {
  const contexts = fc.dictionary(fc.string(), fc.string());

  it('is the same for the same pairs, and another for others', () => {
    fc.assert(
      fc.property(contexts, contexts, (one, other) => {
        const reversed = Object.fromEntries(Object.entries(one).reverse());
        expect(canonicalContext(reversed)).toBe(canonicalContext(one));
        const isSame = JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort());
        expect(canonicalContext(one) === canonicalContext(other)).toBe(isSame);
      }),
    );
  });

  it('takes none for an empty one', () => {
    expect(canonicalContext()).toBe(canonicalContext({}));
  });
});
