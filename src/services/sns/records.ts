/** What SNS stores of topics and subscriptions: entities, by kind and path. */
import type { QueuePath } from '#runtime';
import { subscriptionArn, type TopicPath } from './arn.ts';

export type AttributeMap = Readonly<Record<string, string>>;

/** Kind `sns-topic`, path `<account>/<region>/<name>`. */
export interface TopicRecord extends TopicPath {
  /** A UUID: another topic of the same name is another topic. */
  readonly topicId: string;
  readonly createdAt: number;
  /** What was set, in the form in which it is shown. */
  readonly attributes: AttributeMap;
  readonly tags: AttributeMap;
  readonly subscriptionsDeleted: number;
  /** Since when messages are archived; absent unless they are. */
  readonly archivedSince?: number;
  readonly dataProtectionPolicy?: string;
}

/** Kind `sns-subscription`, path `<account>/<region>/<topic's name>/<subscription id>`, account and region of the topic. */
export interface SubscriptionRecord {
  readonly subscriptionId: string;
  readonly topic: TopicPath;
  /** Account id. */
  readonly owner: string;
  readonly protocol: string;
  readonly endpoint: string;
  readonly attributes: AttributeMap;
  readonly status: 'pending' | 'confirmed';
  readonly createdAt: number;
  readonly confirmationWasAuthenticated: boolean;
  /** What confirms it; kept when it has, so that the same link can be followed twice. */
  readonly token?: string;
  readonly tokenExpiresAt?: number;
  readonly replay?: Replay;
}

/** A replay of archived messages to one subscription, from when its ReplayPolicy was set. */
export interface Replay {
  /** Makes replayed messages others than the originals, to queues that deduplicate. */
  readonly replayId: string;
  readonly status: 'Pending' | 'In progress' | 'Completed' | 'Failed';
  readonly startingAt: number;
  readonly endingAt?: number;
  /** How far it has come in the log, as `peek` says it. */
  readonly after?: string;
  /** What its envelopes name this server by. */
  readonly publicUrl: string;
}

export function isUnderWay({ status }: Replay): boolean {
  return status === 'Pending' || status === 'In progress';
}

export const topicKind = 'sns-topic';
export const subscriptionKind = 'sns-subscription';
/** Path `<owner>/<region>/<topic's account>/<topic's name>/<subscription id>`: the subscriptions of an account. */
export const subscriberKind = 'sns-subscriber';
/** Path as a subscription's: those whose replay is under way. */
export const replayKind = 'sns-replay';
/** Like subscriptions: those that were given up without a signature, and may be restored by their token. */
export const unsubscribedKind = 'sns-unsubscribed';

export function topicPath({ accountId, region, name }: TopicPath): string {
  return `${accountId}/${region}/${name}`;
}

export function subscriptionPath({ topic, subscriptionId }: SubscriptionRecord): string {
  return `${topicPath(topic)}/${subscriptionId}`;
}

export function subscriberPath({ owner, topic, subscriptionId }: SubscriptionRecord): string {
  return `${owner}/${topic.region}/${topic.accountId}/${topic.name}/${subscriptionId}`;
}

export function arnOf({ topic, subscriptionId }: SubscriptionRecord): string {
  return subscriptionArn(topic, subscriptionId);
}

/** SNS, as the policies of queues name it. */
export const snsPrincipal = 'sns.amazonaws.com';

/** The account of queues that no client sees: it is not one that a client can have. */
export const internalAccountId = 'sns';

/** Where deliveries to a subscription wait, unless it is one to SQS. */
export function deliveryQueuePath({ topic, subscriptionId }: SubscriptionRecord): QueuePath {
  return { accountId: internalAccountId, region: topic.region, name: subscriptionId };
}

/** Where a FIFO topic's messages get their numbers, and stay as long as they are archived. */
export function logPath({ region, topicId }: TopicRecord): QueuePath {
  return { accountId: internalAccountId, region, name: `log-${topicId}` };
}
