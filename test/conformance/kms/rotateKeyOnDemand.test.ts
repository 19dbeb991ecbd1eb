import {
  DecryptCommand,
  DescribeKeyCommand,
  EnableKeyRotationCommand,
  GetKeyRotationStatusCommand,
  RotateKeyOnDemandCommand,
} from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { refusesAbsentKeys, refusesAliases, refusesDisabledKeys, refusesDoomedKeys } from './keyRefusals.ts';
import { encrypted, kms, macKey, newKey, plaintext, refused, rsaKey, unsupported } from './target.ts';

describe('RotateKeyOnDemand', () => {
  it('encrypts with new material, and decrypts with all that there was [model: RotateKeyOnDemand]', async () => {
    const { KeyId, Arn, CurrentKeyMaterialId } = await newKey();
    const ciphertexts = [await encrypted(KeyId)];
    const ids = [CurrentKeyMaterialId];
    for (let rotation = 0; rotation < 3; rotation++) {
      expect(await kms().send(new RotateKeyOnDemandCommand({ KeyId }))).toMatchObject({ KeyId: Arn });
      ciphertexts.push(await encrypted(KeyId));
      ids.push((await kms().send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.CurrentKeyMaterialId);
    }
    expect(new Set(ids).size).toBe(4);
    for (const [index, CiphertextBlob] of ciphertexts.entries()) {
      const { Plaintext, KeyMaterialId } = await kms().send(new DecryptCommand({ CiphertextBlob }));
      expect(Buffer.from(Plaintext ?? [])).toEqual(plaintext);
      expect(KeyMaterialId).toBe(ids[index]);
    }
  });

  it('leaves the dates of automatic rotations alone [model: RotateKeyOnDemand]', async () => {
    const { KeyId } = await newKey();
    await kms().send(new EnableKeyRotationCommand({ KeyId }));
    const next = async () => (await kms().send(new GetKeyRotationStatusCommand({ KeyId }))).NextRotationDate;
    const before = await next();
    await kms().send(new RotateKeyOnDemandCommand({ KeyId }));
    expect(await next()).toEqual(before);
  });

  it('refuses the 26th rotation [model: RotateKeyOnDemand]', async () => {
    const { KeyId, Arn } = await newKey();
    for (let rotation = 0; rotation < 25; rotation++) await kms().send(new RotateKeyOnDemandCommand({ KeyId }));
    const message = `The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations can be performed for this key: ${Arn}`;
    await refused('RotateKeyOnDemand', { KeyId }, { code: 'LimitExceededException', message });
  });

  it('refuses keys that do not rotate [aws: rotation rejects a key spec that does not rotate without a message]', async () => {
    for (const { KeyId } of [await macKey(), await rsaKey('SIGN_VERIFY')]) {
      await refused('RotateKeyOnDemand', { KeyId }, unsupported());
    }
  });

  refusesAbsentKeys('RotateKeyOnDemand', (KeyId) => ({ KeyId }));
  refusesAliases('RotateKeyOnDemand', (KeyId) => ({ KeyId }));
  refusesDisabledKeys('RotateKeyOnDemand', (KeyId) => ({ KeyId }), macKey);
  refusesDoomedKeys('RotateKeyOnDemand', (KeyId) => ({ KeyId }));
});
