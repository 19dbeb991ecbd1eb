import { ListGrantsCommand, paginateListGrants } from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { describeOurs } from '../target.ts';
import { invalidGrantId, newGrant, user } from './grants.ts';
import { callKms } from './jsonCall.ts';
import { refusesAbsentKeys, refusesAliases } from './keyRefusals.ts';
import { kms, newKey, refused } from './target.ts';

describe('ListGrants', () => {
  it('lists them page by page [model: ListGrants]', async () => {
    const { KeyId } = await newKey();
    const made = [await newGrant(KeyId), await newGrant(KeyId), await newGrant(KeyId)].map(({ GrantId }) => GrantId);
    const pages: (string | undefined)[][] = [];
    for await (const { Grants = [] } of paginateListGrants({ client: kms(), pageSize: 2 }, { KeyId })) {
      pages.push(Grants.map(({ GrantId }) => GrantId));
    }
    expect(pages.map(({ length }) => length)).toEqual([2, 1]);
    expect(pages.flat().sort()).toEqual(made.sort());
  });

  it('finds one [model: ListGrantsRequest.GrantId]', async () => {
    const { KeyId } = await newKey();
    const { GrantId } = await newGrant(KeyId);
    await newGrant(KeyId);
    expect((await kms().send(new ListGrantsCommand({ KeyId, GrantId }))).Grants).toMatchObject([{ GrantId, Name: '' }]);
    await refused('ListGrants', { KeyId, GrantId: 'none' }, invalidGrantId);
  });

  it('refuses a marker that is none [model: InvalidMarkerException]', async () => {
    const { KeyId } = await newKey();
    expect((await callKms('ListGrants', { KeyId, Marker: '!!' })).code).toBe('InvalidMarkerException');
  });

  refusesAbsentKeys('ListGrants', (KeyId) => ({ KeyId }));
  refusesAliases('ListGrants', (KeyId) => ({ KeyId }));
});

// AWS wants users that exist.
describeOurs('ListGrants by grantee', () => {
  it('finds those of one, page by page [model: ListGrantsRequest.GranteePrincipal]', async () => {
    const { KeyId } = await newKey();
    for (const name of ['alice', 'bob', 'alice', 'bob', 'alice'])
      await newGrant(KeyId, { GranteePrincipal: user(name) });
    const found: (string | undefined)[] = [];
    const input = { KeyId, GranteePrincipal: user('alice') };
    for await (const { Grants = [] } of paginateListGrants({ client: kms(), pageSize: 2 }, input)) {
      found.push(...Grants.map(({ GranteePrincipal }) => GranteePrincipal));
    }
    expect(found).toEqual([user('alice'), user('alice'), user('alice')]);
  });
});
