import { createHash } from 'node:crypto';
import {
  DisableKeyCommand,
  type KeySpec,
  SignCommand,
  type SigningAlgorithmSpec,
  VerifyCommand,
} from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { base64 } from './jsonCall.ts';
import { refusesAbsentKeys, refusesDisabledKeys, refusesDoomedKeys } from './keyRefusals.ts';
import {
  curveKey,
  doomedKey,
  dryRun,
  kms,
  macKey,
  newKey,
  plaintext,
  refused,
  rsaKey,
  validation,
  wrongUsage,
} from './target.ts';

const every: [KeySpec, SigningAlgorithmSpec][] = [
  ['RSA_2048', 'RSASSA_PSS_SHA_256'],
  ['RSA_2048', 'RSASSA_PSS_SHA_384'],
  ['RSA_2048', 'RSASSA_PSS_SHA_512'],
  ['RSA_2048', 'RSASSA_PKCS1_V1_5_SHA_256'],
  ['RSA_2048', 'RSASSA_PKCS1_V1_5_SHA_384'],
  ['RSA_2048', 'RSASSA_PKCS1_V1_5_SHA_512'],
  ['ECC_NIST_P256', 'ECDSA_SHA_256'],
  ['ECC_NIST_P384', 'ECDSA_SHA_384'],
  ['ECC_NIST_P521', 'ECDSA_SHA_512'],
  ['ECC_SECG_P256K1', 'ECDSA_SHA_256'],
];

const digestOf = (algorithm: string) =>
  createHash(`sha${algorithm.slice(-3)}`)
    .update(plaintext)
    .digest();

describe('Sign', () => {
  it.each(every)(
    'signs with %s by %s, messages and digests alike [aws: sign verify]',
    async (KeySpec, SigningAlgorithm) => {
      const { KeyId, Arn } = await newKey({ KeySpec, KeyUsage: 'SIGN_VERIFY' });
      const raw = { KeyId, Message: plaintext, SigningAlgorithm };
      const digest = { ...raw, Message: digestOf(SigningAlgorithm), MessageType: 'DIGEST' as const };
      for (const signed of [raw, digest]) {
        const { Signature, ...answer } = await kms().send(new SignCommand(signed));
        expect(answer).toMatchObject({ KeyId: Arn, SigningAlgorithm });
        for (const checked of [raw, digest]) {
          const verified = await kms().send(new VerifyCommand({ ...checked, Signature }));
          expect(verified).toMatchObject({ KeyId: Arn, SigningAlgorithm, SignatureValid: true });
        }
      }
    },
  );
});

describe('Sign refuses', () => {
  const Message = base64(plaintext);

  it.each([
    ['ECC_NIST_P256', 'ECDSA_SHA_384'],
    ['ECC_NIST_P256', 'RSASSA_PSS_SHA_256'],
    ['RSA_2048', 'ECDSA_SHA_256'],
  ] as const)(
    'with %s the algorithm %s, whatever the digest [aws: sign and verify reject an algorithm]',
    async (KeySpec, SigningAlgorithm) => {
      const { KeyId } = await newKey({ KeySpec, KeyUsage: 'SIGN_VERIFY' });
      const message = `Algorithm ${SigningAlgorithm} is incompatible with key spec ${KeySpec}.`;
      const input = { KeyId, Message, MessageType: 'DIGEST', SigningAlgorithm };
      await refused('Sign', input, { code: 'InvalidKeyUsageException', message });
    },
  );

  it.each([
    ['ECC_NIST_P256', 'ECDSA_SHA_256', 20],
    ['RSA_2048', 'RSASSA_PSS_SHA_384', 32],
    ['RSA_2048', 'RSASSA_PKCS1_V1_5_SHA_384', 64],
  ] as const)(
    'with %s by %s a digest of %d bytes [aws: sign and verify reject a digest of the wrong length]',
    async (KeySpec, SigningAlgorithm, length) => {
      const { KeyId } = await newKey({ KeySpec, KeyUsage: 'SIGN_VERIFY' });
      const input = { KeyId, Message: base64(Buffer.alloc(length)), MessageType: 'DIGEST', SigningAlgorithm };
      await refused('Sign', input, validation(`Digest is invalid length for algorithm ${SigningAlgorithm}.`));
    },
  );

  it('keys that are for something else, before their state [aws: key usage is checked before the key state]', async () => {
    for (const key of [await macKey(), await newKey(), await rsaKey('ENCRYPT_DECRYPT')]) {
      await kms().send(new DisableKeyCommand({ KeyId: key.KeyId }));
      const input = { KeyId: key.KeyId, Message, SigningAlgorithm: 'ECDSA_SHA_256' };
      await refused('Sign', input, wrongUsage(key, 'Sign'));
    }
  });

  it('dry runs [model: SignRequest.DryRun]', async () => {
    const { KeyId } = await curveKey();
    await refused('Sign', { KeyId, Message, SigningAlgorithm: 'ECDSA_SHA_256', DryRun: true }, dryRun);
  });

  // The state comes before the algorithm.
  const inputFor = (KeyId: string) => ({ KeyId, Message, SigningAlgorithm: 'ECDSA_SHA_384' });
  refusesAbsentKeys('Sign', inputFor);
  refusesDisabledKeys('Sign', inputFor, curveKey);
  refusesDoomedKeys('Sign', inputFor, () => doomedKey({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' }));
});
