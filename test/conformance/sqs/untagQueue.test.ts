import { UntagQueueCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import * as errors from '../errors.ts';
import { json, protocols, sdk, uniqueName } from '../target.ts';

describe.each(protocols)('UntagQueue over $name', (api) => {
  it('removes tags, those that are not there as well, and answers nothing [aws: tag untag queue]', async () => {
    const QueueUrl = await api.queue();
    await api.ok('TagQueue', { QueueUrl, Tags: { a: '1', b: '2', c: '3' } });
    expect(await api.ok('UntagQueue', { QueueUrl, TagKeys: ['a', 'c', 'missing', 'B'] })).toEqual({});
    expect((await api.ok('ListQueueTags', { QueueUrl })).Tags).toEqual({ b: '2' });
    await api.ok('UntagQueue', { QueueUrl, TagKeys: ['b'] });
    expect(await api.ok('ListQueueTags', { QueueUrl })).toEqual({});
  });

  it.each([
    ['no key', []],
    ['an empty key', ['']],
    ['a key of 129 characters', ['k'.repeat(129)]],
  ])('refuses %s [facts: tags]', async (_, TagKeys) => {
    const QueueUrl = await api.queue();
    const refusal = errors.invalidParameter('Tag keys must be between 1 and 128 characters in length.');
    await api.refused('UntagQueue', { QueueUrl, TagKeys }, refusal);
  });

  it('demands keys [model: UntagQueue.TagKeys]', async () => {
    const QueueUrl = await api.queue();
    await api.refused('UntagQueue', { QueueUrl }, errors.missingParameter('TagKeys'));
  });

  it('does not know a queue that was never made [facts: error codes]', async () => {
    await api.refused('UntagQueue', { QueueUrl: uniqueName(), TagKeys: ['a'] }, errors.queueDoesNotExist);
  });
});

describe('UntagQueue with the SDK', () => {
  it('removes tags [model: UntagQueue]', async () => {
    const QueueUrl = await json.queue();
    await json.ok('TagQueue', { QueueUrl, Tags: { a: '1' } });
    await sdk().send(new UntagQueueCommand({ QueueUrl, TagKeys: ['a'] }));
    expect(await json.ok('ListQueueTags', { QueueUrl })).toEqual({});
  });
});
