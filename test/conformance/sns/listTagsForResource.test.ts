import { describe, expect, it } from 'vitest';
import { uniqueName } from '../target.ts';
import { scopeOf, topic } from './fixtures.ts';
import { missing, ok, refused } from './queryCall.ts';

const resourceNotFound = { status: 404, code: 'ResourceNotFound', message: 'Resource does not exist' };

describe('ListTagsForResource', () => {
  it('lists nothing of a topic without tags [aws: tags]', async () => {
    expect(await ok('ListTagsForResource', { ResourceArn: await topic() })).toEqual({ Tags: [] });
  });

  it('does not know a topic that never was [model: ListTagsForResource]', async () => {
    const ResourceArn = `${scopeOf(await topic())}:${uniqueName('never')}`;
    await refused('ListTagsForResource', { ResourceArn }, resourceNotFound);
  });

  it('demands an ARN [model: ListTagsForResourceRequest.ResourceArn]', async () => {
    await refused('ListTagsForResource', {}, missing('resourceArn'));
  });
});
