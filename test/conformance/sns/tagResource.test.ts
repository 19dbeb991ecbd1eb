import { describe, expect, it } from 'vitest';
import { uniqueName } from '../target.ts';
import { scopeOf, topic } from './fixtures.ts';
import { invalidParameter, ok, refused, violated } from './queryCall.ts';

const resourceNotFound = { status: 404, code: 'ResourceNotFound', message: 'Resource does not exist' };

const tag = (Key: string, Value = 'v') => ({ Key, Value });

const tags = async (ResourceArn: string) => (await ok('ListTagsForResource', { ResourceArn })).Tags;

describe('TagResource', () => {
  it('are added, replaced, and taken away [aws: tags]', async () => {
    const ResourceArn = await topic();
    expect(await tags(ResourceArn)).toEqual([]);
    expect(await ok('TagResource', { ResourceArn, Tags: [tag('k1', 'v1'), tag('k2', 'v2')] })).toEqual({});
    expect(await tags(ResourceArn)).toEqual([tag('k1', 'v1'), tag('k2', 'v2')]);
    expect(await ok('UntagResource', { ResourceArn, TagKeys: ['k1', 'other'] })).toEqual({});
    expect(await tags(ResourceArn)).toEqual([tag('k2', 'v2')]);
    await ok('TagResource', { ResourceArn, Tags: [tag('k2', 'v2b')] });
    expect(await tags(ResourceArn)).toEqual([tag('k2', 'v2b')]);
  });

  it('hold any text [model: TagResource]', async () => {
    const ResourceArn = await topic();
    const Tags = [tag('žluť <&> "key"', ''), tag('constructor', '😀'), tag('K', 'x'), tag('k', 'y')];
    await ok('TagResource', { ResourceArn, Tags });
    expect(await tags(ResourceArn)).toEqual(Tags);
  });

  it('are not told twice [aws: tags]', async () => {
    const input = { ResourceArn: await topic(), Tags: [tag('k', '1'), tag('k', '2')] };
    await refused('TagResource', input, invalidParameter('Duplicated keys are not allowed.'));
  });

  it('are 50 at most [facts: Limits; aws: create topic with tags negative]', async () => {
    const ResourceArn = await topic();
    await ok('TagResource', { ResourceArn, Tags: Array.from({ length: 50 }, (_, n) => tag(`k${n}`)) });
    const message = 'Could not complete request: tag quota of per resource exceeded';
    const refusal = { status: 400, code: 'TagLimitExceeded', message };
    await refused('TagResource', { ResourceArn, Tags: [tag('one more')] }, refusal);
    await ok('TagResource', { ResourceArn, Tags: [tag('k0', 'changed')] });
  });

  it.each([
    [tag('x'.repeat(129)), `'${'x'.repeat(129)}'`, 'tags.1.member.key', 'less than or equal to 128'],
    [tag(''), "''", 'tags.1.member.key', 'greater than or equal to 1'],
    [tag('k', 'x'.repeat(257)), `'${'x'.repeat(257)}'`, 'tags.1.member.value', 'less than or equal to 256'],
  ])('have bounds [aws: create topic with tags negative; model: Tag] %#', async (wrong, value, at, bound) => {
    const refusal = violated(value, at, `Member must have length ${bound}`);
    await refused('TagResource', { ResourceArn: await topic(), Tags: [wrong] }, refusal);
  });

  it('does not know a topic that never was [model: TagResource]', async () => {
    const ResourceArn = `${scopeOf(await topic())}:${uniqueName('never')}`;
    await refused('TagResource', { ResourceArn, Tags: [tag('k')] }, resourceNotFound);
  });
});
