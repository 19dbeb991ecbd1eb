import { randomUUID } from 'node:crypto';
import { createDeliveryQueue, deleteDeliveryQueue, sendConfirmation, withToken } from '../confirmation.ts';
import { checkEndpoint, isConfirmedAtOnce, largeMessageProtocols } from '../endpoints.ts';
import { invalidParameter, subscriptionLimitExceeded } from '../errors.ts';
import { findTopic, refuseIfGone } from '../finding.ts';
import * as limits from '../limits.ts';
import { parseEndpointArn } from '../platformArn.ts';
import { readEndpoint } from '../platformEndpoints.ts';
import type { SubscriptionRecord } from '../records.ts';
import type { Sns, SnsOperation } from '../service.ts';
import type { Subscription } from '../subscription.ts';
import {
  changeAttributes,
  checkFilterQuota,
  hasAttributes,
  replayFor,
  subscribePrefix,
} from '../subscriptionAttributes.ts';
import { maximumMessageSize } from '../topicAttributes.ts';
import type { Topic } from '../topics.ts';

/** Subscribing the same endpoint again gives the subscription that is there, as long as it has the attributes that are given. */
export const subscribe: SnsOperation<'Subscribe'> = async (sns, input, context) => {
  const { Protocol: protocol, Attributes: given = {}, ReturnSubscriptionArn: wantsArn = false } = input;
  const topic = await findTopic(sns, input.TopicArn, context);
  const endpoint = checkEndpoint(topic, protocol, input.Endpoint);
  const attributes = changeAttributes({}, given, { protocol, endpoint }, topic, 'Subscribe');
  if (protocol === 'firehose' && attributes.SubscriptionRoleArn === undefined) {
    throw invalidParameter(`${subscribePrefix}SubscriptionRoleArn is required for the firehose protocol`);
  }
  const now = sns.partition.now();
  const replay = replayFor(given, topic, { now, publicUrl: context.endpoint, prefix: subscribePrefix });
  const existing = topic.subscriptionOf(protocol, endpoint);
  if (existing !== undefined) return again(existing);
  checkLimits(topic, protocol);
  checkFilterQuota(sns, topic, {}, attributes);
  if (protocol === 'application') await checkDevice(sns, endpoint);
  const { subscription, isNew } = await create(sns, topic, {
    ...{ subscriptionId: randomUUID(), protocol, endpoint, attributes, owner: context.accountId },
    topic: { accountId: topic.record.accountId, region: topic.record.region, name: topic.record.name },
    createdAt: now,
    ...stateOf(protocol, endpoint, context.accountId),
    ...(replay && { replay }),
  });
  if (!isNew) return again(subscription);
  const { record } = subscription;
  if (record.status === 'pending') await sendConfirmation(sns, topic, record, 'confirmation', context.endpoint);
  if (replay !== undefined) sns.replays.begin(record);
  return answer(subscription);

  async function again(found: Subscription) {
    if (!hasAttributes(found.record, attributes)) {
      throw invalidParameter(`${subscribePrefix}Subscription already exists with different attributes`);
    }
    if (found.record.status === 'pending') await remind(sns, topic, found.record, context.endpoint);
    return answer(found);
  }

  function answer({ record: { status }, arn }: Subscription) {
    return { SubscriptionArn: status === 'pending' && !wantsArn ? 'pending confirmation' : arn };
  }
};

/** Recorded at AWS, the missing space included. */
async function checkDevice(sns: Sns, arn: string): Promise<void> {
  const path = parseEndpointArn(arn);
  if (path !== undefined && (await readEndpoint(sns, path)) !== undefined) return;
  throw invalidParameter(`Endpoint Reason: Endpoint does not exist for endpoint arn${arn}`);
}

function stateOf(
  protocol: string,
  endpoint: string,
  accountId: string,
): Pick<SubscriptionRecord, 'status' | 'confirmationWasAuthenticated'> {
  return isConfirmedAtOnce(protocol, endpoint, accountId)
    ? { status: 'confirmed', confirmationWasAuthenticated: true }
    : { status: 'pending', confirmationWasAuthenticated: false };
}

/** The new subscription, or one that was made meanwhile. */
async function create(
  sns: Sns,
  topic: Topic,
  record: SubscriptionRecord,
): Promise<{ subscription: Subscription; isNew: boolean }> {
  await createDeliveryQueue(sns, record);
  const meanwhile = topic.isGone ? undefined : topic.subscriptionOf(record.protocol, record.endpoint);
  if (meanwhile !== undefined || topic.isGone) {
    await deleteDeliveryQueue(sns, record);
    refuseIfGone(topic);
  }
  if (meanwhile !== undefined) return { subscription: meanwhile, isNew: false };
  const whole = record.status === 'pending' ? withToken(record, sns.partition.now()) : record;
  return { subscription: await sns.topics.putSubscription(topic, whole), isNew: true };
}

/** Asks once more for the confirmation. */
async function remind(sns: Sns, topic: Topic, record: SubscriptionRecord, publicUrl: string): Promise<void> {
  const renewed = withToken(record, sns.partition.now());
  refuseIfGone(topic);
  await sns.topics.putSubscription(topic, renewed);
  await sendConfirmation(sns, topic, renewed, 'confirmation', publicUrl);
}

function checkLimits(topic: Topic, protocol: string): void {
  const count = topic.subscriptions.size;
  if (topic.isFifo && count >= limits.fifoSubscriptions) {
    throw subscriptionLimitExceeded(`A FIFO topic has at most ${limits.fifoSubscriptions} subscriptions.`);
  }
  if (maximumMessageSize(topic) <= limits.messageBytes) return;
  if (!largeMessageProtocols.includes(protocol)) {
    throw invalidParameter(`Protocol Reason: ${protocol} does not take the large messages of this topic`);
  }
  if (count >= limits.largeMessageSubscriptions) {
    throw subscriptionLimitExceeded(
      `A topic with large messages has at most ${limits.largeMessageSubscriptions} subscriptions.`,
    );
  }
}
