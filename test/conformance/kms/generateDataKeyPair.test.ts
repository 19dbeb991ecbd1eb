import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { DecryptCommand, GenerateDataKeyPairCommand } from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { describeOurs } from '../target.ts';
import { refusesDataKeys } from './dataKeyRefusals.ts';
import { kms, newKey, refused, unsupported, violated } from './target.ts';

describe('GenerateDataKeyPair', () => {
  it.each(['RSA_2048', 'ECC_NIST_P256', 'ECC_NIST_P384', 'ECC_NIST_P521', 'ECC_SECG_P256K1'] as const)(
    'gives a pair of %s that belongs together [aws: generate data key pair]',
    async (KeyPairSpec) => {
      const { KeyId, Arn } = await newKey();
      const EncryptionContext = { a: 'b' };
      const answer = await kms().send(new GenerateDataKeyPairCommand({ KeyId, KeyPairSpec, EncryptionContext }));
      expect(answer).toMatchObject({ KeyId: Arn, KeyPairSpec });
      const { PrivateKeyPlaintext = new Uint8Array(), PublicKey = new Uint8Array() } = answer;
      const key = createPrivateKey({ key: Buffer.from(PrivateKeyPlaintext), format: 'der', type: 'pkcs8' });
      const publicKey = createPublicKey({ key: Buffer.from(PublicKey), format: 'der', type: 'spki' });
      const message = Buffer.from('message');
      expect(verify('sha256', message, publicKey, sign('sha256', message, key))).toBe(true);
      const CiphertextBlob = answer.PrivateKeyCiphertextBlob;
      const opened = await kms().send(new DecryptCommand({ CiphertextBlob, EncryptionContext }));
      expect(opened.Plaintext).toEqual(PrivateKeyPlaintext);
    },
  );

  it('demands a spec [model: GenerateDataKeyPairRequest.KeyPairSpec]', async () => {
    const { KeyId } = await newKey();
    await refused('GenerateDataKeyPair', { KeyId }, violated('null', 'keyPairSpec', 'Member must not be null'));
  });

  refusesDataKeys('GenerateDataKeyPair', { KeyPairSpec: 'ECC_NIST_P256' });
});

describeOurs('GenerateDataKeyPair of what is not built', () => {
  it('refuses SM2 [posthorn: compatibility]', async () => {
    const { KeyId } = await newKey();
    const refusal = unsupported('The key pair spec SM2 is not supported.');
    await refused('GenerateDataKeyPair', { KeyId, KeyPairSpec: 'SM2' }, refusal);
  });
});
