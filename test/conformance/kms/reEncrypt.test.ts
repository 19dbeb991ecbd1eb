import { DecryptCommand, DisableKeyCommand, ReEncryptCommand } from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { base64 } from './jsonCall.ts';
import {
  absentKey,
  arnOf,
  curveKey,
  dryRun,
  encrypted,
  invalidCiphertext,
  isDisabled,
  keyNotFound,
  kms,
  newKey,
  plaintext,
  refused,
  rsaKey,
  violated,
  wrongUsage,
} from './target.ts';

describe('ReEncrypt', () => {
  it('moves a ciphertext to another key and another context [model: ReEncrypt]', async () => {
    const [source, destination] = [await newKey(), await newKey()];
    const answer = await kms().send(
      new ReEncryptCommand({
        CiphertextBlob: await encrypted(source.KeyId, { from: 'here' }),
        SourceEncryptionContext: { from: 'here' },
        DestinationKeyId: destination.KeyId,
        DestinationEncryptionContext: { to: 'there' },
      }),
    );
    expect(answer).toMatchObject({
      SourceKeyId: source.Arn,
      KeyId: destination.Arn,
      SourceEncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      DestinationEncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      SourceKeyMaterialId: source.CurrentKeyMaterialId,
      DestinationKeyMaterialId: destination.CurrentKeyMaterialId,
    });
    const { CiphertextBlob } = answer;
    const opened = await kms().send(new DecryptCommand({ CiphertextBlob, EncryptionContext: { to: 'there' } }));
    expect(Buffer.from(opened.Plaintext ?? [])).toEqual(plaintext);
  });

  it('goes from symmetric to RSA and back [aws: re encrypt from symmetric to rsa echoes both algorithms]', async () => {
    const [symmetric, rsa] = [await newKey(), await rsaKey('ENCRYPT_DECRYPT')];
    const EncryptionAlgorithm = 'RSAES_OAEP_SHA_256';
    const there = await kms().send(
      new ReEncryptCommand({
        CiphertextBlob: await encrypted(symmetric.KeyId),
        DestinationKeyId: rsa.KeyId,
        DestinationEncryptionAlgorithm: EncryptionAlgorithm,
      }),
    );
    expect(there.CiphertextBlob).toHaveLength(256);
    expect(there).not.toHaveProperty('DestinationKeyMaterialId');
    const back = await kms().send(
      new ReEncryptCommand({
        CiphertextBlob: there.CiphertextBlob,
        SourceKeyId: rsa.KeyId,
        SourceEncryptionAlgorithm: EncryptionAlgorithm,
        DestinationKeyId: symmetric.KeyId,
      }),
    );
    expect(back).toMatchObject({ SourceEncryptionAlgorithm: EncryptionAlgorithm, KeyId: symmetric.Arn });
    const opened = await kms().send(new DecryptCommand({ CiphertextBlob: back.CiphertextBlob }));
    expect(Buffer.from(opened.Plaintext ?? [])).toEqual(plaintext);
  });
});

describe('ReEncrypt refuses', () => {
  it('a wrong context [model: InvalidCiphertextException]', async () => {
    const { KeyId } = await newKey();
    const CiphertextBlob = base64(await encrypted(KeyId, { a: 'b' }));
    await refused('ReEncrypt', { CiphertextBlob, DestinationKeyId: KeyId }, invalidCiphertext);
  });

  it('keys that can not be used [model: DisabledException]', async () => {
    const [source, destination, curve] = [await newKey(), await newKey(), await curveKey()];
    const CiphertextBlob = base64(await encrypted(source.KeyId));
    await refused('ReEncrypt', { CiphertextBlob, DestinationKeyId: curve.KeyId }, wrongUsage(curve, 'ReEncrypt'));
    await refused('ReEncrypt', { CiphertextBlob, DestinationKeyId: absentKey }, keyNotFound(arnOf(absentKey)));
    await kms().send(new DisableKeyCommand({ KeyId: destination.KeyId }));
    await refused('ReEncrypt', { CiphertextBlob, DestinationKeyId: destination.KeyId }, isDisabled(destination));
    await kms().send(new DisableKeyCommand({ KeyId: source.KeyId }));
    await refused('ReEncrypt', { CiphertextBlob, DestinationKeyId: curve.KeyId }, isDisabled(source));
  });

  it('a missing ciphertext and a missing destination [aws: blob members are validated before the key is looked up]', async () => {
    const must = 'Member must not be null';
    await refused('ReEncrypt', { DestinationKeyId: absentKey }, violated('null', 'ciphertextBlob', must));
    await refused('ReEncrypt', { CiphertextBlob: 'AAAA' }, violated('null', 'destinationKeyId', must));
  });

  it('dry runs, when everything else is right [model: ReEncryptRequest.DryRun]', async () => {
    const { KeyId } = await newKey();
    const input = { CiphertextBlob: base64(await encrypted(KeyId)), DestinationKeyId: KeyId, DryRun: true };
    await refused('ReEncrypt', input, dryRun);
    await refused('ReEncrypt', { ...input, CiphertextBlob: 'AAAA' }, invalidCiphertext);
    const DryRunModifiers = ['IGNORE_CIPHERTEXT'];
    await refused('ReEncrypt', { ...input, CiphertextBlob: undefined, SourceKeyId: KeyId, DryRunModifiers }, dryRun);
  });
});
