import { DescribeKeyCommand, DisableKeyCommand, EnableKeyCommand } from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { refusesAbsentKeys, refusesAliases, refusesDoomedKeys } from './keyRefusals.ts';
import { encrypted, kms, newKey } from './target.ts';

describe('EnableKey', () => {
  it('makes a disabled key usable, twice if need be [model: EnableKey]', async () => {
    const { KeyId } = await newKey();
    await kms().send(new DisableKeyCommand({ KeyId }));
    for (let time = 0; time < 2; time++) await kms().send(new EnableKeyCommand({ KeyId }));
    const { KeyMetadata } = await kms().send(new DescribeKeyCommand({ KeyId }));
    expect(KeyMetadata).toMatchObject({ KeyState: 'Enabled', Enabled: true });
    expect((await encrypted(KeyId)).length).toBeGreaterThan(0);
  });

  refusesAbsentKeys('EnableKey', (KeyId) => ({ KeyId }));
  refusesAliases('EnableKey', (KeyId) => ({ KeyId }));
  refusesDoomedKeys('EnableKey', (KeyId) => ({ KeyId }));
});
