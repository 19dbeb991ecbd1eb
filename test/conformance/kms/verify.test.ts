import { SignCommand } from '@aws-sdk/client-kms';
import { describe, it } from 'vitest';
import { base64 } from './jsonCall.ts';
import { refusesAbsentKeys, refusesDisabledKeys } from './keyRefusals.ts';
import { curveKey, dryRun, kms, newKey, plaintext, refused, rsaKey, validation, wrongUsage } from './target.ts';

const invalidSignature = { code: 'KMSInvalidSignatureException', message: '' };
const Message = base64(plaintext);

const kinds = [
  ['RSA_2048', 'RSASSA_PSS_SHA_256'],
  ['RSA_2048', 'RSASSA_PKCS1_V1_5_SHA_256'],
  ['ECC_NIST_P256', 'ECDSA_SHA_256'],
  ['ECC_SECG_P256K1', 'ECDSA_SHA_256'],
] as const;

describe('Verify refuses', () => {
  it.each(kinds)(
    'with %s by %s what was not signed [aws: verify rejects a signature that does not match]',
    async (KeySpec, SigningAlgorithm) => {
      const { KeyId } = await newKey({ KeySpec, KeyUsage: 'SIGN_VERIFY' });
      const { Signature = new Uint8Array() } = await kms().send(
        new SignCommand({ KeyId, Message: plaintext, SigningAlgorithm }),
      );
      const input = { KeyId, Message, Signature: base64(Signature), SigningAlgorithm };
      await refused('Verify', { ...input, Message: base64('another') }, invalidSignature);
      for (const wrong of [Buffer.alloc(1, 1), Buffer.alloc(6144, 97), Buffer.alloc(Signature.length)]) {
        await refused('Verify', { ...input, Signature: base64(wrong) }, invalidSignature);
        const digest = { Message: base64(Buffer.alloc(32)), MessageType: 'DIGEST' };
        await refused('Verify', { ...input, ...digest, Signature: base64(wrong) }, invalidSignature);
      }
      await refused('Verify', { ...input, DryRun: true }, dryRun);
    },
  );

  it('a digest of the wrong length [aws: sign and verify reject a digest of the wrong length]', async () => {
    const { KeyId } = await curveKey();
    const wrong = { Message: base64(Buffer.alloc(20)), MessageType: 'DIGEST', Signature: 'AAAA' };
    const message = 'Digest is invalid length for algorithm ECDSA_SHA_256.';
    await refused('Verify', { KeyId, SigningAlgorithm: 'ECDSA_SHA_256', ...wrong }, validation(message));
  });

  it('keys that are for something else [aws: error messaging for invalid keys]', async () => {
    for (const key of [await newKey(), await rsaKey('ENCRYPT_DECRYPT')]) {
      const input = { KeyId: key.KeyId, Message, Signature: 'AAAA', SigningAlgorithm: 'RSASSA_PSS_SHA_256' };
      await refused('Verify', input, wrongUsage(key, 'Verify'));
    }
  });

  const inputFor = (KeyId: string) => ({ KeyId, Message, Signature: 'AAAA', SigningAlgorithm: 'ECDSA_SHA_256' });
  refusesAbsentKeys('Verify', inputFor);
  refusesDisabledKeys('Verify', inputFor, curveKey);
});
