import { PublishBatchCommand } from '@aws-sdk/client-sns';
import { describe, expect, it } from 'vitest';
import { uniqueName } from '../target.ts';
import { expectEmpty, fifoTopic, queue, receive, scopeOf, sdk, subscribed, topic, topicNotFound } from './fixtures.ts';
import { invalidParameter, ok, refused } from './queryCall.ts';
import { wrongAttributes } from './wrongAttributes.ts';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const missingDefault = invalidParameter('Message Structure - No default entry in JSON message body');

describe('PublishBatch', () => {
  const entries = (count: number, Message = 'text') =>
    Array.from({ length: count }, (_, n) => ({ Id: String(n), Message: `${Message}${n}` }));

  it('publishes up to ten messages [aws: publish batch messages from sns to sqs]', async () => {
    const TopicArn = await topic();
    const made = await subscribed(TopicArn, { RawMessageDelivery: 'true' });
    const { Successful, Failed } = await ok('PublishBatch', { TopicArn, PublishBatchRequestEntries: entries(10) });
    expect(Failed).toEqual([]);
    expect(Successful).toEqual(entries(10).map(({ Id }) => ({ Id, MessageId: expect.stringMatching(uuid) })));
    const bodies = new Set<string>();
    for (let n = 0; n < 10; n += 1) bodies.add((await receive(made)).Body);
    expect(bodies.size).toBe(10);
  });

  it.each([
    ['no entries', [], 'EmptyBatchRequest', "The batch request doesn't contain any entries."],
    [
      'eleven entries',
      entries(11),
      'TooManyEntriesInBatchRequest',
      'The batch request contains more entries than permissible.',
    ],
    [
      'an id twice',
      [...entries(2), ...entries(1)],
      'BatchEntryIdsNotDistinct',
      'Two or more batch entries in the request have the same Id.',
    ],
    [
      'an id with a space',
      [{ Id: 'a b', Message: 'text' }],
      'InvalidBatchEntryId',
      "The Id of a batch entry in a batch request doesn't abide by the specification.",
    ],
    [
      'a long id',
      [{ Id: 'x'.repeat(81), Message: 'text' }],
      'InvalidBatchEntryId',
      "The Id of a batch entry in a batch request doesn't abide by the specification.",
    ],
    [
      'too much together',
      entries(2, 'x'.repeat(131_073)),
      'BatchRequestTooLong',
      'The length of all the messages put together is more than the limit.',
    ],
  ])('refuses %s [aws: publish batch exceptions, too long message]', async (_, batch, code, message) => {
    const TopicArn = await topic();
    // An empty list has no form of its own: it is an empty value.
    const PublishBatchRequestEntries = batch.length === 0 ? '' : batch;
    await refused('PublishBatch', { TopicArn, PublishBatchRequestEntries }, { status: 400, code, message });
  });

  it.each(wrongAttributes)(
    'refuses all for an attribute with %s [aws: empty or wrong message attributes]',
    async (...row) => {
      const [, MessageAttributes, refusal] = row;
      const TopicArn = await topic();
      const made = await subscribed(TopicArn);
      const PublishBatchRequestEntries = [
        { Id: 'good', Message: 'text' },
        { Id: 'bad', Message: 'text', MessageAttributes },
      ];
      await refused('PublishBatch', { TopicArn, PublishBatchRequestEntries }, refusal);
      await expectEmpty(made);
    },
  );

  it('refuses all for a structure without a default [aws: publish batch exceptions]', async () => {
    const entry = { Id: '1', Message: '{"key":"object"}', MessageStructure: 'json' };
    const input = {
      TopicArn: await fifoTopic(),
      PublishBatchRequestEntries: [{ ...entry, MessageGroupId: 'g', MessageDeduplicationId: 'd' }],
    };
    await refused('PublishBatch', input, missingDefault);
  });

  it('does not know a topic that never was [aws: publish batch messages without topic]', async () => {
    const TopicArn = `${scopeOf(await topic())}:${uniqueName('never')}`;
    await refused('PublishBatch', { TopicArn, PublishBatchRequestEntries: entries(1) }, topicNotFound);
  });

  it('works with the SDK [model: PublishBatch]', async () => {
    const TopicArn = await topic();
    const made = await queue();
    const input = { TopicArn, PublishBatchRequestEntries: entries(2) };
    const { Successful } = await sdk().send(new PublishBatchCommand(input));
    expect(Successful).toHaveLength(2);
    await expectEmpty(made);
  });
});
