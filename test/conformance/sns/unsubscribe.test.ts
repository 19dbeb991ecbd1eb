import { describe, expect, it } from 'vitest';
import { describeOurs } from '../target.ts';
import { asked, follow, other } from './asked.ts';
import { subscribed, topic, topicAttributes } from './fixtures.ts';
import { invalidParameter, ok, refused } from './queryCall.ts';

describe('Unsubscribe', () => {
  const never = '11111111-2222-4333-8444-555555555555';

  it('succeeds, again and for what never was [aws: unsubscribe idempotency, from non existing subscription]', async () => {
    const TopicArn = await topic();
    const { subscription: SubscriptionArn } = await subscribed(TopicArn);
    expect(await ok('Unsubscribe', { SubscriptionArn })).toEqual({});
    expect(await ok('Unsubscribe', { SubscriptionArn })).toEqual({});
    expect(await ok('Unsubscribe', { SubscriptionArn: `${TopicArn}:${never}` })).toEqual({});
  });

  it.each([
    ['randomstring', 'SubscriptionArn Reason: An ARN must have at least 6 elements, not 1'],
    ['arn:aws:sns:us-east-1:1', 'SubscriptionArn Reason: An ARN must have at least 6 elements, not 5'],
    ['', 'SubscriptionArn Reason: no value for required parameter'],
  ])('refuses "%s" [aws: unsubscribe wrong arn format]', async (SubscriptionArn, reason) => {
    await refused('Unsubscribe', { SubscriptionArn }, invalidParameter(reason));
  });

  it('refuses the ARN of a topic [aws: unsubscribe wrong arn format]', async () => {
    await refused('Unsubscribe', { SubscriptionArn: await topic() }, invalidParameter('SubscriptionId'));
  });
});

describeOurs('Unsubscribe by others', () => {
  const someoneElse = { accessKeyId: '999988887777' };

  it('is not for other accounts [model: Unsubscribe]', async () => {
    const { subscription: SubscriptionArn } = await subscribed(await topic());
    const message = 'Only the owner of the subscription or of the topic may unsubscribe, with a signature.';
    const refusal = { status: 403, code: 'AuthorizationError', message };
    await refused('Unsubscribe', { SubscriptionArn }, refusal, someoneElse);
  });

  it('is for the owner of the topic [model: Unsubscribe]', async () => {
    const TopicArn = await topic();
    const { confirmation } = await asked(TopicArn);
    const { SubscriptionArn } = await ok('ConfirmSubscription', { TopicArn, Token: confirmation.Token ?? '' }, other);
    await ok('Unsubscribe', { SubscriptionArn: SubscriptionArn as string });
    expect(await topicAttributes(TopicArn)).toMatchObject({ SubscriptionsDeleted: '1' });
  });

  it('works by the link in a message [model: Unsubscribe]', async () => {
    const TopicArn = await topic();
    const { confirmation, next } = await asked(TopicArn);
    await follow(confirmation.SubscribeURL ?? '');
    await ok('Publish', { TopicArn, Message: 'text' });
    const { UnsubscribeURL = '' } = await next();
    expect((await follow(UnsubscribeURL)).status).toBe(200);
    expect(await ok('ListSubscriptionsByTopic', { TopicArn })).toEqual({ Subscriptions: [] });
  });
});
