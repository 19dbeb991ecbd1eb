import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { isJsonMap } from '#std/jsonMap';
import { isFifoName, parseQueueArn, topicArn } from './arn.ts';
import { effectivePolicy } from './deliveryPolicy.ts';
import { checkSubscriptionDeliveryPolicy } from './deliveryPolicyRules.ts';
import { invalidParameter } from './errors.ts';
import { filterPolicyLimitExceeded } from './filterPolicy/errors.ts';
import { compileFilterPolicy, type PolicyRequest, readFilterPolicyScope } from './filterPolicy/filterPolicy.ts';
import { JsonSyntaxError, readJsonTokens } from './filterPolicy/jsonTokens.ts';
import { policiesPerTopic } from './filterPolicy/limits.ts';
import { type AttributeMap, arnOf, type SubscriptionRecord } from './records.ts';
import { readReplayPolicy } from './replayPolicy.ts';
import type { Sns } from './service.ts';
import type { Topic } from './topics.ts';

/** What Subscribe says before the reason, and SetSubscriptionAttributes does not. */
export const subscribePrefix = 'Attributes Reason: ';

const settable = [
  'DeliveryPolicy',
  'FilterPolicy',
  'FilterPolicyScope',
  'RawMessageDelivery',
  'RedrivePolicy',
  'ReplayPolicy',
  'SubscriptionRoleArn',
];

/** The subscription that attributes are for; it need not exist yet. */
type Owner = Pick<SubscriptionRecord, 'protocol' | 'endpoint'>;

const rawProtocols = ['sqs', 'http', 'https', 'firehose'];
const httpProtocols = ['http', 'https'];

/** Checks what a subscription is to have, beside what it has; gives all of it as it is stored. */
export function changeAttributes(
  existing: AttributeMap,
  given: AttributeMap,
  owner: Owner,
  topic: Topic,
  request: PolicyRequest,
): AttributeMap {
  const prefix = request === 'Subscribe' ? subscribePrefix : '';
  const changed = new Map(Object.entries(existing));
  for (const [name, value] of Object.entries(given)) {
    if (!settable.includes(name)) throw invalidParameter(`${prefix}AttributeName`);
    if (name === 'FilterPolicy' || name === 'FilterPolicyScope') continue;
    // A replay has to do with the state of the topic: see `readReplayPolicy`.
    const checked = name === 'ReplayPolicy' ? removable(value) : checkAttribute(name, value, owner, topic, prefix);
    if (checked === '') changed.delete(name);
    else changed.set(name, checked);
  }
  changeFilter(changed, given, request);
  return Object.fromEntries(changed);
}

/** The policy is checked by the scope that it comes with, or else by the one that is there. */
function changeFilter(changed: Map<string, string>, given: AttributeMap, request: PolicyRequest): void {
  if (given.FilterPolicy === undefined && given.FilterPolicyScope === undefined) return;
  const scope = readFilterPolicyScope(
    given.FilterPolicyScope ?? changed.get('FilterPolicyScope') ?? 'MessageAttributes',
    request,
  );
  const policy = given.FilterPolicy ?? changed.get('FilterPolicy') ?? '';
  if (removable(policy) !== '') compileFilterPolicy(policy, scope, request);
  if (removable(policy) === '') {
    changed.delete('FilterPolicy');
    changed.delete('FilterPolicyScope');
    if (given.FilterPolicyScope !== undefined) changed.set('FilterPolicyScope', scope);
  } else {
    changed.set('FilterPolicy', policy);
    changed.set('FilterPolicyScope', scope);
  }
}

function checkAttribute(name: string, value: string, owner: Owner, topic: Topic, prefix: string): string {
  switch (name) {
    case 'RawMessageDelivery':
      return checkRaw(value, owner.protocol, prefix);
    case 'RedrivePolicy':
      return checkRedrivePolicy(value, owner, topic, prefix);
    case 'DeliveryPolicy':
      return value === '' ? '' : checkSubscriptionDeliveryPolicy(value, `${prefix}DeliveryPolicy`);
    default:
      return value;
  }
}

function checkRaw(value: string, protocol: string, prefix: string): string {
  const lower = value.toLowerCase();
  if (lower !== 'true' && lower !== 'false') {
    throw invalidParameter(`${prefix}RawMessageDelivery: Invalid value [${value}]. Must be true or false.`);
  }
  if (lower === 'true' && !rawProtocols.includes(protocol)) {
    throw invalidParameter(`${prefix}Delivery protocol [${protocol}] does not support raw message delivery.`);
  }
  return lower;
}

