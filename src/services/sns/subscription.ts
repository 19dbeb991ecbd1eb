import type { QueuePath } from '#runtime';
import { parseQueueArn, topicArn } from './arn.ts';
import { type EffectiveDeliveryPolicy, effectivePolicy } from './deliveryPolicy.ts';
import { compileFilterPolicy, type FilterPolicy, type FilterPolicyScope } from './filterPolicy/filterPolicy.ts';
import { arnOf, type SubscriptionRecord, type TopicRecord } from './records.ts';

/** A subscription, with what a publish needs to know of it worked out once. */
export interface Subscription {
  readonly record: SubscriptionRecord;
  readonly arn: string;
  /** The queue itself, of a subscription of SQS. */
  readonly target: QueuePath | undefined;
  /** Where what can't be delivered goes. */
  readonly deadLetterQueue: QueuePath | undefined;
  readonly isRaw: boolean;
  /** Whether new messages go to it: not while older ones are replayed, nor behind the end of a replay. */
  readonly isListening: boolean;
  /** Absent if everything passes. */
  readonly filter: FilterPolicy | undefined;
  /** Of HTTP and HTTPS alone. */
  readonly deliveryPolicy: EffectiveDeliveryPolicy | undefined;
}

export function compileSubscription(record: SubscriptionRecord, topic: TopicRecord): Subscription {
  const { attributes, protocol, endpoint } = record;
  const isHttp = protocol === 'http' || protocol === 'https';
  return {
    record,
    arn: arnOf(record),
    target: protocol === 'sqs' ? parseQueueArn(endpoint) : undefined,
    deadLetterQueue: deadLetterQueueOf(attributes.RedrivePolicy),
    isRaw: attributes.RawMessageDelivery === 'true',
    isListening: isListening(record),
    filter: filterOf(record),
    deliveryPolicy: isHttp ? effectivePolicy(topic.attributes.DeliveryPolicy, attributes.DeliveryPolicy) : undefined,
  };
}

function isListening({ replay }: SubscriptionRecord): boolean {
  if (replay === undefined) return true;
  const isOver = replay.status === 'Completed' || replay.status === 'Failed';
  return isOver && replay.endingAt === undefined;
}

function filterOf({ attributes }: SubscriptionRecord): FilterPolicy | undefined {
  const { FilterPolicy: text, FilterPolicyScope: scope = 'MessageAttributes' } = attributes;
  return text === undefined ? undefined : compileFilterPolicy(text, scope as FilterPolicyScope);
}

function deadLetterQueueOf(redrivePolicy: string | undefined): QueuePath | undefined {
  if (redrivePolicy === undefined) return undefined;
  const { deadLetterTargetArn } = JSON.parse(redrivePolicy) as { deadLetterTargetArn: string };
  return parseQueueArn(deadLetterTargetArn);
}

/** As lists show it: who does not know the token does not learn the ARN. */
export function listedSubscription(record: SubscriptionRecord) {
  return {
    SubscriptionArn: record.status === 'pending' ? 'PendingConfirmation' : arnOf(record),
    Owner: record.owner,
    Protocol: record.protocol,
    Endpoint: record.endpoint,
    TopicArn: topicArn(record.topic),
  };
}
