import type { NewMessage, OneCommit, QueueHandle, QueueMessage, QueueMessageAttribute, Target } from '#runtime';
import { randomUuidBytes } from '#std/uuid';
import { isFifoName } from './arn.ts';
import { publishedAttributes, rawMessageAttributesMax } from './attributeForms.ts';
import type { Delivery } from './delivery.ts';
import { type EnvelopeSettings, notificationFor, notificationTextToSign, type TopicMessage } from './envelope.ts';
import { parseEndpointArn } from './platformArn.ts';
import { filterable, type Publication, textOf } from './publication.ts';
import { deliveryQueuePath } from './records.ts';
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

interface SubscriptionTarget extends Target {
  readonly subscription: Subscription;
}

/** What a subscription's queue gets; `isRaw` overrides what the subscription says. */
type ToQueue = (subscription: Subscription, isRaw?: boolean) => QueueMessage;

/**
 * A message that is ready to be sent to subscriptions: to those of SQS into their queues themselves, to others into their
 * queues of deliveries. Everything that takes time is done before: signing, above all.
 */
export class FanOut {
  readonly #sns: Sns;
  readonly #topic: Topic;
  readonly #subscriptions: readonly Subscription[];
  readonly #publicUrl: string;
  readonly #settings: EnvelopeSettings | undefined;
  /** Of those who got it in their dead-letter queue. */
  #redriven = 0;

  /** `subscriptions`: those whom the message is for. */
  static async prepare(
    sns: Sns,
    topic: Topic,
    publication: Publication,
    subscriptions: readonly Subscription[],
    publicUrl: string,
  ): Promise<FanOut> {
    const settings = subscriptions.some((subscription) => needsEnvelope(subscription, publication))
      ? envelopeSettings(topic, await sns.signingKeys.get(), publicUrl)
      : undefined;
    const text = notificationTextToSign(topicMessage(topic, { publication }, 'sqs'));
    // In another thread, so that the queue of requests does not wait for it.
    if (settings !== undefined && text !== undefined) await settings.signer.signAhead(settings.signatureVersion, text);
    return new FanOut(sns, topic, subscriptions, publicUrl, settings);
  }

  private constructor(
    sns: Sns,
    topic: Topic,
    subscriptions: readonly Subscription[],
    publicUrl: string,
    settings: EnvelopeSettings | undefined,
  ) {
    this.#sns = sns;
    this.#topic = topic;
    this.#subscriptions = subscriptions;
    this.#publicUrl = publicUrl;
    this.#settings = settings;
  }

  get isEmpty(): boolean {
    return this.#subscriptions.length === 0;
  }

  /** Sends to all of them within the commit; gives how many could be reached, in their own queue or the dead-letter queue. */
  async send(one: OneCommit, numbered: Numbered): Promise<number> {
    if (this.isEmpty) return 0;
    const toQueue = this.#queueMessages(numbered);
    const targets = this.#subscriptions.map((subscription) => this.#target(subscription, numbered, toQueue));
    const reached = await one.sendAll(targets, (target) =>
      this.#deadLetter((target as SubscriptionTarget).subscription, toQueue),
    );
    const delivered = this.#subscriptions.filter(({ target }) => target !== undefined).length;
    const lost = targets.length - reached;
    const { deliveries } = this.#sns;
    deliveries.count(this.#topic.arn, 'delivered', delivered - lost - this.#redriven);
    deliveries.count(this.#topic.arn, 'redriven', this.#redriven);
    deliveries.count(this.#topic.arn, 'failed', lost + this.#redriven);
    return reached;
  }

  #target(subscription: Subscription, numbered: Numbered, toQueue: ToQueue): SubscriptionTarget {
    const { target, record } = subscription;
    if (target === undefined) {
      return { subscription, path: deliveryQueuePath(record), message: () => this.#delivery(subscription, numbered) };
    }
    return { subscription, path: target, message: (queue) => this.#sns.encoder.compose(queue, toQueue(subscription)) };
  }

  /** Of a subscription of SQS alone: others become dead letters when their deliveries have failed. */
  #deadLetter(subscription: Subscription, toQueue: ToQueue): Target | undefined {
    const { target, deadLetterQueue } = subscription;
    if (target === undefined || deadLetterQueue === undefined) return undefined;
    return {
      path: deadLetterQueue,
      message: (queue: QueueHandle) => {
        const { encoder } = this.#sns;
        // Raw it may have too many attributes for any queue: then the dead letter is in an envelope.
        const composed =
          encoder.compose(queue, toQueue(subscription)) ?? encoder.compose(queue, toQueue(subscription, false));
        if (composed !== undefined) this.#redriven += 1;
        return composed;
      },
    };
  }

  /** What a queue gets, raw or in an envelope; all but the envelope's last line is the same for all. */
  #queueMessages(numbered: Numbered): ToQueue {
    const body = textOf(numbered.publication, 'sqs');
    const senderId = this.#topic.record.accountId;
    const ids = { ...idsOf(numbered), senderId };
    // Measured: what a FIFO topic gives to a standard queue has no group there.
    const isOrdered = ({ target }: Subscription) => !this.#topic.isFifo || (target && isFifoName(target.name));
    const attributes = publishedAttributes(attributesOf(numbered)) as Readonly<Record<string, QueueMessageAttribute>>;
    const settings = this.#settings;
    const enveloped =
      settings === undefined ? undefined : notificationFor(topicMessage(this.#topic, numbered, 'sqs'), settings);
    return (subscription, isRaw = subscription.isRaw) => {
      const { arn } = subscription;
      const content = isRaw || enveloped === undefined ? { body, attributes } : { body: enveloped(arn) };
      return isOrdered(subscription) ? { ...content, ...ids } : { ...content, senderId };
    };
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
      publicUrl: this.#publicUrl,
    };
    return { messageId: randomUuidBytes(), payload: Buffer.from(JSON.stringify(delivery)) };
  }
}

/** Under which a message with a structure has the text: a push is worded for its platform, `APNS` or `GCM`. */
function nameOfText(protocol: string, endpoint: string): string {
  return protocol === 'application' ? (parseEndpointArn(endpoint)?.application.platform ?? protocol) : protocol;
}

function needsEnvelope({ target, isRaw, deadLetterQueue }: Subscription, { attributes }: Publication): boolean {
  if (target === undefined) return false;
  return !isRaw || (deadLetterQueue !== undefined && Object.keys(attributes).length > rawMessageAttributesMax);
}

function idsOf({ publication, replayId }: Numbered): Pick<QueueMessage, 'groupId' | 'deduplicationId' | 'repetition'> {
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
