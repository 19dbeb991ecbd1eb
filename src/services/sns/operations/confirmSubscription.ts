import { timingSafeEqual } from 'node:crypto';
import { fromLink, isSigned, parseArn, type TopicPath } from '../arn.ts';
import { createDeliveryQueue, subscriptionIdOf } from '../confirmation.ts';
import { invalid, invalidParameter } from '../errors.ts';
import { refuseIfGone } from '../finding.ts';
import { arnOf, type SubscriptionRecord, topicPath, unsubscribedKind } from '../records.ts';
import type { Sns, SnsOperation } from '../service.ts';
import type { Topic } from '../topics.ts';

/** Confirming twice is a success. The token of a last message restores a subscription that was given up. */
export const confirmSubscription: SnsOperation<'ConfirmSubscription'> = async (sns, input, context) => {
  const { Token: token, AuthenticateOnUnsubscribe } = input;
  const subscriptionId = subscriptionIdOf(token);
  if (subscriptionId === undefined) throw invalid('Invalid token');
  const path = readTopic(input.TopicArn, fromLink(context, input.TopicArn).region);
  const topic = await sns.topics.find(path);
  const record = topic && (await findRecord(sns, topic, subscriptionId));
  if (topic === undefined || record === undefined || !isToken(record, token, sns.partition.now())) {
    throw invalidParameter('Token');
  }
  if (record.status === 'confirmed' && topic.subscriptions.has(subscriptionId)) {
    return { SubscriptionArn: arnOf(record) };
  }
  await createDeliveryQueue(sns, record);
  refuseIfGone(topic);
  const confirmationWasAuthenticated = AuthenticateOnUnsubscribe?.toLowerCase() === 'true' && isSigned(context);
  await sns.topics.putSubscription(topic, { ...record, status: 'confirmed', confirmationWasAuthenticated });
  return { SubscriptionArn: arnOf(record) };
};

function readTopic(arn: string, callerRegion: string): TopicPath {
  const { service, region = '', accountId = '', resource: name = '' } = parseArn(arn) ?? {};
  if (service !== 'sns' || region !== callerRegion) throw invalidParameter('Topic');
  return { accountId, region, name };
}

async function findRecord(sns: Sns, topic: Topic, subscriptionId: string): Promise<SubscriptionRecord | undefined> {
  const existing = topic.subscriptions.get(subscriptionId);
  if (existing !== undefined) return existing.record;
  const path = `${topicPath(topic.record)}/${subscriptionId}`;
  const given = await sns.partition.entities.get<SubscriptionRecord>(unsubscribedKind, path);
  // The endpoint may have been subscribed anew meanwhile.
  return given && topic.subscriptionOf(given.protocol, given.endpoint) === undefined ? given : undefined;
}

function isToken({ token, tokenExpiresAt = 0 }: SubscriptionRecord, given: string, now: number): boolean {
  if (token === undefined || token.length !== given.length || tokenExpiresAt <= now) return false;
  return timingSafeEqual(Buffer.from(token), Buffer.from(given));
}
