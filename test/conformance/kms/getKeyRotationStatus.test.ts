import { EnableKeyRotationCommand, ScheduleKeyDeletionCommand } from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { callKms } from './jsonCall.ts';
import { refusesAbsentKeys, refusesAliases } from './keyRefusals.ts';
import { kms, macKey, newKey } from './target.ts';

describe('GetKeyRotationStatus', () => {
  it('says that a new key does not rotate [model: GetKeyRotationStatus]', async () => {
    for (const { KeyId, Arn } of [await newKey(), await macKey()]) {
      const { output } = await callKms('GetKeyRotationStatus', { KeyId });
      expect(output).toEqual({ KeyId: Arn, KeyRotationEnabled: false });
    }
  });

  it('says that nothing rotates that is to be deleted [facts: Key states]', async () => {
    const { KeyId, Arn } = await newKey();
    await kms().send(new EnableKeyRotationCommand({ KeyId }));
    await kms().send(new ScheduleKeyDeletionCommand({ KeyId }));
    const { output } = await callKms('GetKeyRotationStatus', { KeyId });
    expect(output).toEqual({ KeyId: Arn, KeyRotationEnabled: false });
  });

  refusesAbsentKeys('GetKeyRotationStatus', (KeyId) => ({ KeyId }));
  refusesAliases('GetKeyRotationStatus', (KeyId) => ({ KeyId }));
});
