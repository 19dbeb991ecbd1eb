import type {
  DataKey,
  DestinationQueue,
  NewMessage,
  OneCommit,
  PreparedMessage,
  QueueKeys,
  QueueMessageAttribute,
} from '#runtime';
import { randomUuidBytes } from '#std/uuid';
import { isFifoName } from './arn.ts';
import { publishedAttributes, rawMessageAttributesMax } from './attributeForms.ts';
import type { Delivery } from './delivery.ts';
import { sealed } from './encryption.ts';
import { type EnvelopeSettings, notificationTextToSign, splitNotification, type TopicMessage } from './envelope.ts';
import { parseEndpointArn } from './platformArn.ts';
import { filterable, type Publication, textOf } from './publication.ts';
import { deliveryQueuePath, snsPrincipal } from './records.ts';
import type { Sns } from './service.ts';
import { envelopeSettings } from './signingIdentity.ts';
import type { Subscription } from './subscription.ts';
import type { Topic } from './topics.ts';

/** A message of a topic, and how it is told from others. */
export interface Numbered {
  readonly publication: Publication;
  /** Of a FIFO topic. */
  readonly sequenceNumber?: string;
  /** Of a replay: its id. Queues that deduplicate take the message once more. */
  readonly replayId?: string;
}

/** On which messages leave. */
export interface Way {
  /** Encrypts what waits here; absent unless the topic's messages are encrypted. */
  readonly key: DataKey | undefined;
  /** What subscribers find this server by. */
  readonly publicUrl: string;
}

/** What the message needs in an envelope: of those who get it raw there is none. */
interface Enveloping {
  readonly settings: EnvelopeSettings;
  /** Undefined where nothing is signed. */
  readonly signature: string | undefined;
}

/** What a subscription's queue gets; `isRaw` overrides what the subscription says. */
type ToQueue = (queue: DestinationQueue, subscription: Subscription, isRaw?: boolean) => NewMessage | undefined;

/**
 * A message that is ready to be sent to subscriptions: to those of SQS into their queues themselves, to others into their
 * queues of deliveries. Everything that takes time is done before: signing, above all.
 */
export class FanOut {
  readonly #sns: Sns;
  readonly #topic: Topic;
  readonly #subscriptions: readonly Subscription[];
  readonly #way: Way;
  readonly #keys: QueueKeys;
  readonly #enveloping: Enveloping | undefined;
  /** What one call of a commit was given; it holds for that turn. */
  #opened: { readonly one: OneCommit; readonly queues: readonly (DestinationQueue | undefined)[] } | undefined;

  /** `subscriptions`: those whom the message is for. */
  static async prepare(
    sns: Sns,
    topic: Topic,
    publication: Publication,
    subscriptions: readonly Subscription[],
    way: Way,
  ): Promise<FanOut> {
    const isEnveloped = subscriptions.some((subscription) => needsEnvelope(subscription, publication));
    const enveloping = isEnveloped ? await prepareEnvelope(sns, topic, publication, way) : undefined;
    return new FanOut(sns, topic, subscriptions, way, enveloping);
  }

  private constructor(
    sns: Sns,
    topic: Topic,
    subscriptions: readonly Subscription[],
    way: Way,
    enveloping: Enveloping | undefined,
  ) {
    this.#sns = sns;
    this.#topic = topic;
    this.#subscriptions = subscriptions;
    this.#way = way;
    this.#keys = sns.encoder.keys({ arn: topic.arn, service: snsPrincipal });
    this.#enveloping = enveloping;
  }

  /** How many get it. */
  get copies(): number {
    return this.#subscriptions.length;
  }

  /** Asks for its queues and their keys, so that `send` finds them when something has been written already. */
  open(one: OneCommit): void {
    this.#queues(one);
  }

