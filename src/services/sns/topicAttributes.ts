import { isDeepStrictEqual } from 'node:util';
import { archiveBeginning, checkArchivePolicy } from './archivePolicy.ts';
import { isFifoName, type TopicPath, topicArn } from './arn.ts';
import { effectiveTopicPolicy } from './deliveryPolicy.ts';
import { checkTopicDeliveryPolicy } from './deliveryPolicyRules.ts';
import { invalidParameter } from './errors.ts';
import * as limits from './limits.ts';
import type { AttributeMap } from './records.ts';
import { checkPolicy, defaultPolicy } from './topicPolicy.ts';
import type { Topic } from './topics.ts';

/** What CreateTopic says before the reason, and SetTopicAttributes does not. */
export const createPrefix = 'Attributes Reason: ';

interface Owner extends TopicPath {
  readonly fifo: boolean;
}

interface AttributeRule {
  /** Gives the value as it is stored and shown, or throws. An empty one removes the attribute. */
  readonly check: (value: string, name: string, prefix: string) => string;
  readonly fifoAlone?: true;
  readonly standardAlone?: true;
}

const feedbackProtocols = ['Application', 'Firehose', 'HTTP', 'Lambda', 'SQS'];

const attributeRules: Readonly<Record<string, AttributeRule>> = {
  DisplayName: { check: checkDisplayName },
  Policy: { check: (value, _name, prefix) => checkPolicy(value, prefix) },
  DeliveryPolicy: {
    check: (value, name, prefix) => (value === '' ? '' : checkTopicDeliveryPolicy(value, `${prefix}${name}`)),
  },
  TracingConfig: { check: oneOf('PassThrough', 'Active'), standardAlone: true },
  KmsMasterKeyId: { check: (value) => value },
  SignatureVersion: { check: oneOf('1', '2') },
  MaximumMessageSize: { check: checkMaximumMessageSize },
  ContentBasedDeduplication: { check: oneOf('true', 'false'), fifoAlone: true },
  FifoThroughputScope: { check: oneOf('Topic', 'MessageGroup'), fifoAlone: true },
  ArchivePolicy: { check: checkArchivePolicy, fifoAlone: true },
  ...Object.fromEntries(
    feedbackProtocols.flatMap((protocol) => [
      [`${protocol}SuccessFeedbackRoleArn`, { check: checkRoleArn }],
      [`${protocol}SuccessFeedbackSampleRate`, { check: checkSampleRate }],
      [`${protocol}FailureFeedbackRoleArn`, { check: checkRoleArn }],
    ]),
  ),
};

/** Checks one attribute that is to be set; gives it as it is stored, the empty text for one that is to be removed. */
export function checkAttribute(name: string, value: string, owner: Owner, prefix = ''): string {
  const rule = Object.hasOwn(attributeRules, name) ? attributeRules[name] : undefined;
  const isOfOtherKind = owner.fifo ? rule?.standardAlone : rule?.fifoAlone;
  if (rule === undefined || isOfOtherKind) throw invalidParameter(`${prefix}AttributeName`);
  return rule.check(value, name, prefix);
}

/** What CreateTopic is given. `FifoTopic` can't be changed later, and AWS forgets one that is false. */
export function checkNewAttributes(given: AttributeMap, path: TopicPath): AttributeMap {
  const { FifoTopic = 'false', ...others } = given;
  const fifo = FifoTopic.toLowerCase() === 'true';
  if (!fifo && FifoTopic.toLowerCase() !== 'false') {
    throw invalidParameter(`${createPrefix}FifoTopic: Invalid value [${FifoTopic}]. Must be true or false.`);
  }
  if (fifo !== isFifoName(path.name)) throw invalidParameter('Topic Name');
  const attributes: Record<string, string> = fifo ? { FifoTopic: 'true' } : {};
  for (const [name, value] of Object.entries(others)) {
    const checked = checkAttribute(name, value, { ...path, fifo }, createPrefix);
    if (checked !== '') attributes[name] = checked;
  }
  return attributes;
}

export function checkTopicName(name: string): void {
  const stem = isFifoName(name) ? name.slice(0, -'.fifo'.length) : name;
  if (!/^[A-Za-z0-9_-]+$/.test(stem) || name.length > limits.topicNameLength) throw invalidParameter('Topic Name');
}

/** Whether a topic has the attributes that it is to be created with, or the policy is the same in other words. */
export function hasAttributes(topic: Topic, wanted: AttributeMap): boolean {
  const existing = shownAttributes(topic, 0);
  return Object.entries(wanted).every(
    ([name, value]) => value === existing[name] || (name === 'Policy' && isSameJson(value, existing[name])),
  );
}

/** As GetTopicAttributes shows them. */
export function shownAttributes(topic: Topic, now: number): Record<string, string> {
  const { record, subscriptions, confirmedCount } = topic;
  const { attributes } = record;
  const beginning = archiveBeginning(record, now);
  return {
    Policy: defaultPolicy(record),
    Owner: record.accountId,
    TopicArn: topicArn(record),
    DisplayName: '',
    EffectiveDeliveryPolicy: effectiveTopicPolicy(attributes.DeliveryPolicy),
    SubscriptionsConfirmed: String(confirmedCount),
    SubscriptionsPending: String(subscriptions.size - confirmedCount),
    SubscriptionsDeleted: String(record.subscriptionsDeleted),
    ...(topic.isFifo && { ContentBasedDeduplication: 'false' }),
    ...attributes,
    ...(beginning !== undefined && { BeginningArchiveTime: beginning }),
  };
}

/** Bytes. */
export function maximumMessageSize(topic: Topic): number {
  const value = topic.record.attributes.MaximumMessageSize;
  return value === undefined ? limits.messageBytes : Number(value);
}

function isSameJson(one: string, other = ''): boolean {
  return other !== '' && isDeepStrictEqual(JSON.parse(one), JSON.parse(other));
}

function checkDisplayName(value: string, name: string, prefix: string): string {
  if (value.length > limits.displayNameLength) throw invalidParameter(`${prefix}${name}`);
  return value;
}

function oneOf(...allowed: readonly string[]) {
  return (value: string, name: string, prefix: string): string => {
    if (!allowed.includes(value)) {
      throw invalidParameter(`${prefix}${name}: Invalid value [${value}]. Must be ${allowed.join(' or ')}.`);
    }
    return value;
  };
}

function checkMaximumMessageSize(value: string, name: string, prefix: string): string {
  const { min, max } = limits.maximumMessageSize;
  const size = /^\d{1,7}$/.test(value) ? Number(value) : Number.NaN;
  if (!(size >= min && size <= max)) {
    throw invalidParameter(`${prefix}${name}: ${value} value provided is not an integer between ${min}-${max}`);
  }
  return String(size);
}

function checkRoleArn(value: string, name: string, prefix: string): string {
  if (value !== '' && !/^arn:[a-z-]+:iam::\d{12}:role\/.+$/.test(value)) throw invalidParameter(`${prefix}${name}`);
  return value;
}

function checkSampleRate(value: string, name: string, prefix: string): string {
  if (value !== '' && !(/^\d{1,3}$/.test(value) && Number(value) <= 100)) {
    throw invalidParameter(`${prefix}${name}: ${value} value provided is not an integer between 0-100`);
  }
  return value;
}
