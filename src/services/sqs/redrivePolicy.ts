import { parseJsonMap } from '#std/jsonMap';
import type { AttributeMap, AttributesOwner } from './attributeRules.ts';
import { invalidAttributeValue, invalidValue } from './errors.ts';
import * as limits from './limits.ts';
import { isFifoName, parseArn, parseQueueArn, type QueuePath, queueArn } from './queueUrl.ts';
import type { Sqs } from './service.ts';

/** How AWS answers a RedrivePolicy: the count a number, whatever it was, and no spaces. */
interface RedrivePolicy {
  readonly deadLetterTargetArn: string;
  readonly maxReceiveCount: number;
}

interface RedriveAllowPolicy {
  readonly redrivePermission: string;
  readonly sourceQueueArns?: readonly string[];
}

/** Checks what can be checked without looking at the target; gives the policy in its usual form. */
export function checkRedrivePolicy(text: string): string {
  const policy = parseJsonMap(text, limits.policyBytes);
  if (policy === undefined) {
    throw invalidAttributeValue('RedrivePolicy', 'Redrive policy is not a valid JSON map.');
  }
  for (const name of ['maxReceiveCount', 'deadLetterTargetArn']) {
    if (!Object.hasOwn(policy, name)) {
      throw invalidRedrivePolicy(text, `Redrive policy does not contain mandatory attribute: ${name}.`);
    }
  }
  const { maxReceiveCount: count, deadLetterTargetArn } = policy;
  const maxReceiveCount = readCount(count);
  if (maxReceiveCount === undefined) {
    const { min, max } = limits.maxReceiveCount;
    const shown = typeof count === 'string' ? count : JSON.stringify(count);
    const reason = `Invalid value for maxReceiveCount: ${shown}, valid values are from ${min} to ${max} both inclusive.`;
    throw invalidRedrivePolicy(text, reason);
  }
  const arn = typeof deadLetterTargetArn === 'string' ? parseArn(deadLetterTargetArn) : undefined;
  if (arn === undefined) throw invalidRedrivePolicy(text, 'Invalid value for deadLetterTargetArn.');
  if (arn.service !== 'sqs') {
    throw invalidRedrivePolicy(text, 'Only SQS queues are valid resources for deadLetterTargetArn.');
  }
  if (Object.keys(policy).length > 2) {
    const reason = 'Only following attributes are supported: [maxReceiveCount, deadLetterTargetArn].';
    throw invalidRedrivePolicy(text, reason);
  }
  return JSON.stringify({ deadLetterTargetArn, maxReceiveCount });
}

/** A number, or a text that is one: both are usual. */
function readCount(value: unknown): number | undefined {
  const count = typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value;
  const { min, max } = limits.maxReceiveCount;
  return typeof count === 'number' && Number.isInteger(count) && count >= min && count <= max ? count : undefined;
}

/** Checks that the queue that a policy names can be the owner's dead-letter queue. `given` is the policy's own words. */
export async function checkDeadLetterTarget(sqs: Sqs, owner: QueuePath, checked: AttributeMap, given: AttributeMap) {
  if (!checked.RedrivePolicy) return;
  const { RedrivePolicy: text = '' } = given;
  const { deadLetterTargetArn } = JSON.parse(checked.RedrivePolicy) as RedrivePolicy;
  const { accountId = '', region = '', name = '' } = parseArn(deadLetterTargetArn) ?? {};
  if (region !== owner.region) {
    throw invalidRedrivePolicy(text, 'Dead-letter target must be in same region as the source.');
  }
  if (accountId !== owner.accountId) {
    throw invalidRedrivePolicy(text, 'Dead-letter target owner should be same as the source.');
  }
  if (isFifoName(name) !== isFifoName(owner.name)) {
    // The second full stop is AWS's.
    throw invalidRedrivePolicy(text, 'Dead-letter queue must be same type of queue as the source..');
  }
  const target = parseQueueArn(deadLetterTargetArn) && (await sqs.partition.queue(accountId, region, name));
  if (target === undefined) throw invalidRedrivePolicy(text, 'Dead letter target does not exist.');
  if (name === owner.name) {
    throw invalidRedrivePolicy(text, 'A queue can not be its own dead-letter queue.');
  }
  if (!allowsRedriveFrom(target.record, owner)) {
    throw invalidRedrivePolicy(text, "The dead-letter queue's RedriveAllowPolicy does not allow this source queue.");
  }
}

