import { describe, expect, it } from 'vitest';
import {
  fifoQueue,
  fifoTopic,
  queue,
  setSubscription,
  subscribed,
  subscriptionAttributes,
  subscriptionNotFound,
  topic,
} from './fixtures.ts';
import { invalidParameter, ok, refused } from './queryCall.ts';

describe('SetSubscriptionAttributes', () => {
  const deadLetters = (arn: string) => JSON.stringify({ deadLetterTargetArn: arn });

  it('sets raw delivery, a filter and its scope [model: SetSubscriptionAttributes]', async () => {
    const { subscription } = await subscribed(await topic());
    await setSubscription(subscription, 'RawMessageDelivery', 'true');
    await setSubscription(subscription, 'FilterPolicy', '{"a":["b"]}');
    expect(await subscriptionAttributes(subscription)).toMatchObject({
      RawMessageDelivery: 'true',
      FilterPolicy: '{"a":["b"]}',
      FilterPolicyScope: 'MessageAttributes',
    });
    await setSubscription(subscription, 'FilterPolicyScope', 'MessageBody');
    expect(await subscriptionAttributes(subscription)).toMatchObject({ FilterPolicyScope: 'MessageBody' });
  });

  it.each(['', '{}'])('takes a filter away by "%s" [model: SetSubscriptionAttributes]', async (value) => {
    const { subscription } = await subscribed(await topic(), { FilterPolicy: '{"a":["b"]}' });
    await setSubscription(subscription, 'FilterPolicy', value);
    expect(await subscriptionAttributes(subscription)).not.toHaveProperty('FilterPolicy');
  });

  it('sets a dead-letter queue, and takes it away [aws: subscription after failure to deliver]', async () => {
    const { subscription } = await subscribed(await topic());
    const policy = deadLetters((await queue()).arn);
    await setSubscription(subscription, 'RedrivePolicy', policy);
    expect(await subscriptionAttributes(subscription)).toMatchObject({ RedrivePolicy: policy });
    await setSubscription(subscription, 'RedrivePolicy', '');
    expect(await subscriptionAttributes(subscription)).not.toHaveProperty('RedrivePolicy');
  });

  it.each([
    ['fake', 'x', 'AttributeName'],
    ['Owner', 'x', 'AttributeName'],
    ['RawMessageDelivery', 'test-ValUe', 'RawMessageDelivery: Invalid value [test-ValUe]. Must be true or false.'],
    ['RawMessageDelivery', '', 'RawMessageDelivery: Invalid value []. Must be true or false.'],
    ['RedrivePolicy', '{"deadLetterTargetArn":"fake-arn"}', 'RedrivePolicy: deadLetterTargetArn is an invalid arn'],
    [
      'RedrivePolicy',
      '{invalidjson}',
      "RedrivePolicy: failed to parse JSON. Unexpected character ('i' (code 105)): was expecting double-quote to start field name\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 2]",
    ],
    [
      'FilterPolicy',
      '{invalidjson}',
      "FilterPolicy: failed to parse JSON. Unexpected character ('i' (code 105)): was expecting double-quote to start field name\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 2]",
    ],
    [
      'FilterPolicyScope',
      'Else',
      'FilterPolicyScope: Invalid value [Else]. Please use either MessageBody or MessageAttributes',
    ],
  ])('refuses to set %s to %s [aws: validate set sub attributes]', async (AttributeName, AttributeValue, reason) => {
    const { subscription } = await subscribed(await topic());
    const input = { SubscriptionArn: subscription, AttributeName, AttributeValue };
    await refused('SetSubscriptionAttributes', input, invalidParameter(reason));
  });

  it('demands a FIFO dead-letter queue for a FIFO queue [aws: validations for fifo]', async () => {
    const { subscription } = await subscribed(await fifoTopic(), {}, fifoQueue);
    const AttributeValue = deadLetters((await queue()).arn);
    const refusal = invalidParameter(
      'RedrivePolicy: must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic.',
    );
    const input = { SubscriptionArn: subscription, AttributeName: 'RedrivePolicy', AttributeValue };
    await refused('SetSubscriptionAttributes', input, refusal);
  });

  it('does not know one that is over [aws: not found error on set subscription attributes]', async () => {
    const { subscription: SubscriptionArn } = await subscribed(await topic());
    await ok('Unsubscribe', { SubscriptionArn });
    const input = { SubscriptionArn, AttributeName: 'RawMessageDelivery', AttributeValue: 'true' };
    await refused('SetSubscriptionAttributes', input, subscriptionNotFound);
  });
});
