import { describe, expect, it } from 'vitest';
import { uniqueName } from '../target.ts';
import { scopeOf, topic } from './fixtures.ts';
import { missing, ok, refused } from './queryCall.ts';

const resourceNotFound = { status: 404, code: 'ResourceNotFound', message: 'Resource does not exist' };

const tag = (Key: string, Value = 'v') => ({ Key, Value });

describe('UntagResource', () => {
  it('takes tags away, and ignores others [model: UntagResource]', async () => {
    const ResourceArn = await topic();
    await ok('TagResource', { ResourceArn, Tags: [tag('a'), tag('b'), tag('c')] });
    expect(await ok('UntagResource', { ResourceArn, TagKeys: ['a', 'c', 'A'] })).toEqual({});
    expect(await ok('ListTagsForResource', { ResourceArn })).toEqual({ Tags: [tag('b')] });
  });

  it('does not know a topic that never was [model: UntagResource]', async () => {
    const ResourceArn = `${scopeOf(await topic())}:${uniqueName('never')}`;
    await refused('UntagResource', { ResourceArn, TagKeys: ['k'] }, resourceNotFound);
  });

  it('demands keys [model: UntagResourceRequest.TagKeys]', async () => {
    await refused('UntagResource', { ResourceArn: await topic() }, missing('tagKeys'));
  });
});
