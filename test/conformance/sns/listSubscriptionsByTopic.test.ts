import { describe, expect, it } from 'vitest';
import { uniqueName } from '../target.ts';
import { scopeOf, subscribed, topic, topicNotFound } from './fixtures.ts';
import { ok, refused } from './queryCall.ts';

describe('ListSubscriptionsByTopic', () => {
  it('lists what there is [aws: not found error on set subscription attributes]', async () => {
    const TopicArn = await topic();
    const { arn, subscription } = await subscribed(TopicArn);
    const listed = {
      Endpoint: arn,
      Owner: TopicArn.split(':')[4],
      Protocol: 'sqs',
      SubscriptionArn: subscription,
      TopicArn,
    };
    expect(await ok('ListSubscriptionsByTopic', { TopicArn })).toEqual({ Subscriptions: [listed] });
    await ok('Unsubscribe', { SubscriptionArn: subscription });
    expect(await ok('ListSubscriptionsByTopic', { TopicArn })).toEqual({ Subscriptions: [] });
  });

  it('hides the ARN of what is pending [aws: getting subscriptions by topic]', async () => {
    const TopicArn = await topic();
    await ok('Subscribe', { TopicArn, Protocol: 'email', Endpoint: 'test@example.com' });
    const { Subscriptions } = await ok('ListSubscriptionsByTopic', { TopicArn });
    expect(Subscriptions).toMatchObject([{ Endpoint: 'test@example.com', SubscriptionArn: 'PendingConfirmation' }]);
  });

  it('gives pages of 100 [aws: subscription paging]', async () => {
    const TopicArn = await topic();
    for (let n = 0; n < 101; n += 1)
      await ok('Subscribe', { TopicArn, Protocol: 'sms', Endpoint: `+1555123${1000 + n}` });
    const first = await ok('ListSubscriptionsByTopic', { TopicArn });
    const second = await ok('ListSubscriptionsByTopic', { TopicArn, NextToken: first.NextToken as string });
    expect([...(first.Subscriptions as never), ...(second.Subscriptions as never)]).toHaveLength(101);
    expect(second).not.toHaveProperty('NextToken');
  });

  it('does not know a topic that never was [model: ListSubscriptionsByTopic]', async () => {
    const TopicArn = `${scopeOf(await topic())}:${uniqueName('never')}`;
    await refused('ListSubscriptionsByTopic', { TopicArn }, topicNotFound);
  });
});
