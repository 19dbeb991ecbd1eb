/** What is known of those who get deliveries, looked up for each attempt: all of it can change while a delivery waits. */
import type { QueuePath } from '#runtime';
import type { Addressee, Failure } from './addressee.ts';
import { parseArn } from './arn.ts';
import type { Delivery, PushTarget, SendContext } from './delivery.ts';
import { deliveryHeaders } from './deliveryHeaders.ts';
import {
  contentTypeOf,
  defaultRequestPolicy,
  effectivePolicy,
  httpRetryTimeMs,
  managedRetryPolicy,
  messagingRetryPolicy,
} from './deliveryPolicy.ts';
import { directQueues, smsScopeOf } from './directQueues.ts';
import { envelopeOf, notificationTextToSign } from './envelope.ts';
import { isOptedOut, normalNumber, type SmsScope } from './phoneNumbers.ts';
import { type ApplicationRecord, isEnabled } from './platformApplications.ts';
import { applicationArn, type EndpointPath, endpointArn, parseEndpointArn } from './platformArn.ts';
import { type EndpointRecord, readEndpoint, turnOf, writeEndpoint } from './platformEndpoints.ts';
import { announce } from './platformEvents.ts';
import {
  type AttributeMap,
  deliveryQueuePath,
  type SubscriptionRecord,
  subscriptionKind,
  unsubscribedKind,
} from './records.ts';
import type { Sns } from './service.ts';
import { envelopeSettings } from './signingIdentity.ts';
import { readSmsAttributes, smsSampleRate } from './smsAttributes.ts';
import { isVerified } from './smsSandbox.ts';
import type { Subscription } from './subscription.ts';
import type { Topic } from './topics.ts';

/** Subscriptions that are read at a time when the server starts. */
const readAtOnce = 1_000;

/** What the topic and the subscription say. */
type OfTopic = Pick<Addressee, 'deadLetterQueue' | 'retries' | 'retriesEndAt' | 'maxReceivesPerSecond'> & {
  readonly envelope: () => string;
  readonly contentType: string;
  readonly attributes: AttributeMap;
};

/** What a kind of endpoint adds. */
type OfEndpoint = Partial<Pick<Addressee, 'refusal' | 'disable' | 'failed' | 'logName' | 'successSampleRate'>> &
  Pick<SendContext, 'platform' | 'smsAttributes'>;

export class AddressBook {
  readonly #sns: Sns;
  /** Of deliveries that don't say where their publisher found this server. */
  readonly #publicUrl: string;

  constructor(sns: Sns, publicUrl: string) {
    this.#sns = sns;
    this.#publicUrl = publicUrl;
  }

