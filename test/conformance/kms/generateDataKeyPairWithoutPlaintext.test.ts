import { createPrivateKey, createPublicKey } from 'node:crypto';
import { DecryptCommand, GenerateDataKeyPairWithoutPlaintextCommand } from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { refusesDataKeys } from './dataKeyRefusals.ts';
import { callKms } from './jsonCall.ts';
import { kms, newKey } from './target.ts';

const operation = 'GenerateDataKeyPairWithoutPlaintext';

describe(operation, () => {
  it('gives the public key, and the private one encrypted [aws: generate data key pair without plaintext]', async () => {
    const { KeyId, Arn } = await newKey();
    const KeyPairSpec = 'ECC_NIST_P256';
    const { output } = await callKms(operation, { KeyId, KeyPairSpec });
    expect(output).not.toHaveProperty('PrivateKeyPlaintext');
    const answer = await kms().send(new GenerateDataKeyPairWithoutPlaintextCommand({ KeyId, KeyPairSpec }));
    expect(answer).toMatchObject({ KeyId: Arn, KeyPairSpec });
    const opened = await kms().send(new DecryptCommand({ CiphertextBlob: answer.PrivateKeyCiphertextBlob }));
    const key = createPrivateKey({ key: Buffer.from(opened.Plaintext ?? []), format: 'der', type: 'pkcs8' });
    const publicKey = createPublicKey(key).export({ format: 'der', type: 'spki' });
    expect(publicKey).toEqual(Buffer.from(answer.PublicKey ?? []));
  });

  refusesDataKeys(operation, { KeyPairSpec: 'ECC_NIST_P256' });
});