function allowsRedriveFrom(target: { readonly attributes: AttributeMap }, source: QueuePath): boolean {
  const { RedriveAllowPolicy: text } = target.attributes;
  if (text === undefined) return true;
  const { redrivePermission, sourceQueueArns = [] } = JSON.parse(text) as RedriveAllowPolicy;
  return redrivePermission === 'allowAll' || sourceQueueArns.includes(queueArn(source));
}

/** Checks a policy of who may name the owner as its dead-letter queue; gives it in its usual form. */
export function checkRedriveAllowPolicy(text: string, owner: AttributesOwner): string {
  const policy = parseJsonMap(text, limits.policyBytes);
  const { redrivePermission, sourceQueueArns, ...others } = policy ?? {};
  const isPermission = ['allowAll', 'denyAll', 'byQueue'].includes(redrivePermission as string);
  if (!isPermission || Object.keys(others).length > 0) throw unsupportedRedriveAllowPolicy();
  if (sourceQueueArns !== undefined && !isListOfTexts(sourceQueueArns)) throw unsupportedRedriveAllowPolicy();
  const isByQueue = redrivePermission === 'byQueue';
  if (!isByQueue && sourceQueueArns !== undefined) {
    const reason = 'To specify one or more source queue ARNs, you must set redrivePermission to byQueue.';
    throw invalidRedriveAllowPolicy(text, reason);
  }
  if (!isByQueue) return JSON.stringify({ redrivePermission });
  checkSources(text, sourceQueueArns ?? [], owner);
  return JSON.stringify({ redrivePermission, sourceQueueArns });
}

/** They need not exist: as a rule they are created after their dead-letter queue. */
function checkSources(text: string, arns: readonly string[], owner: QueuePath): void {
  const { min, max } = limits.redriveSources;
  if (arns.length < min) {
    const reason =
      'When you specify the byQueue permission type, you must also specify one or more sourceQueueArns values.';
    throw invalidRedriveAllowPolicy(text, reason);
  }
  if (arns.length > max) {
    throw invalidRedriveAllowPolicy(text, `The maximum number of source queue ARNs you can specify is ${max}.`);
  }
  for (const arn of arns) {
    const source = parseQueueArn(arn);
    if (source === undefined) throw unsupportedRedriveAllowPolicy();
    if (source.region !== owner.region) {
      const reason = 'All source queue ARNs must be in the same region as the current SQS queue.';
      throw invalidRedriveAllowPolicy(text, reason);
    }
  }
}

function isListOfTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

/** What the engine needs to know of a policy that was checked before it was stored. */
export function deadLetterSettings(text: string): { maxReceiveCount: number; target: QueuePath } {
  const { deadLetterTargetArn, maxReceiveCount } = JSON.parse(text) as RedrivePolicy;
  const { accountId = '', region = '', name = '' } = parseArn(deadLetterTargetArn) ?? {};
  return { maxReceiveCount, target: { accountId, region, name } };
}

function invalidRedrivePolicy(text: string, reason: string): Error {
  return invalidValue(text, 'RedrivePolicy', reason);
}

const notCreated = "Amazon SQS can't create the redrive allow policy";

function invalidRedriveAllowPolicy(text: string, reason: string): Error {
  return invalidValue(text, 'RedriveAllowPolicy', `${notCreated}. ${reason}`);
}

function unsupportedRedriveAllowPolicy(): Error {
  return invalidAttributeValue('RedriveAllowPolicy', `${notCreated}, as it’s in an unsupported format.`);
}
