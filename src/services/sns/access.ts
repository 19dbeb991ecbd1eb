/** What each call of SNS has to be allowed, on which resource. */
import { MalformedPolicy, type Policy, parsePolicy, type RequestContext } from '#access';
import type { Access, CallContext } from '#aws/contract';
import type { SnsOperations } from '#aws/generated/sns';
import { parseArn, topicArn } from './arn.ts';
import type { Sns } from './service.ts';
import { defaultPolicy } from './topicPolicy.ts';
import type { Topic } from './topics.ts';

type Operation = keyof SnsOperations;

interface Input {
  readonly TopicArn?: string;
  readonly TargetArn?: string;
  readonly ResourceArn?: string;
  readonly SubscriptionArn?: string;
  readonly PlatformApplicationArn?: string;
  readonly EndpointArn?: string;
  readonly Name?: string;
  readonly Protocol?: string;
  readonly Endpoint?: string;
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
  readonly TagKeys?: readonly string[];
}

/** The links in messages are followed without a signature; their token, or the operation, decides. */
const open = new Set<Operation>(['ConfirmSubscription']);

const actions: { readonly [Name in Operation]?: string } = { PublishBatch: 'Publish' };

const accountWide = new Set<Operation>(['ListTopics', 'ListSubscriptions', 'ListPlatformApplications']);

export async function accessOf(
  sns: Sns,
  operation: string,
  input: Input,
  context: CallContext,
): Promise<readonly Access[]> {
  const name = operation as Operation;
  const isAnonymous = context.caller?.principal.kind === 'anonymous';
  if (open.has(name) || (name === 'Unsubscribe' && isAnonymous)) return [];
  const { accountId, region } = context;
  if (name === 'CreateTopic')
    return [access(name, topicArn({ accountId, region, name: input.Name ?? '' }), input, context)];
  if (accountWide.has(name)) return [access(name, `arn:aws:sns:${region}:${accountId}:*`, input, context)];
  const arn = input.TopicArn ?? input.ResourceArn ?? input.TargetArn ?? topicOf(input.SubscriptionArn);
  const other = input.PlatformApplicationArn ?? input.EndpointArn;
  if (arn === undefined) return [access(name, other ?? '*', input, context)];
  const topic = await findTopic(sns, arn);
  return [access(name, arn, input, context, topic)];
}

/** The ARN of a subscription is its topic's, and an id. */
function topicOf(subscriptionArn: string | undefined): string | undefined {
  return subscriptionArn?.split(':').slice(0, 6).join(':');
}

async function findTopic(sns: Sns, arn: string): Promise<Topic | undefined> {
  const parsed = parseArn(arn);
  if (parsed?.service !== 'sns' || /[:/]/.test(parsed.resource)) return undefined;
  const { accountId, region, resource: name } = parsed;
  return sns.topics.find({ accountId, region, name });
}

function access(operation: Operation, resource: string, input: Input, context: CallContext, topic?: Topic): Access {
  const { accountId } = context;
  const policy = topic && policyOf(topic);
  const owner = parseArn(resource)?.accountId;
  return {
    // In the letters of AWS's refusals.
    action: `SNS:${actions[operation] ?? operation}`,
    resource,
    resourceAccountId: owner === undefined || owner === '' ? accountId : owner,
    context: conditions(input, topic),
    ...(policy !== undefined && { policy }),
  };
}

/**
 * Not `AWS:SourceOwner`, which the default policy asks for: AWS sets it for services alone. A user of the account whose own
 * policies say nothing of SNS may not publish to its topics.
 */
function conditions(input: Input, topic?: Topic): RequestContext {
  const { Protocol, Endpoint, Tags = [], TagKeys = [] } = input;
  const keys = [...Tags.map(({ Key }) => Key), ...TagKeys];
  const tags = Object.entries(topic?.record.tags ?? {});
  return {
    ...(Protocol !== undefined && { 'sns:Protocol': Protocol }),
    ...(Endpoint !== undefined && { 'sns:Endpoint': Endpoint }),
    ...Object.fromEntries(tags.map(([key, value]) => [`aws:ResourceTag/${key}`, value])),
    ...Object.fromEntries(Tags.map(({ Key, Value }) => [`aws:RequestTag/${Key}`, Value])),
    ...(keys.length > 0 && { 'aws:TagKeys': keys }),
  };
}

/** A policy that can't be read allows nothing; it was stored before it was checked as it is today. */
function policyOf({ record }: Topic): Policy | undefined {
  try {
    return parsePolicy(record.attributes.Policy ?? defaultPolicy(record), 'resource');
  } catch (error) {
    if (error instanceof MalformedPolicy) return undefined;
    throw error;
  }
}
