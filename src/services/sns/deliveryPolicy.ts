/**
 * Delivery policies: how deliveries to HTTP and HTTPS subscribers are tried again, how many may arrive a second, and
 * with which content type. A topic has one for all its subscriptions, a subscription can have its own. They are stored
 * as `deliveryPolicyRules.ts` gives them; AWS answers them in that form too.
 */

export type BackoffFunction = 'linear' | 'arithmetic' | 'geometric' | 'exponential';

/** The names are AWS's. Delays are seconds; all counts are counts of retries, `numRetries` is their sum. */
export interface RetryPolicy {
  readonly minDelayTarget: number;
  readonly maxDelayTarget: number;
  readonly numRetries: number;
  readonly numMaxDelayRetries: number;
  readonly numNoDelayRetries: number;
  readonly numMinDelayRetries: number;
  readonly backoffFunction: BackoffFunction;
}

export interface ThrottlePolicy {
  readonly maxReceivesPerSecond: number;
}

export interface RequestPolicy {
  readonly headerContentType: string;
}

/** The first three are mandatory. */
export type GivenRetryPolicy = Pick<RetryPolicy, 'minDelayTarget' | 'maxDelayTarget' | 'numRetries'> &
  Partial<RetryPolicy>;

export interface TopicDeliveryPolicy {
  readonly http: {
    readonly defaultHealthyRetryPolicy?: GivenRetryPolicy;
    readonly disableSubscriptionOverrides: boolean;
    readonly defaultThrottlePolicy?: ThrottlePolicy;
    readonly defaultRequestPolicy?: RequestPolicy;
  };
}

/** Measured: here what was not given is null, on a topic it is left out. */
export interface SubscriptionDeliveryPolicy {
  readonly healthyRetryPolicy: GivenRetryPolicy | null;
  /** Stored and answered; AWS documents no use of it, and there is none. */
  readonly sicklyRetryPolicy: GivenRetryPolicy | null;
  readonly throttlePolicy: ThrottlePolicy | null;
  readonly requestPolicy: RequestPolicy | null;
  readonly guaranteed: boolean;
}

/** What deliveries of one subscription go by. */
export interface EffectiveDeliveryPolicy extends SubscriptionDeliveryPolicy {
  readonly healthyRetryPolicy: RetryPolicy;
  readonly requestPolicy: RequestPolicy;
}

/** The order of the members is the one in which AWS writes them. */
export const defaultRetryPolicy: RetryPolicy = {
  minDelayTarget: 20,
  maxDelayTarget: 20,
  numRetries: 3,
  numMaxDelayRetries: 0,
  numNoDelayRetries: 0,
  numMinDelayRetries: 0,
  backoffFunction: 'linear',
};

export const defaultRequestPolicy: RequestPolicy = { headerContentType: 'text/plain; charset=UTF-8' };

/** Lambda, SQS and Firehose: 100,015 retries over 23 days. AWS's table, and nobody can change it. */
export const managedRetryPolicy: RetryPolicy = {
  minDelayTarget: 1,
  maxDelayTarget: 20,
  numRetries: 100_015,
  numMaxDelayRetries: 100_000,
  numNoDelayRetries: 3,
  numMinDelayRetries: 2,
  backoffFunction: 'exponential',
};

/** E-mail, SMS and mobile push: 50 retries over 6 hours, from the same table. */
export const messagingRetryPolicy: RetryPolicy = {
  minDelayTarget: 10,
  maxDelayTarget: 600,
  numRetries: 50,
  numMaxDelayRetries: 38,
  numNoDelayRetries: 0,
  numMinDelayRetries: 2,
  backoffFunction: 'exponential',
};

/** From the publish on, deliveries to HTTP and HTTPS are tried no longer than this, whatever the policy says. */
export const httpRetryTimeMs = 3_600_000;

/** A topic's attribute EffectiveDeliveryPolicy, from its stored DeliveryPolicy. */
export function effectiveTopicPolicy(topic: string | undefined): string {
  const { defaultHealthyRetryPolicy, disableSubscriptionOverrides, ...others } = topicPolicy(topic);
  return JSON.stringify({
    http: {
      defaultHealthyRetryPolicy: completeRetryPolicy(defaultHealthyRetryPolicy),
      disableSubscriptionOverrides,
      // JSON leaves out what is undefined.
      defaultThrottlePolicy: others.defaultThrottlePolicy,
      defaultRequestPolicy: others.defaultRequestPolicy ?? defaultRequestPolicy,
    },
  });
}

/**
 * Of an HTTP or HTTPS subscription, from the stored DeliveryPolicy of its topic and its own; as JSON, the attribute
 * EffectiveDeliveryPolicy. Each of the subscription's parts takes the place of the topic's.
 */
export function effectivePolicy(topic: string | undefined, subscription: string | undefined): EffectiveDeliveryPolicy {
  const { defaultHealthyRetryPolicy, disableSubscriptionOverrides, ...others } = topicPolicy(topic);
  const own = disableSubscriptionOverrides ? noPolicy : subscriptionPolicy(subscription);
  return {
    healthyRetryPolicy: completeRetryPolicy(own.healthyRetryPolicy ?? defaultHealthyRetryPolicy),
    sicklyRetryPolicy: own.sicklyRetryPolicy && completeRetryPolicy(own.sicklyRetryPolicy),
    throttlePolicy: own.throttlePolicy ?? others.defaultThrottlePolicy ?? null,
    requestPolicy: own.requestPolicy ?? others.defaultRequestPolicy ?? defaultRequestPolicy,
    guaranteed: own.guaranteed,
  };
}

/** The types that an envelope can have, being JSON; the others are for raw messages. */
export const envelopeMediaTypes: readonly string[] = ['application/json', 'text/plain'];

/** The Content-Type of a notification. A type that is for raw messages alone does not apply to an envelope. */
export function contentTypeOf(policy: EffectiveDeliveryPolicy, isRaw: boolean): string {
  const { headerContentType } = policy.requestPolicy;
  const applies = isRaw || envelopeMediaTypes.includes(mediaTypeOf(headerContentType));
  return applies ? headerContentType : defaultRequestPolicy.headerContentType;
}

/** `text/plain` of `text/plain; charset=UTF-8`. */
export function mediaTypeOf(contentType: string): string {
  return (contentType.split(';')[0] ?? '').trim().toLowerCase();
}

const noPolicy: SubscriptionDeliveryPolicy = {
  healthyRetryPolicy: null,
  sicklyRetryPolicy: null,
  throttlePolicy: null,
  requestPolicy: null,
  guaranteed: false,
};

function topicPolicy(stored: string | undefined): TopicDeliveryPolicy['http'] {
  return stored ? (JSON.parse(stored) as TopicDeliveryPolicy).http : { disableSubscriptionOverrides: false };
}

function subscriptionPolicy(stored: string | undefined): SubscriptionDeliveryPolicy {
  return stored ? (JSON.parse(stored) as SubscriptionDeliveryPolicy) : noPolicy;
}

function completeRetryPolicy(given: GivenRetryPolicy | undefined): RetryPolicy {
  return { ...defaultRetryPolicy, ...given };
}
