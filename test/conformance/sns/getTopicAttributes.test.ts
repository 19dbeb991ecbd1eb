import { describe, expect, it } from 'vitest';
import { uniqueName } from '../target.ts';
import { queue, scopeOf, subscribe, topic, topicAttributes, topicNotFound } from './fixtures.ts';
import { invalidParameter, missing, ok, refused } from './queryCall.ts';

const defaultRetries = {
  minDelayTarget: 20,
  maxDelayTarget: 20,
  numRetries: 3,
  numMaxDelayRetries: 0,
  numNoDelayRetries: 0,
  numMinDelayRetries: 0,
  backoffFunction: 'linear',
};

const defaultEffective = {
  http: {
    defaultHealthyRetryPolicy: defaultRetries,
    disableSubscriptionOverrides: false,
    defaultRequestPolicy: { headerContentType: 'text/plain; charset=UTF-8' },
  },
};

const ownersActions = [
  'SNS:GetTopicAttributes',
  'SNS:SetTopicAttributes',
  'SNS:AddPermission',
  'SNS:RemovePermission',
  'SNS:DeleteTopic',
  'SNS:Subscribe',
  'SNS:ListSubscriptionsByTopic',
  'SNS:Publish',
];

describe('GetTopicAttributes', () => {
  it('shows what a new topic has [aws: create topic test arn]', async () => {
    const TopicArn = await topic();
    const { Policy = '', EffectiveDeliveryPolicy = '', ...others } = await topicAttributes(TopicArn);
    const owner = TopicArn.split(':')[4] ?? '';
    expect(others).toEqual({
      DisplayName: '',
      Owner: owner,
      SubscriptionsConfirmed: '0',
      SubscriptionsDeleted: '0',
      SubscriptionsPending: '0',
      TopicArn,
    });
    expect(JSON.parse(EffectiveDeliveryPolicy)).toEqual(defaultEffective);
    expect(JSON.parse(Policy)).toEqual({
      Version: '2008-10-17',
      Id: '__default_policy_ID',
      Statement: [
        {
          Sid: '__default_statement_ID',
          Effect: 'Allow',
          Principal: { AWS: '*' },
          Action: ownersActions,
          Resource: TopicArn,
          Condition: { StringEquals: { 'AWS:SourceOwner': owner } },
        },
      ],
    });
  });

  it('counts subscriptions [model: GetTopicAttributesResponse.Attributes]', async () => {
    const TopicArn = await topic();
    const subscription = await subscribe(TopicArn, await queue());
    await subscribe(TopicArn, await queue());
    await ok('Subscribe', { TopicArn, Protocol: 'http', Endpoint: 'http://example.com/' });
    await ok('Unsubscribe', { SubscriptionArn: subscription });
    expect(await topicAttributes(TopicArn)).toMatchObject({
      SubscriptionsConfirmed: '1',
      SubscriptionsDeleted: '1',
      SubscriptionsPending: '1',
    });
  });

  it.each([
    ['a topic that never was', (scope: string) => `${scope}:${uniqueName('never')}`, topicNotFound],
    ['no ARN', () => 'randomarn', invalidParameter('TopicArn Reason: An ARN must have at least 6 elements, not 1')],
    ['an ARN of another region', () => 'arn:aws:sns:ap-south-2:111122223333:t', invalidParameter('TopicArn')],
  ])('refuses %s [aws: create topic with attributes, cross region access]', async (_, arnOf, refusal) => {
    const TopicArn = arnOf(scopeOf(await topic()));
    await refused('GetTopicAttributes', { TopicArn }, refusal);
  });

  it('demands an ARN [model: GetTopicAttributesInput.TopicArn]', async () => {
    await refused('GetTopicAttributes', {}, missing('topicArn'));
  });
});
