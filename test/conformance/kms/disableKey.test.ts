import { DescribeKeyCommand, DisableKeyCommand } from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { refusesAbsentKeys, refusesAliases, refusesDoomedKeys } from './keyRefusals.ts';
import { kms, newKey } from './target.ts';

describe('DisableKey', () => {
  it('disables a key, twice if need be [model: DisableKey]', async () => {
    const { KeyId, Arn } = await newKey();
    for (const name of [KeyId, Arn]) await kms().send(new DisableKeyCommand({ KeyId: name }));
    const { KeyMetadata } = await kms().send(new DescribeKeyCommand({ KeyId }));
    expect(KeyMetadata).toMatchObject({ KeyState: 'Disabled', Enabled: false });
  });

  refusesAbsentKeys('DisableKey', (KeyId) => ({ KeyId }));
  refusesAliases('DisableKey', (KeyId) => ({ KeyId }));
  refusesDoomedKeys('DisableKey', (KeyId) => ({ KeyId }));
});
