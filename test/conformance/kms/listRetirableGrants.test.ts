import { paginateListRetirableGrants } from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { describeOurs } from '../target.ts';
import { newGrant, root, user } from './grants.ts';
import { callKms } from './jsonCall.ts';
import { kms, newKey, refused, validation } from './target.ts';

async function retirable(RetiringPrincipal: string): Promise<(string | undefined)[]> {
  const found: (string | undefined)[] = [];
  for await (const { Grants = [] } of paginateListRetirableGrants(
    { client: kms(), pageSize: 2 },
    { RetiringPrincipal },
  )) {
    found.push(...Grants.map(({ GrantId }) => GrantId));
  }
  return found;
}

describe('ListRetirableGrants', () => {
  it('demands a principal [model: ListRetirableGrantsRequest.RetiringPrincipal]', async () => {
    await refused('ListRetirableGrants', {}, validation("Required input parameter 'RetiringPrincipal' not specified"));
  });

  it('refuses a marker that is none [model: InvalidMarkerException]', async () => {
    const input = { RetiringPrincipal: root, Marker: '!!' };
    expect((await callKms('ListRetirableGrants', input)).code).toBe('InvalidMarkerException');
  });
});

describeOurs('ListRetirableGrants with users', () => {
  it('lists those of all keys, page by page [model: ListRetirableGrants]', async () => {
    const keys = [await newKey(), await newKey(), await newKey()];
    const made: string[] = [];
    for (const { KeyId } of keys) {
      made.push((await newGrant(KeyId, { RetiringPrincipal: user('carol') })).GrantId);
      await newGrant(KeyId, { RetiringPrincipal: user('carola') });
      await newGrant(KeyId);
    }
    expect((await retirable(user('carol'))).sort()).toEqual(made.sort());
    expect(await retirable(user('nobody'))).toEqual([]);
  });
});
