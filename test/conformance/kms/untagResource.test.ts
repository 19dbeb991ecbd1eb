import { ListResourceTagsCommand, UntagResourceCommand } from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { refusesAbsentKeys, refusesAliases, refusesDoomedKeys } from './keyRefusals.ts';
import { kms, newKey, refused } from './target.ts';

describe('UntagResource', () => {
  it('removes tags, and does not mind those that are not there [model: UntagResource]', async () => {
    const Tags = ['a', 'b'].map((TagKey) => ({ TagKey, TagValue: 'x' }));
    const { KeyId } = await newKey({ Tags });
    await kms().send(new UntagResourceCommand({ KeyId, TagKeys: ['a', 'none'] }));
    expect((await kms().send(new ListResourceTagsCommand({ KeyId }))).Tags).toEqual([{ TagKey: 'b', TagValue: 'x' }]);
  });

  it('refuses reserved keys [model: UntagResourceRequest.TagKeys]', async () => {
    const { KeyId } = await newKey();
    const refusal = { code: 'TagException', message: 'Tags beginning with aws: are reserved' };
    await refused('UntagResource', { KeyId, TagKeys: ['aws:x'] }, refusal);
  });

  const inputFor = (KeyId: string) => ({ KeyId, TagKeys: ['a'] });
  refusesAbsentKeys('UntagResource', inputFor);
  refusesAliases('UntagResource', inputFor);
  refusesDoomedKeys('UntagResource', inputFor);
});
