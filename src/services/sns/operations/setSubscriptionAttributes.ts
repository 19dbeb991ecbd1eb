import { findSubscription } from '../finding.ts';
import { deliveryQueuePath } from '../records.ts';
import type { SnsOperation } from '../service.ts';
import { changeAttributes, checkFilterQuota, replayFor } from '../subscriptionAttributes.ts';

export const setSubscriptionAttributes: SnsOperation<'SetSubscriptionAttributes'> = async (sns, input, context) => {
  const { AttributeName: name, AttributeValue: value = '' } = input;
  const { topic, subscription } = await findSubscription(sns, input.SubscriptionArn, context);
  const { record } = subscription;
  const given = { [name]: value };
  const attributes = changeAttributes(record.attributes, given, record, topic, 'SetSubscriptionAttributes');
  checkFilterQuota(sns, topic, record.attributes, attributes);
  const { replay: before, ...others } = record;
  const now = sns.partition.now();
  const replay = name === 'ReplayPolicy' ? replayFor(given, topic, { now, publicUrl: context.endpoint }) : before;
  await sns.topics.putSubscription(topic, { ...others, attributes, ...(replay && { replay }) });
  if (subscription.target === undefined) sns.deliveries.watch(deliveryQueuePath(record));
  if (name === 'ReplayPolicy' && replay !== undefined) sns.replays.begin(record);
};
