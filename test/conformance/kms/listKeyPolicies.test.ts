import { ListKeyPoliciesCommand } from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { callKms } from './jsonCall.ts';
import { refusesAbsentKeys, refusesAliases } from './keyRefusals.ts';
import { kms, newKey } from './target.ts';

describe('ListKeyPolicies', () => {
  it('lists the one that there is, whatever the page [model: ListKeyPolicies]', async () => {
    const { KeyId } = await newKey();
    const answer = await kms().send(new ListKeyPoliciesCommand({ KeyId, Limit: 1 }));
    expect(answer).toMatchObject({ PolicyNames: ['default'], Truncated: false });
    expect((await callKms('ListKeyPolicies', { KeyId, Marker: 'x' })).output).toEqual({
      ...{ PolicyNames: ['default'], Truncated: false },
    });
  });

  refusesAbsentKeys('ListKeyPolicies', (KeyId) => ({ KeyId }));
  refusesAliases('ListKeyPolicies', (KeyId) => ({ KeyId }));
});
