import { DisableKeyRotationCommand, EnableKeyRotationCommand, GetKeyRotationStatusCommand } from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { refusesAbsentKeys, refusesAliases, refusesDisabledKeys, refusesDoomedKeys } from './keyRefusals.ts';
import { curveKey, kms, macKey, newKey } from './target.ts';

describe('DisableKeyRotation', () => {
  it('ends it, twice if need be [model: DisableKeyRotation]', async () => {
    const { KeyId } = await newKey();
    await kms().send(new EnableKeyRotationCommand({ KeyId }));
    for (let time = 0; time < 2; time++) await kms().send(new DisableKeyRotationCommand({ KeyId }));
    const status = await kms().send(new GetKeyRotationStatusCommand({ KeyId }));
    expect(status.KeyRotationEnabled).toBe(false);
    expect(status).not.toHaveProperty('NextRotationDate');
  });

  it('is fine with keys that never rotate [aws: disable key rotation accepts a key spec that does not rotate]', async () => {
    for (const { KeyId } of [await macKey(), await curveKey()]) {
      const { $metadata } = await kms().send(new DisableKeyRotationCommand({ KeyId }));
      expect($metadata.httpStatusCode).toBe(200);
    }
  });

  refusesAbsentKeys('DisableKeyRotation', (KeyId) => ({ KeyId }));
  refusesAliases('DisableKeyRotation', (KeyId) => ({ KeyId }));
  refusesDisabledKeys('DisableKeyRotation', (KeyId) => ({ KeyId }));
  refusesDoomedKeys('DisableKeyRotation', (KeyId) => ({ KeyId }));
});
