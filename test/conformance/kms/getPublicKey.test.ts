import { createPublicKey, verify } from 'node:crypto';
import { DisableKeyCommand, GetPublicKeyCommand, SignCommand } from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { refusesAbsentAliases, refusesAbsentKeys, refusesDoomedKeys } from './keyRefusals.ts';
import { curveKey, doomedKey, kms, macKey, newKey, plaintext, refused, rsaKey, unsupported } from './target.ts';

describe('GetPublicKey', () => {
  it('gives what verifies signatures elsewhere [model: GetPublicKey]', async () => {
    const { KeyId, Arn } = await curveKey();
    const answer = await kms().send(new GetPublicKeyCommand({ KeyId }));
    expect(answer).toMatchObject({
      KeyId: Arn,
      KeySpec: 'ECC_NIST_P256',
      CustomerMasterKeySpec: 'ECC_NIST_P256',
      KeyUsage: 'SIGN_VERIFY',
      SigningAlgorithms: ['ECDSA_SHA_256'],
    });
    expect(answer).not.toHaveProperty('EncryptionAlgorithms');
    const { Signature = new Uint8Array() } = await kms().send(
      new SignCommand({ KeyId, Message: plaintext, SigningAlgorithm: 'ECDSA_SHA_256' }),
    );
    const key = createPublicKey({ key: Buffer.from(answer.PublicKey ?? []), format: 'der', type: 'spki' });
    expect(verify('sha256', plaintext, key, Signature)).toBe(true);
  });

  it('tells the algorithms that encrypt [aws: decrypt accepts rsa oaep ciphertext made with get public key]', async () => {
    const { KeyId } = await rsaKey('ENCRYPT_DECRYPT');
    const answer = await kms().send(new GetPublicKeyCommand({ KeyId }));
    expect(answer.EncryptionAlgorithms).toEqual(['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256']);
    expect(answer).not.toHaveProperty('SigningAlgorithms');
  });

  it('works on a disabled key [aws: get public key works on a disabled key]', async () => {
    const { KeyId, Arn } = await curveKey();
    await kms().send(new DisableKeyCommand({ KeyId }));
    expect((await kms().send(new GetPublicKeyCommand({ KeyId }))).KeyId).toBe(Arn);
  });

  it('refuses keys without one [aws: get public key rejects a symmetric key without a message]', async () => {
    for (const { KeyId } of [await newKey(), await macKey()]) await refused('GetPublicKey', { KeyId }, unsupported());
  });

  refusesAbsentKeys('GetPublicKey', (KeyId) => ({ KeyId }));
  refusesAbsentAliases('GetPublicKey', (KeyId) => ({ KeyId }));
  // The state comes before the spec.
  refusesDoomedKeys('GetPublicKey', (KeyId) => ({ KeyId }), doomedKey);
});
