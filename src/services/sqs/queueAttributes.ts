import { invalidAttributeName, invalidAttributeValue, onlyForFifo, unsupportedOperation } from './errors.ts';
import * as limits from './limits.ts';

/** A queue's attributes as the API has them: text by name. Only what differs from the default is stored. */
export type AttributeMap = Readonly<Record<string, string>>;

interface NumberRule {
  readonly kind: 'number';
  readonly min: number;
  readonly max: number;
  readonly default: string;
}

/** Computed when asked for; can't be set. */
interface ReadOnlyRule {
  readonly kind: 'read-only';
}

/** Known to AWS, not built here yet: setting it is refused by name rather than silently ignored. */
interface UnsupportedRule {
  readonly kind: 'unsupported';
}

/** Of FIFO queues alone. AWS, too, refuses them on any other queue. */
interface FifoRule {
  readonly kind: 'fifo';
  readonly refusal: (name: string) => Error;
}

const number = (min: number, max: number, byDefault: number): NumberRule => ({
  kind: 'number',
  min,
  max,
  default: String(byDefault),
});
const readOnly: ReadOnlyRule = { kind: 'read-only' };
const unsupported: UnsupportedRule = { kind: 'unsupported' };
const unknownUnlessFifo: FifoRule = { kind: 'fifo', refusal: invalidAttributeName };
const namedUnlessFifo: FifoRule = { kind: 'fifo', refusal: onlyForFifo };

/** Ranges and defaults as in the documentation of CreateQueue. */
const rules: Readonly<Record<string, NumberRule | ReadOnlyRule | UnsupportedRule | FifoRule>> = {
  VisibilityTimeout: number(limits.visibilityTimeoutSeconds.min, limits.visibilityTimeoutSeconds.max, 30),
  DelaySeconds: number(limits.delaySeconds.min, limits.delaySeconds.max, 0),
  MaximumMessageSize: number(1_024, limits.maximumMessageBytes, limits.maximumMessageBytes),
  MessageRetentionPeriod: number(60, 1_209_600, 345_600),
  ReceiveMessageWaitTimeSeconds: number(limits.waitTimeSeconds.min, limits.waitTimeSeconds.max, 0),
  ApproximateNumberOfMessages: readOnly,
  ApproximateNumberOfMessagesNotVisible: readOnly,
  ApproximateNumberOfMessagesDelayed: readOnly,
  CreatedTimestamp: readOnly,
  LastModifiedTimestamp: readOnly,
  QueueArn: readOnly,
  Policy: unsupported,
  RedrivePolicy: unsupported,
  RedriveAllowPolicy: unsupported,
  KmsMasterKeyId: unsupported,
  KmsDataKeyReusePeriodSeconds: unsupported,
  SqsManagedSseEnabled: unsupported,
  FifoQueue: unknownUnlessFifo,
  ContentBasedDeduplication: unknownUnlessFifo,
  DeduplicationScope: namedUnlessFifo,
  FifoThroughputLimit: namedUnlessFifo,
};

/** Checks what CreateQueue or SetQueueAttributes is asked to set; gives the values in their usual form (`007` -> `7`). */
export function checkAttributes(attributes: AttributeMap): Record<string, string> {
  const checked: Record<string, string> = {};
  for (const [name, value] of Object.entries(attributes)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (rule === undefined || rule.kind === 'read-only') throw invalidAttributeName(name);
    if (rule.kind === 'fifo') throw rule.refusal(name);
    if (rule.kind === 'number') checked[name] = checkNumber(name, value, rule);
    else if (!isAsItIs(name, value)) refuse(name);
  }
  return checked;
}

/** Attributes with the defaults filled in, as far as they can be set. */
export function withDefaults(attributes: AttributeMap): Record<string, string> {
  const all: Record<string, string> = {};
  for (const [name, rule] of Object.entries(rules))
    if (rule.kind === 'number') all[name] = attributes[name] ?? rule.default;
  return all;
}

/** Whether GetQueueAttributes may be asked for it. */
export function isKnownAttribute(name: string): boolean {
  return name === 'All' || Object.hasOwn(rules, name);
}

/** The first attribute whose given value differs from the queue's. */
export function firstDifference(given: AttributeMap, existing: AttributeMap): string | undefined {
  const current = withDefaults(existing);
  return Object.keys(given).find((name) => given[name] !== current[name]);
}

/** What the engine needs to know of the attributes. */
export function engineSettings(attributes: AttributeMap) {
  const seconds = (name: string) => Number(withDefaults(attributes)[name]) * 1000;
  return {
    visibilityTimeoutMs: seconds('VisibilityTimeout'),
    delayMs: seconds('DelaySeconds'),
    retentionMs: seconds('MessageRetentionPeriod'),
    maxInFlight: limits.messagesInFlight,
  };
}

/** Bytes. Asked with every message, so it doesn't go through `withDefaults`. */
export function maximumMessageSize(queue: { attributes: AttributeMap }): number {
  const value = queue.attributes.MaximumMessageSize;
  return value === undefined ? limits.maximumMessageBytes : Number(value);
}

/** How long a receive waits that doesn't say. */
export function receiveWaitSeconds(queue: { attributes: AttributeMap }): number {
  return Number(queue.attributes.ReceiveMessageWaitTimeSeconds ?? 0);
}

function checkNumber(name: string, value: string, { min, max }: NumberRule): string {
  const number = /^\d{1,10}$/.test(value) ? Number(value) : Number.NaN;
  if (!(number >= min && number <= max)) throw invalidAttributeValue(name);
  return String(number);
}

/** An empty value removes an attribute that isn't there; encryption is off. Setting either changes nothing. */
function isAsItIs(name: string, value: string): boolean {
  return value === '' || (name === 'SqsManagedSseEnabled' && value === 'false');
}

function refuse(name: string): never {
  throw unsupportedOperation(`The queue attribute ${name} is not supported by this version of Posthorn.`);
}
