import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { verifyDigestEcdsa } from './ecdsaDigest.ts';
import { algorithmsOf, type KeySpecName, makeMaterial } from './keySpecs.ts';
import { checkMac, checkSignature, makeMac, makeSignature } from './signatures.ts';

const specs = ['RSA_2048', 'RSA_3072', 'ECC_NIST_P256', 'ECC_NIST_P384', 'ECC_NIST_P521', 'ECC_SECG_P256K1'] as const;

function digestOf(algorithm: string, message: Uint8Array): Buffer {
  return createHash(`sha${algorithm.slice(-3)}`)
    .update(message)
    .digest();
}

async function pair(spec: KeySpecName) {
  const { secret, publicKey } = await makeMaterial(spec);
  if (publicKey === undefined) throw new Error('not a pair');
  return { secret, publicKey };
}

describe.each(specs)('%s', (spec) => {
  const made = pair(spec);

  it.each(algorithmsOf(spec, 'SIGN_VERIFY'))(
    '%s: messages and their digests have the same signatures',
    async (algorithm) => {
      const { secret, publicKey } = await made;
      for (let round = 0; round < 5; round++) {
        const message = randomBytes(1 + round * 50);
        const raw = { algorithm, message, isDigest: false };
        const digest = { algorithm, message: digestOf(algorithm, message), isDigest: true };
        for (const signed of [raw, digest]) {
          const signature = await makeSignature(secret, signed);
          for (const verified of [raw, digest]) {
            expect(await checkSignature(publicKey, verified, signature)).toBe(true);
          }
        }
      }
    },
  );

  it.each(algorithmsOf(spec, 'SIGN_VERIFY'))('%s: nothing that is changed verifies', async (algorithm) => {
    const { secret, publicKey } = await made;
    const digest = digestOf(algorithm, Buffer.from('message'));
    const signed = { algorithm, message: digest, isDigest: true };
    const signature = await makeSignature(secret, signed);
    const other = await pair(spec);
    expect(await checkSignature(other.publicKey, signed, signature)).toBe(false);
    expect(await checkSignature(publicKey, { ...signed, message: flip(digest, 9) }, signature)).toBe(false);
    const step = Math.ceil(signature.length / 24);
    for (let at = 0; at < signature.length; at += step) {
      expect(await checkSignature(publicKey, signed, flip(signature, at * 8))).toBe(false);
      expect(await checkSignature(publicKey, signed, signature.subarray(0, at))).toBe(false);
    }
    expect(await checkSignature(publicKey, signed, Buffer.concat([signature, Buffer.of(0)]))).toBe(false);
    expect(await checkSignature(publicKey, signed, Buffer.concat([Buffer.of(0), signature]))).toBe(false);
  });
});

describe('ECDSA over digests', () => {
  it('knows the signature of RFC 6979 A.2.5, P-256 with SHA-256 of "sample"', () => {
    const head = '3059301306072a8648ce3d020106082a8648ce3d03010703420004';
    const x = '60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6';
    const y = '7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299';
    const r = 'efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716';
    const s = 'f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8';
    const publicKey = Buffer.from(head + x + y, 'hex');
    const signature = Buffer.from(`3046022100${r}022100${s}`, 'hex');
    expect(verifyDigestEcdsa(publicKey, digestOf('_256', Buffer.from('sample')), signature)).toBe(true);
    expect(verifyDigestEcdsa(publicKey, digestOf('_256', Buffer.from('test')), signature)).toBe(false);
  });

  it.each(['', '30', '3000', '300602010002010', '3006020100020100', `3006020101020100`])(
    'refuses the signature %s',
    async (hex) => {
      const { publicKey } = await pair('ECC_NIST_P256');
      expect(verifyDigestEcdsa(publicKey, randomBytes(32), Buffer.from(hex, 'hex'))).toBe(false);
    },
  );
});

describe('MACs', () => {
  it('knows the one of RFC 4231, test case 2', () => {
    const mac = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843';
    const message = Buffer.from('what do ya want for nothing?');
    expect(makeMac(Buffer.from('Jefe'), 'HMAC_SHA_256', message).toString('hex')).toBe(mac);
    expect(checkMac(Buffer.from('Jefe'), 'HMAC_SHA_256', message, Buffer.from(mac, 'hex'))).toBe(true);
    expect(checkMac(Buffer.from('Jefe'), 'HMAC_SHA_256', message, Buffer.from(mac, 'hex').subarray(1))).toBe(false);
  });
});

function flip(bytes: Uint8Array, bit: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return changed;
}
