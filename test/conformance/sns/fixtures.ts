/** Topics and subscribed queues for cases of SNS. Where the suite runs elsewhere, topics are deleted in the end. */
import { SNSClient } from '@aws-sdk/client-sns';
import { afterAll, expect } from 'vitest';
import type { ReceivedMessage } from '../client.ts';
import { endpoint, isRemote, json, signerOf, uniqueName } from '../target.ts';
import { callSns, type Input, ok, type SnsCallOptions } from './queryCall.ts';

const created = new Set<string>();
let client: SNSClient | undefined;

afterAll(async () => {
  client?.destroy();
  if (isRemote) for (const TopicArn of created) await callSns('DeleteTopic', { TopicArn });
});

/** AWS's client of SNS. */
export function sdk(): SNSClient {
  const { region, accessKeyId, secretAccessKey, sessionToken } = signerOf('sns');
  const credentials = { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
  client ??= new SNSClient({ endpoint: endpoint(), region, credentials, maxAttempts: 1 });
  return client;
}

export type Attributes = Readonly<Record<string, string>>;

/** A new topic's ARN. */
export async function topic(Attributes?: Attributes, Name = uniqueName('topic'), options?: SnsCallOptions) {
  const { TopicArn } = await ok('CreateTopic', { Name, ...(Attributes && { Attributes }) }, options);
  created.add(TopicArn as string);
  return TopicArn as string;
}

export const fifoTopic = (attributes: Attributes = {}) =>
  topic({ FifoTopic: 'true', ...attributes }, `${uniqueName('topic')}.fifo`);

export interface Queue {
  readonly url: string;
  readonly arn: string;
}

/** A queue that topics may send to. */
export async function queue(attributes: Attributes = {}): Promise<Queue> {
  const isFifo = attributes.FifoQueue === 'true';
  const url = await json.queue(attributes, `${uniqueName()}${isFifo ? '.fifo' : ''}`);
  const arn = (await json.attribute(url, 'QueueArn')) ?? '';
  const statement = { Effect: 'Allow', Principal: { Service: 'sns.amazonaws.com' }, Action: 'sqs:SendMessage' };
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [{ ...statement, Resource: arn }] });
  if (isRemote) await json.ok('SetQueueAttributes', { QueueUrl: url, Attributes: { Policy } });
  return { url, arn };
}

export const fifoQueue = (attributes: Attributes = {}) => queue({ FifoQueue: 'true', ...attributes });

export async function subscribe(TopicArn: string, { arn }: Queue, Attributes?: Attributes): Promise<string> {
  const input: Input = { TopicArn, Protocol: 'sqs', Endpoint: arn, ...(Attributes && { Attributes }) };
  return (await ok('Subscribe', input)).SubscriptionArn as string;
}

/** A new queue that gets what the topic publishes. */
export async function subscribed(
  TopicArn: string,
  attributes?: Attributes,
  kind = queue,
): Promise<Queue & { subscription: string }> {
  const made = await kind();
  return { ...made, subscription: await subscribe(TopicArn, made, attributes) };
}

export interface Published {
  readonly MessageId: string;
  readonly SequenceNumber?: string;
}

export async function publish(TopicArn: string, Message: string, more: Input = {}): Promise<Published> {
  return (await ok('Publish', { TopicArn, Message, ...more })) as unknown as Published;
}

export interface Envelope {
  readonly Type: string;
  readonly MessageId: string;
  readonly TopicArn: string;
  readonly Subject?: string;
  readonly Message: string;
  readonly Token?: string;
  readonly SubscribeURL?: string;
  readonly UnsubscribeURL?: string;
  readonly Timestamp: string;
  readonly SequenceNumber?: string;
  readonly MessageAttributes?: Readonly<Record<string, { Type: string; Value: string }>>;
  readonly [name: string]: unknown;
}

export const receive = ({ url }: Queue): Promise<ReceivedMessage> =>
  json.receiveOne(url, { AttributeNames: ['All'], MessageAttributeNames: ['All'] });

/** The next message, taken out of the queue, so that the next of a group follows. */
export async function take(from: Queue): Promise<ReceivedMessage> {
  const message = await receive(from);
  await json.ok('DeleteMessage', { QueueUrl: from.url, ReceiptHandle: message.ReceiptHandle });
  return message;
}

export const receiveEnvelope = async (from: Queue): Promise<Envelope> => JSON.parse((await receive(from)).Body);

export const takeEnvelope = async (from: Queue): Promise<Envelope> => JSON.parse((await take(from)).Body);

/** What was published is stored before Publish is answered; elsewhere it may still be on its way. */
export async function expectEmpty({ url }: Queue): Promise<void> {
  expect(await json.receive(url, { WaitTimeSeconds: isRemote ? 3 : 0 })).toEqual([]);
}

export async function topicAttributes(TopicArn: string): Promise<Attributes> {
  return (await ok('GetTopicAttributes', { TopicArn })).Attributes as unknown as Attributes;
}

export const setTopic = (TopicArn: string, AttributeName: string, AttributeValue: string) =>
  ok('SetTopicAttributes', { TopicArn, AttributeName, AttributeValue });

export async function subscriptionAttributes(SubscriptionArn: string): Promise<Attributes> {
  return (await ok('GetSubscriptionAttributes', { SubscriptionArn })).Attributes as unknown as Attributes;
}

export const setSubscription = (SubscriptionArn: string, AttributeName: string, AttributeValue: string) =>
  ok('SetSubscriptionAttributes', { SubscriptionArn, AttributeName, AttributeValue });

export const topicNotFound = { status: 404, code: 'NotFound', message: 'Topic does not exist' };
export const subscriptionNotFound = { status: 404, code: 'NotFound', message: 'Subscription does not exist' };

/** `arn:aws:sns:region:account`, of the topic's own. */
export function scopeOf(topicArn: string): string {
  return topicArn.split(':').slice(0, 5).join(':');
}
