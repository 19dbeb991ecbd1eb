import { ListQueueTagsCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import * as errors from '../errors.ts';
import { json, protocols, sdk, uniqueName } from '../target.ts';

describe.each(protocols)('ListQueueTags over $name', (api) => {
  it('lists what the queue was made with [model: ListQueueTags]', async () => {
    const { QueueUrl } = await api.ok('CreateQueue', { QueueName: uniqueName(), tags: { a: '1', b: '2' } });
    expect(await api.ok('ListQueueTags', { QueueUrl })).toEqual({ Tags: { a: '1', b: '2' } });
  });

  it('answers nothing at all when there are none [aws: tag untag queue]', async () => {
    expect(await api.ok('ListQueueTags', { QueueUrl: await api.queue() })).toEqual({});
  });

  it('does not know a queue that was never made [facts: error codes]', async () => {
    await api.refused('ListQueueTags', { QueueUrl: uniqueName() }, errors.queueDoesNotExist);
  });

  it('demands a queue [model: ListQueueTags.QueueUrl]', async () => {
    await api.refused('ListQueueTags', {}, errors.missingParameter('QueueUrl'));
  });
});

describe('ListQueueTags with the SDK', () => {
  it('lists, and has no member when there are none [model: ListQueueTags]', async () => {
    const QueueUrl = await json.queue();
    expect((await sdk().send(new ListQueueTagsCommand({ QueueUrl }))).Tags).toBeUndefined();
    await json.ok('TagQueue', { QueueUrl, Tags: { a: '1' } });
    expect((await sdk().send(new ListQueueTagsCommand({ QueueUrl }))).Tags).toEqual({ a: '1' });
  });
});
