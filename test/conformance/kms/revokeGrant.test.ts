import { RevokeGrantCommand } from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { grantIds, invalidGrantId, newGrant } from './grants.ts';
import { refusesAbsentKeys, refusesAliases } from './keyRefusals.ts';
import { dryRun, kms, newKey, refused } from './target.ts';

describe('RevokeGrant', () => {
  it('ends a grant [model: RevokeGrant]', async () => {
    const { KeyId } = await newKey();
    const [gone, kept] = [await newGrant(KeyId), await newGrant(KeyId)];
    await kms().send(new RevokeGrantCommand({ KeyId, GrantId: gone.GrantId }));
    expect(await grantIds(KeyId)).toEqual([kept.GrantId]);
  });

  it('lets the same name be granted anew [model: CreateGrantRequest.Name]', async () => {
    const { KeyId } = await newKey();
    const first = await newGrant(KeyId, { Name: 'n' });
    await kms().send(new RevokeGrantCommand({ KeyId, GrantId: first.GrantId }));
    const second = await newGrant(KeyId, { Name: 'n' });
    expect(await grantIds(KeyId)).toEqual([second.GrantId]);
    expect(second.GrantId).not.toBe(first.GrantId);
  });

  it('leaves the name to a newer grant [model: CreateGrantRequest.Name]', async () => {
    const { KeyId } = await newKey();
    const older = await newGrant(KeyId, { Name: 'n' });
    const newer = await newGrant(KeyId, { Name: 'n', Operations: ['Decrypt'] });
    await kms().send(new RevokeGrantCommand({ KeyId, GrantId: older.GrantId }));
    expect((await newGrant(KeyId, { Name: 'n', Operations: ['Decrypt'] })).GrantId).toBe(newer.GrantId);
  });

  it('refuses grants of other keys, and those that are gone [model: InvalidGrantIdException]', async () => {
    const [{ KeyId }, other] = [await newKey(), await newKey()];
    const { GrantId } = await newGrant(KeyId);
    await refused('RevokeGrant', { KeyId: other.KeyId, GrantId }, invalidGrantId);
    await kms().send(new RevokeGrantCommand({ KeyId, GrantId }));
    await refused('RevokeGrant', { KeyId, GrantId }, invalidGrantId);
  });

  it('refuses dry runs, and keeps the grant [model: RevokeGrantRequest.DryRun]', async () => {
    const { KeyId } = await newKey();
    const { GrantId } = await newGrant(KeyId);
    await refused('RevokeGrant', { KeyId, GrantId, DryRun: true }, dryRun);
    expect(await grantIds(KeyId)).toEqual([GrantId]);
  });

  refusesAbsentKeys('RevokeGrant', (KeyId) => ({ KeyId, GrantId: 'x' }));
  refusesAliases('RevokeGrant', (KeyId) => ({ KeyId, GrantId: 'x' }));
});
