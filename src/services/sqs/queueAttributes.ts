import { isDeepStrictEqual } from 'node:util';
import { type AttributeMap, type AttributesOwner, attributeRules } from './attributeRules.ts';
import { invalidAttributeName, invalidAttributeValue, twoKindsOfEncryption } from './errors.ts';
import * as limits from './limits.ts';
import { deadLetterSettings } from './redrivePolicy.ts';

export type { AttributeMap } from './attributeRules.ts';

/** Computed when asked for; can't be set. */
const readOnlyAttributes: readonly string[] = [
  'QueueArn',
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
  'CreatedTimestamp',
  'LastModifiedTimestamp',
];

/**
 * Checks what CreateQueue or SetQueueAttributes is asked to set, one by one; gives the values in their usual form. An
 * empty value stands for an attribute to be removed.
 */
export function checkAttributes(given: AttributeMap, owner: AttributesOwner): Record<string, string> {
  const checked: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    const rule = Object.hasOwn(attributeRules, name) ? attributeRules[name] : undefined;
    if (rule === undefined) throw invalidAttributeName(name);
    if (rule.refuseUnlessFifo !== undefined && !owner.fifo) throw rule.refuseUnlessFifo(name);
    checked[name] = rule.check(value, name, owner);
  }
  return checked;
}

/** The attributes of a queue after a change that passed `checkAttributes`. Refuses what does not go together. */
export function changeAttributes(existing: AttributeMap, checked: AttributeMap): Record<string, string> {
  const merged = new Map(Object.entries({ ...existing, ...checked }));
  if (checked.SqsManagedSseEnabled === 'true') {
    if (checked.KmsMasterKeyId) throw twoKindsOfEncryption();
    // A queue has one kind of encryption: whichever was set last.
    merged.delete('KmsMasterKeyId');
  } else if (checked.KmsMasterKeyId) merged.set('SqsManagedSseEnabled', 'false');
  if (
    merged.get('FifoThroughputLimit') === 'perMessageGroupId' &&
    merged.get('DeduplicationScope') !== 'messageGroup'
  ) {
    const reason = 'To set FifoThroughputLimit to perMessageGroupId, the DeduplicationScope must be messageGroup.';
    throw invalidAttributeValue('FifoThroughputLimit', reason);
  }
  return Object.fromEntries([...merged].filter(([, value]) => value !== ''));
}

/** Attributes as GetQueueAttributes shows them: with the defaults filled in, in AWS's order. */
export function shownAttributes(attributes: AttributeMap): Record<string, string> {
  const shown: Record<string, string> = {};
  for (const [name, rule] of Object.entries(attributeRules)) {
    if (rule.refuseUnlessFifo !== undefined && !isFifo({ attributes })) continue;
    const isOfNoKey = name === 'KmsDataKeyReusePeriodSeconds' && attributes.KmsMasterKeyId === undefined;
    const value = attributes[name] ?? rule.default;
    if (value !== undefined && !isOfNoKey) shown[name] = value;
  }
  return shown;
}

/** Whether GetQueueAttributes may be asked for it. */
export function isKnownAttribute(name: string): boolean {
  return name === 'All' || readOnlyAttributes.includes(name) || Object.hasOwn(attributeRules, name);
}

/** The first attribute whose given value, which passed `checkAttributes`, differs from the queue's. */
export function firstDifference(checked: AttributeMap, existing: AttributeMap): string | undefined {
  return Object.entries(checked).find(([name, value]) => {
    const current = existing[name] ?? attributeRules[name]?.default ?? '';
    return value !== current && !(name === 'Policy' && isSamePolicy(value, current));
  })?.[0];
}

/** Policies are kept as they were written, so their spaces and the order of their members may differ. */
function isSamePolicy(one: string, other: string): boolean {
  return one !== '' && other !== '' && isDeepStrictEqual(JSON.parse(one), JSON.parse(other));
}

/** What the engine needs to know of the attributes. */
export function engineSettings(attributes: AttributeMap) {
  const milliseconds = (name: string) => Number(attributes[name] ?? attributeRules[name]?.default) * 1000;
  return {
    visibilityTimeoutMs: milliseconds('VisibilityTimeout'),
    delayMs: milliseconds('DelaySeconds'),
    retentionMs: milliseconds('MessageRetentionPeriod'),
    maxInFlight: limits.messagesInFlight,
    ...(isFifo({ attributes }) && { fifo: true as const }),
    ...(attributes.RedrivePolicy !== undefined && { deadLetter: deadLetterSettings(attributes.RedrivePolicy) }),
  };
}

export function isFifo({ attributes }: { readonly attributes: AttributeMap }): boolean {
  return attributes.FifoQueue === 'true';
}

/** The mode in which a FIFO queue's limits are those of each message group. */
export function hasHighThroughput({ attributes }: { readonly attributes: AttributeMap }): boolean {
  return attributes.DeduplicationScope === 'messageGroup' && attributes.FifoThroughputLimit === 'perMessageGroupId';
}

/** Bytes. Asked with every message, so it doesn't go through the rules. */
export function maximumMessageSize(queue: { readonly attributes: AttributeMap }): number {
  const value = queue.attributes.MaximumMessageSize;
  return value === undefined ? limits.maximumMessageBytes : Number(value);
}

/** How long a receive waits that doesn't say. */
export function receiveWaitSeconds(queue: { readonly attributes: AttributeMap }): number {
  return Number(queue.attributes.ReceiveMessageWaitTimeSeconds ?? 0);
}
