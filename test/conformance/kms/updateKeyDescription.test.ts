import { DescribeKeyCommand, UpdateKeyDescriptionCommand } from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { refusesAbsentKeys, refusesAliases, refusesDoomedKeys } from './keyRefusals.ts';
import { kms, newKey, refused, violated } from './target.ts';

describe('UpdateKeyDescription', () => {
  it.each(['another', ''])('sets "%s" [model: UpdateKeyDescription]', async (Description) => {
    const { KeyId } = await newKey({ Description: 'first' });
    await kms().send(new UpdateKeyDescriptionCommand({ KeyId, Description }));
    const { KeyMetadata } = await kms().send(new DescribeKeyCommand({ KeyId }));
    expect(KeyMetadata?.Description).toBe(Description);
  });

  it('demands a description [model: UpdateKeyDescriptionRequest.Description]', async () => {
    const { KeyId } = await newKey();
    await refused('UpdateKeyDescription', { KeyId }, violated('null', 'description', 'Member must not be null'));
  });

  const inputFor = (KeyId: string) => ({ KeyId, Description: 'x' });
  refusesAbsentKeys('UpdateKeyDescription', inputFor);
  refusesAliases('UpdateKeyDescription', inputFor);
  refusesDoomedKeys('UpdateKeyDescription', inputFor);
});
