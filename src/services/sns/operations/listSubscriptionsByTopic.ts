import { findTopic } from '../finding.ts';
import { cutPage, pageAndOne, readToken } from '../paging.ts';
import { type SubscriptionRecord, subscriptionKind, topicPath } from '../records.ts';
import type { SnsOperation } from '../service.ts';
import { listedSubscription } from '../subscription.ts';

export const listSubscriptionsByTopic: SnsOperation<'ListSubscriptionsByTopic'> = async (sns, input, context) => {
  const topic = await findTopic(sns, input.TopicArn, context);
  const prefix = `${topicPath(topic.record)}/`;
  const after = readToken(input.NextToken);
  const found = await sns.partition.entities.list<SubscriptionRecord>(
    subscriptionKind,
    prefix,
    pageAndOne,
    after && `${prefix}${after}`,
  );
  const { page, token } = cutPage(found, ({ value }) => value.subscriptionId);
  return { Subscriptions: page.map(({ value }) => listedSubscription(value)), ...token };
};
