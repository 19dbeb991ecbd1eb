import { DecryptCommand, GenerateDataKeyCommand } from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { refusesDataKeys, refusesOddLengths } from './dataKeyRefusals.ts';
import { base64 } from './jsonCall.ts';
import { invalidCiphertext, kms, newKey, refused } from './target.ts';

describe('GenerateDataKey', () => {
  it.each([
    [{ KeySpec: 'AES_128' }, 16],
    [{ KeySpec: 'AES_256' }, 32],
    [{ NumberOfBytes: 7 }, 7],
    [{ NumberOfBytes: 1024 }, 1024],
  ] as const)('gives %o of %d bytes, and the same encrypted [aws: generate data key]', async (wanted, length) => {
    const { KeyId, Arn, CurrentKeyMaterialId } = await newKey();
    const EncryptionContext = { purpose: 'test' };
    const answer = await kms().send(new GenerateDataKeyCommand({ KeyId, EncryptionContext, ...wanted }));
    expect(answer).toMatchObject({ KeyId: Arn, KeyMaterialId: CurrentKeyMaterialId });
    expect(answer.Plaintext).toHaveLength(length);
    const { CiphertextBlob = new Uint8Array() } = answer;
    const opened = await kms().send(new DecryptCommand({ CiphertextBlob, EncryptionContext }));
    expect(opened.Plaintext).toEqual(answer.Plaintext);
    await refused('Decrypt', { CiphertextBlob: base64(CiphertextBlob) }, invalidCiphertext);
  });

  it('never gives the same twice [model: GenerateDataKey]', async () => {
    const { KeyId } = await newKey();
    const make = () => kms().send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' }));
    expect((await make()).Plaintext).not.toEqual((await make()).Plaintext);
  });

  refusesDataKeys('GenerateDataKey', { KeySpec: 'AES_256' });
  refusesOddLengths('GenerateDataKey');
});
