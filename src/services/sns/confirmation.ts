import { randomBytes, randomUUID } from 'node:crypto';
import { randomUuidBytes } from '#std/uuid';
import { parseQueueArn, topicArn } from './arn.ts';
import type { Delivery } from './delivery.ts';
import { envelopeOf } from './envelope.ts';
import { tokenLifetimeMs } from './limits.ts';
import { arnOf, deliveryQueuePath, type SubscriptionRecord, snsPrincipal } from './records.ts';
import type { Sns } from './service.ts';
import { envelopeSettings } from './signingIdentity.ts';
import type { Topic } from './topics.ts';

const secretBytes = 48;
const tokenPattern = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})[0-9a-f]{96}$/;

/** Names the subscription, and nobody can guess it. */
export function newToken({ subscriptionId }: Pick<SubscriptionRecord, 'subscriptionId'>): string {
  return subscriptionId.replaceAll('-', '') + randomBytes(secretBytes).toString('hex');
}

/** The subscription that a token is for; undefined if it can't be one. */
export function subscriptionIdOf(token: string): string | undefined {
  return tokenPattern.exec(token)?.slice(1).join('-');
}

/** A pending subscription with a token that is valid from now on; the one it had, if it has not expired. */
export function withToken(record: SubscriptionRecord, now: number): SubscriptionRecord {
  const { token, tokenExpiresAt = 0 } = record;
  const kept = token !== undefined && tokenExpiresAt > now ? token : newToken(record);
  return { ...record, token: kept, tokenExpiresAt: now + tokenLifetimeMs };
}

/** Queues a subscription's own messages: the one that asks to confirm it, or the one that says that it has ended. */
export async function sendConfirmation(
  sns: Sns,
  topic: Topic,
  record: SubscriptionRecord,
  kind: Exclude<Delivery['kind'], 'notification'>,
  publicUrl: string,
): Promise<void> {
  const delivery = confirmationOf(record, kind, sns.partition.now(), publicUrl);
  if (record.protocol === 'sqs') await sendToQueue(sns, topic, delivery, publicUrl);
  else await sendToEndpoint(sns, record, delivery);
}

async function sendToEndpoint(sns: Sns, record: SubscriptionRecord, delivery: Delivery): Promise<void> {
  const path = deliveryQueuePath(record);
  const payload = Buffer.from(JSON.stringify(delivery));
  const queue = await sns.partition.queue(path.accountId, path.region, path.name);
  await queue?.send([{ messageId: randomUuidBytes(), payload }]);
}

/** Of an account that someone else has subscribed. */
async function sendToQueue(sns: Sns, topic: Topic, delivery: Delivery, publicUrl: string): Promise<void> {
  const path = parseQueueArn(delivery.endpoint);
  const queue = path && (await sns.partition.find(path));
  if (queue === undefined) return;
  const settings = envelopeSettings(topic, await sns.signingKeys.get(), publicUrl);
  const body = envelopeOf(delivery, settings);
  const { messageId } = delivery;
  const source = { arn: topic.arn, service: snsPrincipal };
  const ids = queue.record.settings.fifo === true ? { groupId: messageId, deduplicationId: messageId } : {};
  const keys = sns.encoder.keys(source);
  await keys.ready(queue);
  const composed = sns.encoder.prepare({ body, ...ids, senderId: topic.record.accountId, source }, keys)(queue);
  if (composed !== undefined) await queue.accept([composed]).durable;
}

function confirmationOf(
  record: SubscriptionRecord,
  kind: Exclude<Delivery['kind'], 'notification'>,
  now: number,
  publicUrl: string,
): Delivery {
  return {
    kind,
    topicArn: topicArn(record.topic),
    subscriptionArn: arnOf(record),
    protocol: record.protocol,
    endpoint: record.endpoint,
    messageId: randomUUID(),
    publishedAt: now,
    message: '',
    attributes: {},
    raw: false,
    publicUrl,
    ...(record.token !== undefined && { token: record.token }),
  };
}

/** Makes the queue that deliveries to the subscription wait in, unless it is one of SQS. */
export async function createDeliveryQueue(sns: Sns, record: SubscriptionRecord): Promise<void> {
  if (record.protocol === 'sqs') return;
  const path = deliveryQueuePath(record);
  await sns.partition.createQueue({ ...path, settings: deliveryQueueSettings, attributes: {}, tags: {} });
  sns.deliveries.watch(path);
}

export async function deleteDeliveryQueue(sns: Sns, record: SubscriptionRecord): Promise<void> {
  if (record.protocol === 'sqs') return;
  const path = deliveryQueuePath(record);
  const queue = await sns.partition.queue(path.accountId, path.region, path.name);
  sns.deliveries.unwatch(path);
  await queue?.deleteQueue();
}

/** Longer than any retry may take; the receiver sets the visibility timeout of each receive itself. */
const deliveryQueueSettings = {
  visibilityTimeoutMs: 60_000,
  delayMs: 0,
  retentionMs: 30 * 86_400_000,
  maxInFlight: 120_000,
};
