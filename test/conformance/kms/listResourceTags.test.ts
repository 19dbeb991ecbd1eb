import { paginateListResourceTags } from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { callKms } from './jsonCall.ts';
import { refusesAbsentKeys, refusesAliases } from './keyRefusals.ts';
import { kms, newKey } from './target.ts';

describe('ListResourceTags', () => {
  it('lists tags page by page [model: ListResourceTags]', async () => {
    const Tags = ['c', 'a', 'b'].map((TagKey) => ({ TagKey, TagValue: `of ${TagKey}` }));
    const { KeyId } = await newKey({ Tags });
    const pages: (string | undefined)[][] = [];
    for await (const page of paginateListResourceTags({ client: kms(), pageSize: 2 }, { KeyId })) {
      pages.push((page.Tags ?? []).map(({ TagKey }) => TagKey));
    }
    expect(pages).toEqual([['a', 'b'], ['c']]);
  });

  it('lists none [model: ListResourceTags]', async () => {
    const { KeyId } = await newKey();
    expect((await callKms('ListResourceTags', { KeyId })).output).toEqual({ Tags: [], Truncated: false });
  });

  refusesAbsentKeys('ListResourceTags', (KeyId) => ({ KeyId }));
  refusesAliases('ListResourceTags', (KeyId) => ({ KeyId }));
});