  async find(delivery: Delivery, queue: QueuePath): Promise<Addressee | undefined> {
    const ofTopic = delivery.topicArn === '' ? direct(delivery) : await this.#ofTopic(delivery);
    if (ofTopic === undefined) return undefined;
    const ofEndpoint = await this.#ofEndpoint(delivery, queue);
    const { envelope, contentType, attributes, ...policy } = ofTopic;
    const { platform, smsAttributes, ...more } = ofEndpoint;
    return {
      ...{ delivery, logName: delivery.topicArn, successSampleRate: topicSampleRate(attributes, delivery.protocol) },
      ...policy,
      ...more,
      context: (signal) => ({
        ...{ envelope, headers: deliveryHeaders(delivery), contentType, signal, publicUrl: this.#urlOf(delivery) },
        ...(platform !== undefined && { platform }),
        ...(smsAttributes !== undefined && { smsAttributes }),
      }),
    };
  }

  /** All internal queues that deliveries may wait in; some of them may not be there. */
  async *queues(): AsyncGenerator<QueuePath> {
    const { partition } = this.#sns;
    yield* directQueues(partition, readAtOnce);
    for (const kind of [subscriptionKind, unsubscribedKind]) {
      let after: string | undefined;
      do {
        const page = await partition.entities.list<SubscriptionRecord>(kind, '', readAtOnce, after);
        for (const { value } of page) if (value.protocol !== 'sqs') yield deliveryQueuePath(value);
        after = page.length < readAtOnce ? undefined : page.at(-1)?.path;
      } while (after !== undefined);
    }
  }

  async #ofTopic(delivery: Delivery): Promise<OfTopic | undefined> {
    const arn = parseArn(delivery.topicArn);
    if (arn === undefined) return undefined;
    const { accountId, region, resource: name } = arn;
    const topic = await this.#sns.topics.find({ accountId, region, name });
    if (topic === undefined) return undefined;
    const subscription = topic.subscriptions.get(delivery.subscriptionArn.split(':').at(-1) ?? '');
    if (!isWanted(delivery, subscription)) return undefined;
    const settings = envelopeSettings(topic, await this.#sns.signingKeys.get(), this.#urlOf(delivery));
    const text = delivery.kind === 'notification' && !delivery.raw ? notificationTextToSign(delivery) : undefined;
    // In another thread, so that nobody's request waits for it.
    if (text !== undefined) await settings.signer.signAhead(settings.signatureVersion, text);
    return {
      ...{ deadLetterQueue: subscription?.deadLetterQueue, attributes: topic.record.attributes },
      ...policyOf(delivery, topic, subscription),
      envelope: () => envelopeOf(delivery, settings),
    };
  }

  async #ofEndpoint(delivery: Delivery, queue: QueuePath): Promise<OfEndpoint> {
    if (delivery.protocol === 'sms') return this.#ofPhone(delivery, queue);
    if (delivery.protocol === 'application') return this.#ofDevice(delivery);
    return {};
  }

  /** The settings are those of who publishes: of a topic, its owner. */
  async #ofPhone({ kind, topicArn, endpoint }: Delivery, queue: QueuePath): Promise<OfEndpoint> {
    const scope: SmsScope | undefined = smsScopeOf(queue) ?? parseArn(topicArn);
    if (scope === undefined) return {};
    const smsAttributes = await readSmsAttributes(this.#sns, scope);
    const number = normalNumber(endpoint);
    return {
      smsAttributes,
      refusal: await this.#refusalOf(scope, number, kind === 'confirmation'),
      successSampleRate: smsSampleRate(smsAttributes),
      ...(topicArn === '' && { logName: `sms/${scope.region}/${scope.accountId}` }),
    };
  }

  /** The password of the sandbox goes to who has still to be verified. The texts are AWS's. */
  async #refusalOf(scope: SmsScope, number: string, isPassword: boolean): Promise<string | undefined> {
    if (await isOptedOut(this.#sns, scope, number)) return 'Phone number is opted out';
    if (!this.#sns.smsSandbox || isPassword || (await isVerified(this.#sns, scope, number))) return undefined;
    return 'The account is in the SMS sandbox, and the phone number is not verified';
  }

  async #ofDevice(delivery: Delivery): Promise<OfEndpoint> {
    const path = parseEndpointArn(delivery.endpoint);
    if (path === undefined) return { refusal: 'The endpoint is not one of a platform application' };
    const logName = delivery.topicArn === '' ? { logName: applicationArn(path.application) } : {};
    const found = await readEndpoint(this.#sns, path);
    if (found === undefined) return { ...logName, refusal: 'Endpoint does not exist' };
    const { application, endpoint } = found;
    const rate = sampleRate(application.attributes, '');
    return {
      ...logName,
      ...(delivery.topicArn === '' && { successSampleRate: rate }),
      platform: pushTarget(application, endpoint),
      refusal: refusalOfDevice(application, endpoint),
      disable: () => this.#disable(path, endpoint),
      failed: (failure, attempts) => this.#tellFailure(delivery, application, failure, attempts),
    };
  }

  /** Unless the app has brought a new token meanwhile. */
  #disable(path: EndpointPath, { attributes: { Token: deadToken } }: EndpointRecord): Promise<void> {
    return this.#sns.turns.take(turnOf(path.application), async () => {
      const found = await readEndpoint(this.#sns, path);
      if (found === undefined || found.endpoint.attributes.Token !== deadToken) return;
      const { application, endpoint } = found;
      const disabled = { ...endpoint, attributes: { ...endpoint.attributes, Enabled: 'false' } };
      await this.#sns.partition.entities.write(...writeEndpoint(application, disabled, endpoint));
      await announce(this.#sns, application, 'EndpointUpdated', endpointArn(path), this.#publicUrl);
    });
  }

  #tellFailure(delivery: Delivery, application: ApplicationRecord, failure: Failure, attempts: number): Promise<void> {
    return announce(this.#sns, application, 'DeliveryFailure', delivery.endpoint, this.#urlOf(delivery), {
      ...{ DeliveryAttempts: attempts, FailureType: failureType(failure), FailureMessage: failure.reason },
      MessageId: delivery.messageId,
    });
  }

  #urlOf({ publicUrl }: Delivery): string {
    return publicUrl ?? this.#publicUrl;
  }
}