  /** Sends to all of them within the commit; gives how many could be reached, in their own queue or the dead-letter queue. */
  send(one: OneCommit, numbered: Numbered): number {
    const queues = this.#queues(one);
    const toQueue = this.#toQueue(numbered);
    const { length } = this.#subscriptions;
    let [delivered, redriven, lost] = [0, 0, 0];
    for (const [index, subscription] of this.#subscriptions.entries()) {
      const queue = queues[index];
      const deadLetterQueue = queues[length + index];
      if (subscription.target === undefined) {
        if (!accept(queue, this.#delivery(subscription, numbered))) lost += 1;
      } else if (accept(queue, queue && toQueue(queue, subscription))) delivered += 1;
      else if (accept(deadLetterQueue, deadLetterQueue && toDeadLetterQueue(toQueue, deadLetterQueue, subscription))) {
        redriven += 1;
      } else lost += 1;
    }
    const { deliveries } = this.#sns;
    deliveries.count(this.#topic.arn, 'delivered', delivered);
    deliveries.count(this.#topic.arn, 'redriven', redriven);
    deliveries.count(this.#topic.arn, 'failed', lost + redriven);
    return length - lost;
  }

  /** Of each subscription, then the dead-letter queue of each: of SQS alone, as others' deliveries have to fail first. */
  #queues(one: OneCommit): readonly (DestinationQueue | undefined)[] {
    if (this.#opened?.one === one) return this.#opened.queues;
    const own = this.#subscriptions.map(({ target, record }) => target ?? deliveryQueuePath(record));
    const dead = this.#subscriptions.map(({ target, deadLetterQueue }) => target && deadLetterQueue);
    const queues = one.queues([...own, ...dead]);
    one.wait(queues.map((queue) => queue && this.#keys.ready(queue)));
    this.#opened = { one, queues };
    return queues;
  }

  /** All but the subscription's ARN in the envelope is the same for all; it is checked and encoded once. */
  #toQueue(numbered: Numbered): ToQueue {
    const prepared: { [form: string]: PreparedMessage } = {};
    const { isFifo } = this.#topic;
    return (queue, subscription, asked = subscription.isRaw) => {
      const isRaw = asked || this.#enveloping === undefined;
      // Measured: what a FIFO topic gives to a standard queue has no group there.
      const isOrdered = !isFifo || (subscription.target !== undefined && isFifoName(subscription.target.name));
      const form = isRaw ? (isOrdered ? 'raw' : 'rawUnordered') : isOrdered ? 'envelope' : 'envelopeUnordered';
      prepared[form] ??= this.#prepare(numbered, isRaw, isOrdered);
      return prepared[form](queue, isRaw ? '' : subscription.arn);
    };
  }

  #prepare(numbered: Numbered, isRaw: boolean, isOrdered: boolean): PreparedMessage {
    const { arn } = this.#topic;
    const sender = { senderId: this.#topic.record.accountId, source: { arn, service: snsPrincipal } };
    const ids = isOrdered ? idsOf(numbered) : {};
    const { encoder } = this.#sns;
    if (this.#enveloping !== undefined && !isRaw) {
      const { settings, signature } = this.#enveloping;
      const body = splitNotification(topicMessage(this.#topic, numbered, 'sqs'), settings, signature);
      return encoder.prepare({ body, ...ids, ...sender }, this.#keys);
    }
    const attributes = publishedAttributes(attributesOf(numbered)) as Readonly<Record<string, QueueMessageAttribute>>;
    const body = textOf(numbered.publication, 'sqs');
    return encoder.prepare({ body, attributes, ...ids, ...sender }, this.#keys);
  }

  #delivery({ record, arn, isRaw }: Subscription, numbered: Numbered): NewMessage {
    const { protocol, endpoint } = record;
    const { publication, sequenceNumber } = numbered;
    const { groupId } = publication;
    const delivery: Delivery = {
      kind: 'notification',
      topicArn: this.#topic.arn,
      subscriptionArn: arn,
      protocol,
      endpoint,
      messageId: publication.messageId,
      publishedAt: publication.publishedAt,
      ...(publication.subject !== undefined && { subject: publication.subject }),
      message: textOf(publication, nameOfText(protocol, endpoint)),
      attributes: attributesOf(numbered),
      ...(sequenceNumber !== undefined && { sequenceNumber }),
      ...(groupId !== undefined && { groupId }),
      raw: isRaw,
      publicUrl: this.#way.publicUrl,
    };
    return { messageId: randomUuidBytes(), payload: sealed(this.#way.key, delivery) };
  }
}

/** Gives whether the queue is there and took it. */
function accept(queue: DestinationQueue | undefined, message: NewMessage | undefined): boolean {
  if (queue === undefined || message === undefined) return false;
  queue.enqueue([message]);
  return true;
}

/** Raw it may have too many attributes for any queue: then the dead letter is in an envelope. */
function toDeadLetterQueue(
  toQueue: ToQueue,
  queue: DestinationQueue,
  subscription: Subscription,
): NewMessage | undefined {
  return toQueue(queue, subscription) ?? toQueue(queue, subscription, false);
}

/** Under which a message with a structure has the text: a push is worded for its platform, `APNS` or `GCM`. */
function nameOfText(protocol: string, endpoint: string): string {
  return protocol === 'application' ? (parseEndpointArn(endpoint)?.application.platform ?? protocol) : protocol;
}

async function prepareEnvelope(sns: Sns, topic: Topic, publication: Publication, way: Way): Promise<Enveloping> {
  const settings = envelopeSettings(topic, await sns.signingKeys.get(), way.publicUrl);
  const text = notificationTextToSign(topicMessage(topic, { publication }, 'sqs'));
  // In another thread, so that the queue of requests does not wait for it.
  const signature = text && (await settings.signer.signAhead(settings.signatureVersion, text));
  return { settings, signature };
}

function needsEnvelope({ target, isRaw, deadLetterQueue }: Subscription, { attributes }: Publication): boolean {
  if (target === undefined) return false;
  return !isRaw || (deadLetterQueue !== undefined && Object.keys(attributes).length > rawMessageAttributesMax);
}

function idsOf({ publication, replayId }: Numbered) {
  const { messageId, groupId, deduplicationId } = publication;
  return {
    ...(groupId !== undefined && { groupId }),
    ...(deduplicationId !== undefined && { deduplicationId }),
    ...(replayId !== undefined && { repetition: `${replayId}/${messageId}` }),
  };
}

/** The subscriptions that get a new message. */
export function subscriptionsFor(sns: Sns, topic: Topic, publication: Publication): readonly Subscription[] {
  const matching = topic.matching(filterable(publication));
  sns.deliveries.count(topic.arn, 'filteredOut', topic.listeningCount - matching.length);
  return matching;
}

/** The attribute by which subscribers tell a replayed message. */
const replayed = { Replayed: { Type: 'String', Value: 'true' } };

export function attributesOf({ publication, replayId }: Numbered): Publication['attributes'] {
  return replayId === undefined ? publication.attributes : { ...publication.attributes, ...replayed };
}

function topicMessage(topic: Topic, numbered: Numbered, protocol: string): TopicMessage {
  const { publication, sequenceNumber } = numbered;
  const { messageId, publishedAt, subject } = publication;
  return {
    topicArn: topic.arn,
    ...{ messageId, publishedAt, subject, sequenceNumber },
    message: textOf(publication, protocol),
    attributes: attributesOf(numbered),
  };
}
