import { findSubscription } from '../finding.ts';
import type { SnsOperation } from '../service.ts';
import { shownAttributes } from '../subscriptionAttributes.ts';

export const getSubscriptionAttributes: SnsOperation<'GetSubscriptionAttributes'> = async (sns, input, context) => {
  const { topic, subscription } = await findSubscription(sns, input.SubscriptionArn, context);
  return { Attributes: shownAttributes(subscription, topic) };
};
