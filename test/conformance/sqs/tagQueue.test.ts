import { TagQueueCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import * as errors from '../errors.ts';
import { json, protocols, sdk, uniqueName } from '../target.ts';

const tags = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`key${n}`, `value${n}`]));

describe.each(protocols)('TagQueue over $name', (api) => {
  it('adds tags, and answers nothing [aws: tag untag queue]', async () => {
    const QueueUrl = await api.queue();
    expect(await api.ok('TagQueue', { QueueUrl, Tags: { tag1: 'value1', tag2: 'value2', tag3: '' } })).toEqual({});
    expect(await api.ok('ListQueueTags', { QueueUrl })).toEqual({
      Tags: { tag1: 'value1', tag2: 'value2', tag3: '' },
    });
  });

  it('replaces a tag of the same key, and keeps the others [model: TagQueue]', async () => {
    const QueueUrl = await api.queue();
    await api.ok('TagQueue', { QueueUrl, Tags: { a: '1', b: '2' } });
    await api.ok('TagQueue', { QueueUrl, Tags: { b: '3', B: '4' } });
    expect((await api.ok('ListQueueTags', { QueueUrl })).Tags).toEqual({ a: '1', b: '3', B: '4' });
  });

  it('keeps any text [model: TagQueue]', async () => {
    const QueueUrl = await api.queue();
    const Tags = { 'žluť <&> "key"': 'hodnota 😀', constructor: 'x', '1': '+-=._:/@' };
    await api.ok('TagQueue', { QueueUrl, Tags });
    expect((await api.ok('ListQueueTags', { QueueUrl })).Tags).toEqual(Tags);
  });

  it('takes keys of 128 and values of 256 characters, 50 of them [facts: tags]', async () => {
    const QueueUrl = await api.queue();
    await api.ok('TagQueue', { QueueUrl, Tags: { ...tags(49), ['k'.repeat(128)]: 'v'.repeat(256) } });
  });

  it.each([
    ['a key of 129 characters', { ['k'.repeat(129)]: 'v' }, 'Tag keys must be between 1 and 128 characters in length.'],
    ['an empty key', { '': 'v' }, 'Tag keys must be between 1 and 128 characters in length.'],
    ['a value of 257 characters', { k: 'v'.repeat(257) }, 'Tag values must be between 0 and 256 characters in length.'],
  ])('refuses %s [facts: tags]', async (_, Tags, text) => {
    const QueueUrl = await api.queue();
    await api.refused('TagQueue', { QueueUrl, Tags }, errors.invalidParameter(text));
  });

  it('refuses a 51st tag, and changes nothing [facts: tags]', async () => {
    const QueueName = uniqueName();
    const QueueUrl = await api.queue({}, QueueName);
    await api.ok('TagQueue', { QueueUrl, Tags: tags(50) });
    const refusal = errors.invalidParameter(`Too many tags added for queue ${QueueName}.`);
    await api.refused('TagQueue', { QueueUrl, Tags: { one: 'more', key0: 'changed' } }, refusal);
    expect((await api.ok('ListQueueTags', { QueueUrl })).Tags).toEqual(tags(50));
  });

  it.each([undefined, {}])('demands tags [model: TagQueue.Tags]', async (Tags) => {
    const QueueUrl = await api.queue();
    await api.refused('TagQueue', { QueueUrl, Tags }, errors.missingParameter('Tags'));
  });

  it('does not know a queue that was never made [facts: error codes]', async () => {
    await api.refused('TagQueue', { QueueUrl: uniqueName(), Tags: { a: 'b' } }, errors.queueDoesNotExist);
  });
});

describe('TagQueue with the SDK', () => {
  it('adds tags [model: TagQueue]', async () => {
    const QueueUrl = await json.queue();
    await sdk().send(new TagQueueCommand({ QueueUrl, Tags: { a: 'b' } }));
    expect((await json.ok('ListQueueTags', { QueueUrl })).Tags).toEqual({ a: 'b' });
  });
});
