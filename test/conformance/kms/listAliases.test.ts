import { CreateAliasCommand, paginateListAliases } from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { uniqueName } from '../target.ts';
import { callKms } from './jsonCall.ts';
import { refusesAbsentKeys } from './keyRefusals.ts';
import { kms, newKey } from './target.ts';

async function listed(KeyId?: string): Promise<(string | undefined)[]> {
  const names: (string | undefined)[] = [];
  for await (const { Aliases = [] } of paginateListAliases({ client: kms(), pageSize: 2 }, { KeyId })) {
    names.push(...Aliases.map(({ AliasName }) => AliasName));
  }
  return names;
}

describe('ListAliases', () => {
  it('lists all, and those of one key, page by page [model: ListAliases]', async () => {
    const [one, other] = [await newKey(), await newKey()];
    const names = [1, 2, 3].map(() => `alias/${uniqueName('key')}`);
    const [strange = ''] = [`alias/${uniqueName('other')}`];
    for (const AliasName of names) await kms().send(new CreateAliasCommand({ AliasName, TargetKeyId: one.KeyId }));
    await kms().send(new CreateAliasCommand({ AliasName: strange, TargetKeyId: other.KeyId }));
    expect(await listed(one.KeyId)).toEqual(names);
    expect(await listed(other.Arn)).toEqual([strange]);
    expect(await listed()).toEqual(expect.arrayContaining([...names, strange]));
  });

  it('refuses a marker that is none [model: InvalidMarkerException]', async () => {
    expect((await callKms('ListAliases', { Marker: '!!' })).code).toBe('InvalidMarkerException');
  });

  refusesAbsentKeys('ListAliases', (KeyId) => ({ KeyId }));
});
