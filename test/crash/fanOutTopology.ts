/** Topics and those who subscribe to them, with what each of them is to get. */
import type { Arrival, Temper } from './httpEndpoint.ts';
import type { SnsClient } from './snsClient.ts';
import type { SqsClient } from './sqsClient.ts';

export const topicNames = ['orders', 'audit', 'ledger.fifo'] as const;
export type TopicName = (typeof topicNames)[number];

export const kinds = ['a', 'b', 'c', 'd'] as const;

export interface Publication {
  readonly id: string;
  readonly topic: TopicName;
  readonly body: string;
  readonly kind: (typeof kinds)[number];
  readonly weight: number;
  /** '' unless the topic is FIFO. */
  readonly groupId: string;
}

interface Filter {
  readonly policy?: object;
  readonly scope?: 'MessageBody';
  readonly passes: (publication: Publication) => boolean;
}

/** Their number is coprime to that of the tempers and to the rhythm of raw deliveries, so that all meet all. */
const filters: readonly Filter[] = [
  { passes: () => true },
  { policy: { kind: ['a'] }, passes: ({ kind }) => kind === 'a' },
  { policy: { weight: [{ numeric: ['>=', 30] }] }, passes: ({ weight }) => weight >= 30 },
  { policy: { kind: [{ 'anything-but': ['d'] }] }, passes: ({ kind }) => kind !== 'd' },
  {
    policy: { detail: { kind: ['b', 'c'] } },
    scope: 'MessageBody',
    passes: ({ kind }) => kind === 'b' || kind === 'c',
  },
];

export interface Subscriber {
  readonly topic: TopicName;
  readonly isRaw: boolean;
  readonly filter: Filter;
  /** Where its messages are found in the end, once each; absent if an endpoint takes them. */
  readonly queue?: string;
  /** Written to the queue by the commit of the publish. */
  readonly isDirect: boolean;
  /** Its queue was never made: the queue above is its dead-letter queue. */
  readonly isGone?: true;
  readonly endpoint?: { readonly name: string; readonly temper: Temper };
}

const tempers: readonly Temper[] = ['steady', 'flaky', 'slow', 'flaky'];

/** Fifty queues and ten endpoints; the last endpoint refuses everything, and one queue more was never made. */
function listSubscribers(): Subscriber[] {
  const counts = { orders: 24, audit: 10, 'ledger.fifo': 16 };
  const standardOfFifo = 2;
  const endpointCount = 10;
  const subscribers: Subscriber[] = [];
  const filterOf = (index: number) => filters[index % filters.length] as Filter;
  for (const topic of topicNames) {
    for (let index = 0; index < counts[topic]; index++) {
      const isFifo = topic === 'ledger.fifo' && index >= standardOfFifo;
      const queue = `${topic.replace('.', '-')}-${index}${isFifo ? '.fifo' : ''}`;
      subscribers.push({ topic, queue, isDirect: true, isRaw: index % 3 === 0, filter: filterOf(index) });
    }
  }
  for (let index = 0; index < endpointCount - 1; index++) {
    const topic = index < 6 ? 'orders' : 'audit';
    const endpoint = { name: `endpoint-${index}`, temper: tempers[index % tempers.length] as Temper };
    subscribers.push({ topic, endpoint, isDirect: false, isRaw: index % 2 === 0, filter: filterOf(index) });
  }
  const everything = { isRaw: false, filter: filterOf(0) };
  const refusing = { name: 'endpoint-9', temper: 'refusing' as const };
  subscribers.push({ topic: 'orders', endpoint: refusing, queue: 'letters-refused', isDirect: false, ...everything });
  subscribers.push({ topic: 'orders', isGone: true, queue: 'letters-gone', isDirect: true, ...everything });
  return subscribers;
}

export const subscribers: readonly Subscriber[] = listSubscribers();
const byTopic = new Map(topicNames.map((name) => [name, subscribers.filter(({ topic }) => topic === name)]));
export const endpoints = subscribers.flatMap(({ endpoint }) => (endpoint === undefined ? [] : [endpoint]));
export const queueNames = subscribers.flatMap(({ queue }) => (queue === undefined ? [] : [queue]));

/** Who is to get it. */
export function subscribersOf(publication: Publication): Subscriber[] {
  return (byTopic.get(publication.topic) ?? []).filter(({ filter }) => filter.passes(publication));
}

export function topicArn(name: TopicName): string {
  return `arn:aws:sns:us-east-1:000000000000:${name}`;
}

export function queueArn(name: string): string {
  return `arn:aws:sqs:us-east-1:000000000000:${name}`;
}

/** Retries come soon, and do not end before the test. */
const deliveryPolicy = JSON.stringify({
  healthyRetryPolicy: { minDelayTarget: 1, maxDelayTarget: 1, numRetries: 100, numNoDelayRetries: 1 },
});

/** `listening`: the endpoints, by name. */
export async function createAll(
  { sns, sqs }: { readonly sns: SnsClient; readonly sqs: SqsClient },
  listening: ReadonlyMap<string, { readonly url: string; readonly token: Promise<string> }>,
): Promise<void> {
  for (const name of topicNames) await sns.createTopic(name, name.endsWith('.fifo') ? { FifoTopic: 'true' } : {});
  for (const QueueName of queueNames) {
    await sqs.call('CreateQueue', {
      QueueName,
      ...(QueueName.endsWith('.fifo') && { Attributes: { FifoQueue: 'true' } }),
    });
  }
  for (const subscriber of subscribers) {
    const { endpoint, queue = '', topic, isGone } = subscriber;
    const attributes = attributesOf(subscriber);
    if (endpoint === undefined) {
      const subscribed = queueArn(isGone ? 'gone' : queue);
      await sns.subscribe({ topicArn: topicArn(topic), protocol: 'sqs', endpoint: subscribed, attributes });
      continue;
    }
    const { url, token } = listening.get(endpoint.name) as { url: string; token: Promise<string> };
    await sns.subscribe({ topicArn: topicArn(topic), protocol: 'http', endpoint: url, attributes });
    await sns.confirm(topicArn(topic), await token);
  }
}

function attributesOf({ filter, isRaw, isGone, endpoint, queue = '' }: Subscriber): Record<string, string> {
  const hasDeadLetters = isGone || endpoint?.temper === 'refusing';
  return {
    ...(isRaw && { RawMessageDelivery: 'true' }),
    ...(filter.policy && { FilterPolicy: JSON.stringify(filter.policy) }),
    ...(filter.scope && { FilterPolicyScope: filter.scope }),
    ...(hasDeadLetters && { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: queueArn(queue) }) }),
    ...(endpoint && { DeliveryPolicy: deliveryPolicy }),
  };
}

/** What a subscriber reads, out of an envelope or as it is. */
export interface Copy {
  readonly id: string;
  readonly body: string;
  /** '' where a raw message does not show it. */
  readonly messageId: string;
  readonly sequence: string;
}

export function readCopy({ body, isRaw, messageId }: Arrival): Copy {
  if (isRaw) return { id: idOf(body), body, messageId, sequence: '' };
  const envelope = JSON.parse(body) as { Message: string; MessageId: string; SequenceNumber?: string };
  if (messageId !== '' && messageId !== envelope.MessageId) throw new Error(`${messageId} comes as ${body}`);
  const { Message, MessageId, SequenceNumber = '' } = envelope;
  return { id: idOf(Message), body: Message, messageId: MessageId, sequence: SequenceNumber };
}

function idOf(body: string): string {
  return (JSON.parse(body) as { id: string }).id;
}
