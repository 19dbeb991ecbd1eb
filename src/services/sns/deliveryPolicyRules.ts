/**
 * Checks a DeliveryPolicy when it is set, and brings it into the form in which AWS stores and answers it: members in
 * AWS's order, nulls as if they were not there. Texts that are not marked are AWS's.
 */
import {
  defaultRetryPolicy,
  envelopeMediaTypes,
  type GivenRetryPolicy,
  mediaTypeOf,
  type RequestPolicy,
  type SubscriptionDeliveryPolicy,
  type ThrottlePolicy,
  type TopicDeliveryPolicy,
} from './deliveryPolicy.ts';
import { invalidParameter } from './errors.ts';

interface Range {
  readonly min?: number;
  readonly max?: number;
  readonly isMandatory?: true;
}

/** SNS Developer Guide, "Creating an HTTP/S delivery policy". That the first three must be there is measured. */
const retryRanges: Readonly<Record<keyof Omit<GivenRetryPolicy, 'backoffFunction'>, Range>> = {
  minDelayTarget: { min: 1, isMandatory: true },
  maxDelayTarget: { max: 3_600, isMandatory: true },
  numRetries: { min: 0, max: 100, isMandatory: true },
  numMaxDelayRetries: { min: 0 },
  numNoDelayRetries: { min: 0 },
  numMinDelayRetries: { min: 0 },
};

const backoffFunctions: readonly string[] = ['linear', 'arithmetic', 'geometric', 'exponential'];

/** Of raw messages; the same guide. */
const rawMediaTypes: readonly string[] = [
  'text/css',
  'text/csv',
  'text/html',
  'text/plain',
  'text/xml',
  'application/atom+xml',
  'application/json',
  'application/octet-stream',
  'application/soap+xml',
  'application/x-www-form-urlencoded',
  'application/xhtml+xml',
  'application/xml',
];

/** `attribute` is how the refusal names it: `Attributes Reason: DeliveryPolicy` when it comes with a new topic. */
export function checkTopicDeliveryPolicy(text: string, attribute = 'DeliveryPolicy'): string {
  return check(text, attribute, (policy) => {
    const http = policy.object('http');
    policy.end();
    if (http === undefined) return '';
    const retryPolicy = http.object('defaultHealthyRetryPolicy');
    const throttlePolicy = http.object('defaultThrottlePolicy');
    const requestPolicy = http.object('defaultRequestPolicy');
    const disableSubscriptionOverrides = http.flag('disableSubscriptionOverrides') ?? false;
    http.end();
    return {
      http: {
        ...(retryPolicy && { defaultHealthyRetryPolicy: readRetryPolicy(retryPolicy) }),
        disableSubscriptionOverrides,
        ...present('defaultThrottlePolicy', throttlePolicy && readThrottlePolicy(throttlePolicy)),
        ...present('defaultRequestPolicy', requestPolicy && readRequestPolicy(requestPolicy, envelopeMediaTypes)),
      },
    } satisfies TopicDeliveryPolicy;
  });
}

/** Whether a subscription's messages are raw can change later, so it may name any content type. */
export function checkSubscriptionDeliveryPolicy(text: string, attribute = 'DeliveryPolicy'): string {
  return check(text, attribute, (policy) => {
    const healthy = policy.object('healthyRetryPolicy');
    const sickly = policy.object('sicklyRetryPolicy');
    const throttlePolicy = policy.object('throttlePolicy');
    const requestPolicy = policy.object('requestPolicy');
    const guaranteed = policy.flag('guaranteed') ?? false;
    policy.end();
    return {
      healthyRetryPolicy: healthy === undefined ? null : readRetryPolicy(healthy),
      sicklyRetryPolicy: sickly === undefined ? null : readRetryPolicy(sickly),
      throttlePolicy: (throttlePolicy && readThrottlePolicy(throttlePolicy)) ?? null,
      requestPolicy: (requestPolicy && readRequestPolicy(requestPolicy, rawMediaTypes)) ?? null,
      guaranteed,
    } satisfies SubscriptionDeliveryPolicy;
  });
}

/** One field after the other first, then how they go together: measured, too many retries are told before wrong delays. */
function readRetryPolicy(policy: Members): GivenRetryPolicy {
  const numbers: Record<string, number> = {};
  for (const [name, range] of Object.entries(retryRanges)) {
    const value = policy.integer(name, range);
    if (value !== undefined) numbers[name] = value;
  }
  const backoffFunction = policy.text('backoffFunction')?.toLowerCase();
  policy.end();
  if (backoffFunction !== undefined && !backoffFunctions.includes(backoffFunction)) {
    // Where the path stands is a guess.
    throw policy.refuse(`backoffFunction: the value [${backoffFunction}] is not a valid backoff function`);
  }
  const given = { ...numbers, ...(backoffFunction !== undefined && { backoffFunction }) } as GivenRetryPolicy;
  const { minDelayTarget, maxDelayTarget, numRetries, ...phases } = { ...defaultRetryPolicy, ...given };
  if (maxDelayTarget < minDelayTarget) {
    throw policy.refuse('maxDelayTarget must be greater than or equal to minDelayTarget');
  }
  if (numRetries < phases.numMinDelayRetries + phases.numNoDelayRetries + phases.numMaxDelayRetries) {
    throw policy.refuse(
      'numRetries must be greater than or equal to total of numMinDelayRetries, numNoDelayRetries and numMaxDelayRetries',
    );
  }
  return given;
}

