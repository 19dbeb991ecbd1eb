import { ListResourceTagsCommand, TagResourceCommand } from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { refusesAbsentKeys, refusesAliases, refusesDoomedKeys } from './keyRefusals.ts';
import { kms, newKey, refused } from './target.ts';

describe('TagResource', () => {
  it('adds tags and replaces values [model: TagResource]', async () => {
    const { KeyId } = await newKey({ Tags: [{ TagKey: 'a', TagValue: '1' }] });
    const Tags = [
      { TagKey: 'a', TagValue: '2' },
      { TagKey: 'b', TagValue: '' },
    ];
    await kms().send(new TagResourceCommand({ KeyId, Tags }));
    expect((await kms().send(new ListResourceTagsCommand({ KeyId }))).Tags).toEqual(Tags);
  });

  it('refuses more than 50 in all [facts: Resource quotas]', async () => {
    const { KeyId } = await newKey({ Tags: [{ TagKey: 'first', TagValue: '' }] });
    const Tags = Array.from({ length: 50 }, (_, index) => ({ TagKey: `k${index}`, TagValue: '' }));
    await refused('TagResource', { KeyId, Tags }, { code: 'LimitExceededException', message: 'Too many tags' });
  });

  it('refuses reserved keys [model: Tag.TagKey]', async () => {
    const { KeyId } = await newKey();
    const refusal = { code: 'TagException', message: 'Tags beginning with aws: are reserved' };
    await refused('TagResource', { KeyId, Tags: [{ TagKey: 'AWS:x', TagValue: '' }] }, refusal);
  });

  const inputFor = (KeyId: string) => ({ KeyId, Tags: [{ TagKey: 'a', TagValue: 'b' }] });
  refusesAbsentKeys('TagResource', inputFor);
  refusesAliases('TagResource', inputFor);
  refusesDoomedKeys('TagResource', inputFor);
});
