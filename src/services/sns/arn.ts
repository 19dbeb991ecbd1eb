import type { CallContext } from '#aws/contract';
import type { QueuePath } from '#runtime';
import { invalidParameter } from './errors.ts';

/** What names one topic everywhere. */
export type TopicPath = QueuePath;

export interface Arn {
  readonly service: string;
  readonly region: string;
  readonly accountId: string;
  /** All that follows, colons included. */
  readonly resource: string;
}

export function topicArn({ region, accountId, name }: TopicPath): string {
  return `arn:aws:sns:${region}:${accountId}:${name}`;
}

export function subscriptionArn(topic: TopicPath, subscriptionId: string): string {
  return `${topicArn(topic)}:${subscriptionId}`;
}

/** The parts of an ARN of any service; undefined if it is none. */
export function parseArn(text: string): Arn | undefined {
  const [scheme, , service = '', region = '', accountId = '', ...resource] = text.split(':');
  if (scheme !== 'arn' || service === '' || resource.length === 0) return undefined;
  return { service, region, accountId, resource: resource.join(':') };
}

/** The queue that an ARN of SQS names, whether it exists or not; undefined if it can be no queue's. */
export function parseQueueArn(text: string): QueuePath | undefined {
  const arn = parseArn(text);
  if (arn === undefined || arn.service !== 'sqs' || arn.region === '') return undefined;
  if (!/^\d{12}$/.test(arn.accountId) || !/^[A-Za-z0-9_-]{1,80}(\.fifo)?$/.test(arn.resource)) return undefined;
  return { accountId: arn.accountId, region: arn.region, name: arn.resource };
}

/** Refuses what does not have the form of an ARN, in AWS's words; `parameter` is where it was given. */
export function checkArn(text: string, parameter: string): Arn {
  const elements = text.split(':').length;
  if (elements < 6) {
    throw invalidParameter(`${parameter} Reason: An ARN must have at least 6 elements, not ${elements}`);
  }
  const arn = parseArn(text);
  if (arn === undefined) throw invalidParameter(parameter);
  return arn;
}

/** A topic's ARN in the caller's region; another region's is as wrong as another service's. */
export function checkTopicArn(text: string, context: CallContext, parameter = 'TopicArn'): TopicPath {
  const { service, region, accountId, resource } = checkArn(text, parameter);
  if (service !== 'sns' || region !== context.region || resource.includes(':')) throw invalidParameter(parameter);
  return { accountId, region, name: resource };
}

const subscriptionIdPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function checkSubscriptionArn(
  text: string,
  context: CallContext,
): { readonly topic: TopicPath; readonly subscriptionId: string } {
  if (text === '') throw invalidParameter('SubscriptionArn Reason: no value for required parameter');
  const { service, region, accountId, resource } = checkArn(text, 'SubscriptionArn');
  if (service !== 'sns' || region !== context.region) throw invalidParameter('SubscriptionArn');
  const [name = '', subscriptionId = '', ...more] = resource.split(':');
  if (!subscriptionIdPattern.test(subscriptionId) || more.length > 0) throw invalidParameter('SubscriptionId');
  return { topic: { accountId, region, name }, subscriptionId };
}

/** With a certificate instead of a signature, too: whoever is known. */
export function isSigned({ caller, accessKeyId }: CallContext): boolean {
  return caller === undefined ? accessKeyId !== '' : caller.principal.kind !== 'anonymous';
}

/**
 * Links in messages are followed without a signature, and so without a region: as AWS's own host names tell it, here the ARN
 * does.
 */
export function fromLink(context: CallContext, arn: string): CallContext {
  const { region = '' } = parseArn(arn) ?? {};
  return isSigned(context) || region === '' ? context : { ...context, region };
}

/** All FIFO topics have this suffix, and no other has a dot in its name; queues likewise. */
export function isFifoName(name: string): boolean {
  return name.endsWith('.fifo');
}