function readThrottlePolicy(policy: Members): ThrottlePolicy | undefined {
  const maxReceivesPerSecond = policy.integer('maxReceivesPerSecond', {});
  policy.end();
  if (maxReceivesPerSecond === undefined) return undefined;
  if (maxReceivesPerSecond < 1) throw policy.refuse('maxReceivesPerSecond must be >= 1');
  return { maxReceivesPerSecond };
}

function readRequestPolicy(policy: Members, mediaTypes: readonly string[]): RequestPolicy | undefined {
  const headerContentType = policy.text('headerContentType');
  policy.end();
  if (headerContentType === undefined) return undefined;
  const isHeader = /^[\x20-\x7e]{1,256}$/.test(headerContentType);
  if (!isHeader || !mediaTypes.includes(mediaTypeOf(headerContentType))) {
    // A guess; that it is refused is measured.
    throw policy.refuse(`headerContentType: the value [${headerContentType}] is not a supported content type`);
  }
  return { headerContentType };
}

/** The members of one object of a policy, read one by one; `end` refuses those that nobody read. */
class Members {
  readonly #values: Readonly<Record<string, unknown>>;
  /** Of the object in the policy, with a dot at its end unless it is the whole: `http.defaultThrottlePolicy.` */
  readonly #path: string;
  readonly #attribute: string;
  readonly #read = new Set<string>();

  constructor(values: object, path: string, attribute: string) {
    this.#values = values as Readonly<Record<string, unknown>>;
    this.#path = path;
    this.#attribute = attribute;
  }

  object(name: string): Members | undefined {
    const value = this.#take(name);
    if (value === undefined) return undefined;
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw this.#mismatch(name, 'object', value);
    return new Members(value, `${this.#path}${name}.`, this.#attribute);
  }

  integer(name: string, { min, max, isMandatory }: Range): number | undefined {
    const value = this.#take(name);
    if (value === undefined && isMandatory) throw this.refuse(`${name} must be specified`);
    if (value === undefined) return undefined;
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw this.#mismatch(name, 'integer', value);
    if (min !== undefined && value < min) throw this.refuse(`${name} must be greater than or equal to ${min}`);
    if (max !== undefined && value > max) throw this.refuse(`${name} must be less than or equal to ${max}`);
    return value;
  }

  text(name: string): string | undefined {
    const value = this.#take(name);
    if (value !== undefined && typeof value !== 'string') throw this.#mismatch(name, 'string', value);
    return value;
  }

  flag(name: string): boolean | undefined {
    const value = this.#take(name);
    if (value !== undefined && typeof value !== 'boolean') throw this.#mismatch(name, 'boolean', value);
    return value;
  }

  end(): void {
    const unknown = Object.keys(this.#values).find((name) => !this.#read.has(name));
    if (unknown !== undefined) {
      throw invalidPolicy(this.#attribute, `Unexpected JSON member: ${this.#path}${unknown}`);
    }
  }

  refuse(reason: string): Error {
    return invalidPolicy(this.#attribute, this.#path + reason);
  }

  #take(name: string): unknown {
    this.#read.add(name);
    const value = Object.hasOwn(this.#values, name) ? this.#values[name] : undefined;
    return value ?? undefined;
  }

  #mismatch(name: string, expected: string, value: unknown): Error {
    return this.refuse(`${name} type mismatch, expecting ${expected}, received ${kindOf(value)}`);
  }
}

/** An empty text is an attribute that is taken away. */
function check(text: string, attribute: string, read: (policy: Members) => object | ''): string {
  if (text === '') return '';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    // A guess, after what AWS says of other policies.
    throw invalidPolicy(attribute, 'failed to parse JSON');
  }
  const policy = read(new Members(value, '', attribute));
  return policy === '' ? '' : JSON.stringify(policy);
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'an integer' : 'a number';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function present<Name extends string, Value>(name: Name, value: Value | undefined): { [key in Name]?: Value } {
  return (value === undefined ? {} : { [name]: value }) as { [key in Name]?: Value };
}

function invalidPolicy(attribute: string, reason: string): Error {
  return invalidParameter(`${attribute}: ${reason}`);
}
