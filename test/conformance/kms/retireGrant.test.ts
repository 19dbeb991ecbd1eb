import { RetireGrantCommand } from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { grantIds, invalidGrantId, newGrant, root } from './grants.ts';
import { callKms } from './jsonCall.ts';
import { refusesAbsentKeys, refusesAliases } from './keyRefusals.ts';
import { dryRun, invalidGrantToken, kms, newKey, refused, validation } from './target.ts';

describe('RetireGrant', () => {
  it('takes a token [model: RetireGrantRequest.GrantToken]', async () => {
    const { KeyId } = await newKey();
    const { GrantToken } = await newGrant(KeyId, { RetiringPrincipal: root });
    const kept = await newGrant(KeyId);
    await kms().send(new RetireGrantCommand({ GrantToken }));
    expect(await grantIds(KeyId)).toEqual([kept.GrantId]);
    const { output } = await callKms('ListRetirableGrants', { RetiringPrincipal: root, Limit: 1000 });
    expect(JSON.stringify(output)).not.toContain(KeyId);
  });

  it('takes an id and a key [model: RetireGrantRequest.GrantId]', async () => {
    const { KeyId, Arn } = await newKey();
    const { GrantId } = await newGrant(KeyId);
    await kms().send(new RetireGrantCommand({ GrantId, KeyId: Arn }));
    expect(await grantIds(KeyId)).toEqual([]);
  });

  it('refuses what names no grant [model: RetireGrant]', async () => {
    const { KeyId } = await newKey();
    const message = 'Grant token OR (grant ID, key ID) must be specified';
    await refused('RetireGrant', {}, validation(message));
    await refused('RetireGrant', { KeyId }, validation(message));
    await refused('RetireGrant', { GrantToken: 'bm9uZQ==' }, invalidGrantToken);
    await refused('RetireGrant', { KeyId, GrantId: 'none' }, invalidGrantId);
  });

  it('refuses a grant that is gone [model: InvalidGrantIdException]', async () => {
    const { KeyId } = await newKey();
    const { GrantToken } = await newGrant(KeyId);
    await kms().send(new RetireGrantCommand({ GrantToken }));
    await refused('RetireGrant', { GrantToken }, invalidGrantId);
  });

  it('refuses dry runs, and keeps the grant [model: RetireGrantRequest.DryRun]', async () => {
    const { KeyId } = await newKey();
    const { GrantToken, GrantId } = await newGrant(KeyId);
    await refused('RetireGrant', { GrantToken, DryRun: true }, dryRun);
    expect(await grantIds(KeyId)).toEqual([GrantId]);
  });

  refusesAbsentKeys('RetireGrant', (KeyId) => ({ KeyId, GrantId: 'x' }));
  refusesAliases('RetireGrant', (KeyId) => ({ KeyId, GrantId: 'x' }));
});
