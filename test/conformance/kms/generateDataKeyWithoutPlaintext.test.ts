import { DecryptCommand, GenerateDataKeyWithoutPlaintextCommand } from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { refusesDataKeys, refusesOddLengths } from './dataKeyRefusals.ts';
import { callKms } from './jsonCall.ts';
import { kms, newKey } from './target.ts';

const operation = 'GenerateDataKeyWithoutPlaintext';

describe(operation, () => {
  it('gives only what is encrypted [aws: generate data key without plaintext]', async () => {
    const { KeyId, Arn } = await newKey();
    const { output } = await callKms(operation, { KeyId, KeySpec: 'AES_128' });
    expect(Object.keys(output).sort()).toEqual(['CiphertextBlob', 'KeyId', 'KeyMaterialId']);
    const answer = await kms().send(new GenerateDataKeyWithoutPlaintextCommand({ KeyId, KeySpec: 'AES_128' }));
    expect(answer.KeyId).toBe(Arn);
    const { Plaintext } = await kms().send(new DecryptCommand({ CiphertextBlob: answer.CiphertextBlob }));
    expect(Plaintext).toHaveLength(16);
  });

  refusesDataKeys(operation, { KeySpec: 'AES_256' });
  refusesOddLengths(operation);
});
