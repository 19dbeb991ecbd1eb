import { CancelKeyDeletionCommand, DescribeKeyCommand, EnableKeyCommand } from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { refusesAbsentKeys, refusesAliases } from './keyRefusals.ts';
import { doomedKey, encrypted, kms, newKey, refused } from './target.ts';

describe('CancelKeyDeletion', () => {
  it('leaves a disabled key, which can be enabled [model: CancelKeyDeletion]', async () => {
    const { KeyId, Arn } = await doomedKey();
    expect(await kms().send(new CancelKeyDeletionCommand({ KeyId }))).toMatchObject({ KeyId: Arn });
    const { KeyMetadata } = await kms().send(new DescribeKeyCommand({ KeyId }));
    expect(KeyMetadata).toMatchObject({ KeyState: 'Disabled', Enabled: false });
    expect(KeyMetadata).not.toHaveProperty('DeletionDate');
    await kms().send(new EnableKeyCommand({ KeyId }));
    expect((await encrypted(KeyId)).length).toBeGreaterThan(0);
  });

  it('refuses keys that are not to be deleted [facts: Key states]', async () => {
    const { KeyId, Arn } = await newKey();
    const message = `${Arn} is not pending deletion.`;
    await refused('CancelKeyDeletion', { KeyId }, { code: 'KMSInvalidStateException', message });
  });

  refusesAbsentKeys('CancelKeyDeletion', (KeyId) => ({ KeyId }));
  refusesAliases('CancelKeyDeletion', (KeyId) => ({ KeyId }));
});