/** What is sent to nobody's subscription has no policy of anybody's. */
function direct(delivery: Delivery): OfTopic {
  return {
    ...{ retries: messagingRetryPolicy, attributes: {}, contentType: defaultRequestPolicy.headerContentType },
    envelope: () => delivery.message,
  };
}

/** A message needs a subscription, a confirmation one that still waits for it, and a farewell none. */
function isWanted({ kind, token }: Delivery, subscription: Subscription | undefined): boolean {
  switch (kind) {
    case 'notification':
      return subscription?.record.status === 'confirmed';
    case 'confirmation':
      return subscription?.record.status === 'pending' && subscription.record.token === token;
    case 'unsubscribe-confirmation':
      return subscription === undefined;
    default:
      return kind satisfies never;
  }
}

function policyOf(
  { protocol, publishedAt, kind, raw }: Delivery,
  topic: Topic,
  subscription: Subscription | undefined,
) {
  if (protocol === 'http' || protocol === 'https') {
    const policy = subscription?.deliveryPolicy ?? effectivePolicy(topic.record.attributes.DeliveryPolicy, undefined);
    return {
      retries: policy.healthyRetryPolicy,
      retriesEndAt: publishedAt + httpRetryTimeMs,
      maxReceivesPerSecond: policy.throttlePolicy?.maxReceivesPerSecond,
      contentType: contentTypeOf(policy, raw && kind === 'notification'),
    };
  }
  const isManaged = protocol === 'lambda' || protocol === 'firehose';
  return {
    retries: isManaged ? managedRetryPolicy : messagingRetryPolicy,
    contentType: defaultRequestPolicy.headerContentType,
  };
}

/** The beginnings of a topic's attributes about its delivery status; e-mail and SMS have none there. */
const feedbackPrefixes: Readonly<Record<string, string>> = {
  http: 'HTTP',
  https: 'HTTP',
  lambda: 'Lambda',
  firehose: 'Firehose',
  application: 'Application',
};

function topicSampleRate(attributes: AttributeMap, protocol: string): number {
  const prefix = Object.hasOwn(feedbackPrefixes, protocol) ? feedbackPrefixes[protocol] : undefined;
  return prefix === undefined ? 0 : sampleRate(attributes, prefix);
}

/** Without a role AWS can write no log, and without a rate it writes all. */
function sampleRate(attributes: AttributeMap, prefix: string): number {
  if (!attributes[`${prefix}SuccessFeedbackRoleArn`]) return 0;
  return Number(attributes[`${prefix}SuccessFeedbackSampleRate`] || 100);
}

function pushTarget({ platform: name, attributes }: ApplicationRecord, endpoint: EndpointRecord): PushTarget {
  return { name, attributes, token: endpoint.attributes.Token ?? '' };
}

const endpointIsDisabled = 'Endpoint is disabled';

function refusalOfDevice(application: ApplicationRecord, endpoint: EndpointRecord): string | undefined {
  if (!isEnabled(application)) return 'Platform application is disabled';
  return isEnabled(endpoint) ? undefined : endpointIsDisabled;
}

/** AWS's names, of those that can be told from here. */
function failureType({ reason, disableEndpoint }: Failure): string {
  if (disableEndpoint === true) return 'InvalidPlatformToken';
  return reason === endpointIsDisabled ? 'EndpointDisabled' : 'DeliveryFailedPerm';
}
