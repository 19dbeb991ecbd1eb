import { invalidAttributeName, invalidAttributeValue, onlyForFifo } from './errors.ts';
import * as limits from './limits.ts';
import { checkPolicy } from './policy.ts';
import type { QueuePath } from './queueUrl.ts';
import { checkRedriveAllowPolicy, checkRedrivePolicy } from './redrivePolicy.ts';

/** A queue's attributes as the API has them: text by name. Only what was set is stored. */
export type AttributeMap = Readonly<Record<string, string>>;

/** The queue that attributes are to be set on; it need not exist yet. */
export interface AttributesOwner extends QueuePath {
  readonly fifo: boolean;
}

interface AttributeRule {
  /** Gives the value in the form in which it is stored and shown, or throws. An empty one removes the attribute. */
  readonly check: (value: string, name: string, owner: AttributesOwner) => string;
  /** What an attribute that was never set is; absent for those that a queue need not have. */
  readonly default?: string;
  /** Present for those of FIFO queues alone: how they are refused on standard queues. */
  readonly refuseUnlessFifo?: (name: string) => Error;
}

const fifoAlone = { refuseUnlessFifo: onlyForFifo };
/** Measured: AWS does not even know these names on a standard queue. */
const fifoAloneUnknown = { refuseUnlessFifo: invalidAttributeName };

/** What can be set, in the order in which AWS lists it. Ranges and defaults are those of the documentation of CreateQueue. */
export const attributeRules: Readonly<Record<string, AttributeRule>> = {
  VisibilityTimeout: { check: numberIn(limits.visibilityTimeoutSeconds), default: '30' },
  MaximumMessageSize: { check: numberIn(limits.maximumMessageSize), default: String(limits.maximumMessageBytes) },
  MessageRetentionPeriod: { check: numberIn(limits.messageRetentionSeconds), default: '345600' },
  DelaySeconds: { check: numberIn(limits.delaySeconds), default: '0' },
  Policy: { check: removable(checkPolicy) },
  RedrivePolicy: { check: removable(checkRedrivePolicy) },
  ReceiveMessageWaitTimeSeconds: { check: numberIn(limits.waitTimeSeconds), default: '0' },
  KmsMasterKeyId: { check: removable(checkKmsKeyId) },
  KmsDataKeyReusePeriodSeconds: { check: numberIn(limits.kmsDataKeyReusePeriodSeconds), default: '300' },
  SqsManagedSseEnabled: { check: checkBoolean, default: 'true' },
  RedriveAllowPolicy: { check: removable(checkRedriveAllowPolicy) },
  FifoQueue: { check: checkFifoQueue, ...fifoAloneUnknown },
  DeduplicationScope: { check: oneOf('queue', 'messageGroup'), default: 'queue', ...fifoAlone },
  FifoThroughputLimit: { check: oneOf('perQueue', 'perMessageGroupId'), default: 'perQueue', ...fifoAlone },
  ContentBasedDeduplication: { check: checkBoolean, default: 'false', ...fifoAloneUnknown },
};

function numberIn({ min, max }: { readonly min: number; readonly max: number }) {
  return (value: string, name: string): string => {
    const number = /^\d{1,10}$/.test(value) ? Number(value) : Number.NaN;
    if (!(number >= min && number <= max)) throw invalidAttributeValue(name);
    // `007` is 7.
    return String(number);
  };
}

function oneOf(...allowed: readonly string[]) {
  return (value: string, name: string): string => {
    if (!allowed.includes(value)) throw invalidAttributeValue(name, 'not a supported value.');
    return value;
  };
}

/** People write Python's `True`. */
function checkBoolean(value: string, name: string): string {
  const lower = value.toLowerCase();
  if (lower !== 'true' && lower !== 'false') throw invalidAttributeValue(name);
  return lower;
}

function checkFifoQueue(value: string, name: string): string {
  if (checkBoolean(value, name) === 'false') {
    throw invalidAttributeValue(name, 'Modifying queue type is not supported.');
  }
  return 'true';
}

/** Stored and shown, and nothing more: which keys there are only KMS could tell. */
function checkKmsKeyId(value: string): string {
  if (value.length > limits.kmsKeyIdLength) throw invalidAttributeValue('KmsMasterKeyId');
  return value;
}

function removable(check: (value: string, owner: AttributesOwner) => string) {
  return (value: string, _name: string, owner: AttributesOwner): string => (value === '' ? '' : check(value, owner));
}
