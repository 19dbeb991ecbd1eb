import { describe, expect, it } from 'vitest';
import { uniqueName } from '../target.ts';
import { scopeOf, topic } from './fixtures.ts';
import { invalidParameter, ok, refused } from './queryCall.ts';

describe('DeleteTopic', () => {
  it('ends the topic [aws: create topic test arn]', async () => {
    const TopicArn = await topic();
    expect(await ok('DeleteTopic', { TopicArn })).toEqual({});
    await refused(
      'GetTopicAttributes',
      { TopicArn },
      { status: 404, code: 'NotFound', message: 'Topic does not exist' },
    );
  });

  it('succeeds again, and for a topic that never was [aws: delete topic idempotency]', async () => {
    const TopicArn = await topic();
    await ok('DeleteTopic', { TopicArn });
    await ok('DeleteTopic', { TopicArn });
    await ok('DeleteTopic', { TopicArn: `${scopeOf(TopicArn)}:${uniqueName('never')}` });
  });

  it.each([
    ['nothing', '', 'TopicArn Reason: An ARN must have at least 6 elements, not 1'],
    ['a few words', 'Invalid:Topic:Arn', 'TopicArn Reason: An ARN must have at least 6 elements, not 3'],
    ['an ARN of SQS', 'arn:aws:sqs:eu-west-1:111122223333:queue', 'TopicArn'],
    ['a topic of another region', 'arn:aws:sns:ap-south-2:111122223333:topic', 'TopicArn'],
  ])('refuses %s as an ARN [aws: delete topic with invalid arn, cross region access]', async (_, TopicArn, reason) => {
    await refused('DeleteTopic', { TopicArn }, invalidParameter(reason));
  });
});
