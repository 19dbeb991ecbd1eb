import { describe, expect, it } from 'vitest';
import { subscribed, subscriptionAttributes, subscriptionNotFound, topic } from './fixtures.ts';
import { invalidParameter, ok, refused } from './queryCall.ts';

const neverSubscribed = '11111111-2222-4333-8444-555555555555';

describe('GetSubscriptionAttributes', () => {
  it('answers the delivery policy of HTTP, and the effective one [aws: subscribe external http endpoint content type]', async () => {
    const TopicArn = await topic({
      DeliveryPolicy: '{"http":{"defaultRequestPolicy":{"headerContentType":"application/json"}}}',
    });
    const given = {
      healthyRetryPolicy: {
        minDelayTarget: 1,
        maxDelayTarget: 1,
        numRetries: 0,
        numMaxDelayRetries: 0,
        numNoDelayRetries: 0,
        numMinDelayRetries: 0,
        backoffFunction: 'linear',
      },
      throttlePolicy: { maxReceivesPerSecond: 1000 },
    };
    const Attributes = { DeliveryPolicy: JSON.stringify(given) };
    const input = {
      TopicArn,
      Protocol: 'http',
      Endpoint: 'http://example.com/',
      ReturnSubscriptionArn: true,
      Attributes,
    };
    const { SubscriptionArn } = await ok('Subscribe', input);
    const { DeliveryPolicy = '', EffectiveDeliveryPolicy = '' } = await subscriptionAttributes(
      SubscriptionArn as string,
    );
    const rest = { ...given, sicklyRetryPolicy: null, guaranteed: false };
    expect(JSON.parse(DeliveryPolicy)).toEqual({ ...rest, requestPolicy: null });
    expect(JSON.parse(EffectiveDeliveryPolicy)).toEqual({
      ...rest,
      requestPolicy: { headerContentType: 'application/json' },
    });
  });

  it.each([
    ['a subscription that never was', `:${neverSubscribed}`, subscriptionNotFound],
    ['a topic', '', invalidParameter('SubscriptionId')],
    ['an id that is none', ':subscription', invalidParameter('SubscriptionId')],
  ])('does not know %s [aws: get subscription attributes error not exists]', async (_, suffix, refusal) => {
    await refused('GetSubscriptionAttributes', { SubscriptionArn: `${await topic()}${suffix}` }, refusal);
  });

  it('does not know one whose topic was deleted [aws: delete subscriptions on delete topic]', async () => {
    const TopicArn = await topic();
    const { subscription: SubscriptionArn } = await subscribed(TopicArn);
    await ok('DeleteTopic', { TopicArn });
    await refused('GetSubscriptionAttributes', { SubscriptionArn }, subscriptionNotFound);
  });
});