function checkRedrivePolicy(value: string, owner: Owner, topic: Topic, prefix: string): string {
  if (removable(value) === '') return '';
  const policy = parseWithReason(value, `${prefix}RedrivePolicy`);
  const { deadLetterTargetArn: arn, ...others } = policy;
  const target = typeof arn === 'string' ? parseQueueArn(arn) : undefined;
  if (target === undefined || Object.keys(others).length > 0) {
    throw invalidParameter(`${prefix}RedrivePolicy: deadLetterTargetArn is an invalid arn`);
  }
  const isFifoTarget = isFifoName(target.name);
  if (topic.isFifo && isFifoName(owner.endpoint) && !isFifoTarget) {
    throw invalidParameter(
      `${prefix}RedrivePolicy: must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic.`,
    );
  }
  if (isFifoTarget && !isFifoName(owner.endpoint)) {
    throw invalidParameter(`${prefix}RedrivePolicy: must use a standard queue as DLQ for a standard Subscription.`);
  }
  return value;
}

/** Measured: what is no JSON is refused in the words of AWS's parser. */
function parseWithReason(text: string, name: string): Readonly<Record<string, unknown>> {
  try {
    readJsonTokens(text);
    const value: unknown = JSON.parse(text);
    if (isJsonMap(value)) return value;
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw invalidParameter(`${name}: failed to parse JSON. ${error.message}`);
  }
  throw invalidParameter(`${name}: deadLetterTargetArn is an invalid arn`);
}

/** Policies are removed by nothing, and by nothing in braces. */
function removable(text: string): string {
  return /^\s*(\{\s*\})?\s*$/.test(text) ? '' : text;
}

/** The replay that a ReplayPolicy asks for; undefined if there is to be none. */
export function replayFor(
  { ReplayPolicy: text = '' }: AttributeMap,
  topic: Topic,
  { now, publicUrl, prefix = '' }: { readonly now: number; readonly publicUrl: string; readonly prefix?: string },
): SubscriptionRecord['replay'] {
  if (removable(text) === '') return undefined;
  if (!topic.isFifo) throw invalidParameter(`${prefix}AttributeName`);
  const range = readReplayPolicy(text, topic.record, now, prefix);
  return range && { replayId: randomUUID(), status: 'Pending', ...range, publicUrl };
}

/** Whether an existing subscription has the attributes that it is subscribed with again. */
export function hasAttributes(record: SubscriptionRecord, wanted: AttributeMap): boolean {
  const existing: AttributeMap = { RawMessageDelivery: 'false', ...record.attributes };
  return Object.entries(wanted).every(([name, value]) => {
    const current = existing[name];
    return value === current || removable(value) === (current ?? '') || isSameJson(value, current);
  });
}

/** Of the two, one was checked when it was set; the other may be anything. */
function isSameJson(one: string, other = ''): boolean {
  try {
    return isDeepStrictEqual(JSON.parse(one), JSON.parse(other));
  } catch {
    return false;
  }
}

/** As GetSubscriptionAttributes shows them. */
export function shownAttributes({ record }: { readonly record: SubscriptionRecord }, topic: Topic): AttributeMap {
  const { attributes, owner, protocol, endpoint, status, confirmationWasAuthenticated, replay } = record;
  return {
    SubscriptionArn: arnOf(record),
    TopicArn: topicArn(record.topic),
    Protocol: protocol,
    Endpoint: endpoint,
    Owner: owner,
    // Who called Subscribe is known by the account alone.
    SubscriptionPrincipal: `arn:aws:iam::${owner}:root`,
    PendingConfirmation: String(status === 'pending'),
    ConfirmationWasAuthenticated: String(confirmationWasAuthenticated),
    RawMessageDelivery: 'false',
    ...attributes,
    ...(httpProtocols.includes(protocol) && {
      EffectiveDeliveryPolicy: JSON.stringify(
        effectivePolicy(topic.record.attributes.DeliveryPolicy, attributes.DeliveryPolicy),
      ),
    }),
    ...(replay && { ReplayStatus: replay.status }),
  };
}

/** AWS's quota, for those who want it: a topic has so many filter policies. `before`: of the same subscription. */
export function checkFilterQuota(
  { enforceQuotas }: Sns,
  topic: Topic,
  before: AttributeMap,
  after: AttributeMap,
): void {
  if (!enforceQuotas || after.FilterPolicy === undefined || before.FilterPolicy !== undefined) return;
  let count = 0;
  for (const { filter } of topic.subscriptions.values()) if (filter !== undefined) count += 1;
  if (count >= policiesPerTopic) throw filterPolicyLimitExceeded();
}
