import type { Delivery } from './delivery.ts';
import type { EnvelopeType } from './signing.ts';

const types: Readonly<Record<Delivery['kind'], EnvelopeType>> = {
  notification: 'Notification',
  confirmation: 'SubscriptionConfirmation',
  'unsubscribe-confirmation': 'UnsubscribeConfirmation',
};

/** The headers of a POST to a subscriber, all but those of the body. Recorded at AWS, in this order. */
export function deliveryHeaders(delivery: Delivery): Record<string, string> {
  const isNotification = delivery.kind === 'notification';
  return {
    'x-amz-sns-message-type': types[delivery.kind],
    'x-amz-sns-message-id': delivery.messageId,
    'x-amz-sns-topic-arn': delivery.topicArn,
    // A subscription that is to be confirmed does not learn its ARN.
    ...(delivery.kind !== 'confirmation' && { 'x-amz-sns-subscription-arn': delivery.subscriptionArn }),
    ...(isNotification && delivery.raw && { 'x-amz-sns-rawdelivery': 'true' }),
    // Some receivers take nothing from other agents.
    'user-agent': 'Amazon Simple Notification Service Agent',
    'accept-encoding': 'gzip,deflate',
  };
}
