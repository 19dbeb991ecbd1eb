/** What each call of SQS has to be allowed, on which queue. */
import { MalformedPolicy, type Policy, parsePolicy, type RequestContext } from '#access';
import type { Access, CallContext } from '#aws/contract';
import type { SqsOperations } from '#aws/generated/sqs';
import type { QueueHandle } from '#runtime';
import { readTaskHandle } from './moveTasks.ts';
import { actionsOfTheOwner } from './ownersActions.ts';
import { parseQueueArn, parseQueueUrl, type QueuePath, queueArn } from './queueUrl.ts';
import type { Sqs } from './service.ts';

type Operation = keyof SqsOperations;
type Queue = Pick<QueueHandle, 'record'>;

/** Entries of a batch are allowed by the action of the single call. */
const actions: { readonly [Name in Operation]?: string } = {
  ChangeMessageVisibilityBatch: 'ChangeMessageVisibility',
  DeleteMessageBatch: 'DeleteMessage',
  SendMessageBatch: 'SendMessage',
};

/** The members of inputs that say which queue is meant. */
interface Input {
  readonly QueueUrl?: string;
  readonly QueueName?: string;
  readonly QueueOwnerAWSAccountId?: string;
  readonly SourceArn?: string;
  readonly DestinationArn?: string;
  readonly TaskHandle?: string;
  readonly Tags?: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
  readonly TagKeys?: readonly string[];
}

/** Not a promise if the queue is in memory. What names no queue needs nothing: the operation refuses it in its own words. */
export function accessOf(
  sqs: Sqs,
  operation: string,
  input: Input,
  context: CallContext,
): readonly Access[] | Promise<readonly Access[]> {
  const name = operation as Operation;
  if (name === 'ListQueues') {
    const { accountId, region } = context;
    return [access(name, `arn:aws:sqs:${region}:${accountId}:`, accountId, input, undefined)];
  }
  if (name === 'StartMessageMoveTask') return moveAccess(sqs, input, context);
  const path = pathOf(name, input, context);
  return path === undefined ? [] : onQueue(sqs, name, path, input);
}

function pathOf(operation: Operation, input: Input, context: CallContext): QueuePath | undefined {
  const { accountId, region } = context;
  const { QueueUrl: url } = input;
  if (url !== undefined) {
    const named = parseQueueUrl(url, context);
    return { accountId: named.accountId, region, name: named.name };
  }
  const { QueueName: name = '', QueueOwnerAWSAccountId: owner = accountId } = input;
  if (operation === 'CreateQueue') return { accountId, region, name };
  if (operation === 'GetQueueUrl') return { accountId: owner, region, name };
  if (operation === 'ListMessageMoveTasks') return parseQueueArn(input.SourceArn ?? '');
  if (operation === 'CancelMessageMoveTask') return parseQueueArn(readTaskHandle(input.TaskHandle ?? '').sourceArn);
  return undefined;
}

/** Moving takes what receiving, deleting and sending take (SQS Developer Guide, "Dead-letter queue redrive permissions"). */
async function moveAccess(sqs: Sqs, input: Input, context: CallContext): Promise<readonly Access[]> {
  const source = parseQueueArn(input.SourceArn ?? '');
  if (source === undefined || source.region !== context.region) return [];
  const needed: Access[] = [];
  const own = ['StartMessageMoveTask', 'ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'] as const;
  for (const operation of own) needed.push(...(await onQueue(sqs, operation, source, input)));
  const destination = parseQueueArn(input.DestinationArn ?? '');
  if (destination !== undefined) needed.push(...(await onQueue(sqs, 'SendMessage', destination, input)));
  return needed;
}

function onQueue(
  sqs: Sqs,
  operation: Operation,
  path: QueuePath,
  input: Input,
): readonly Access[] | Promise<readonly Access[]> {
  const { accountId, region, name } = path;
  const found = sqs.partition.queue(accountId, region, name);
  const of = (queue: Queue | undefined) => [access(operation, queueArn(path), accountId, input, queue)];
  return found instanceof Promise ? found.then(of) : of(found);
}

function access(
  operation: Operation,
  resource: string,
  resourceAccountId: string,
  input: Input,
  queue: Queue | undefined,
): Access {
  const policy = queue && policyOf(queue);
  return {
    action: `sqs:${actions[operation] ?? operation}`,
    ...{ resource, resourceAccountId, context: tagConditions(input, queue) },
    ...(policy !== undefined && { policy }),
    ...(actionsOfTheOwner.includes(operation) && { neverCrossAccount: true }),
  };
}

const none: RequestContext = {};

function tagConditions({ Tags, tags = Tags, TagKeys: removed = [] }: Input, queue: Queue | undefined): RequestContext {
  const present = Object.entries(queue?.record.tags ?? none);
  if (present.length === 0 && tags === undefined && removed.length === 0) return none;
  const asked = Object.entries(tags ?? {});
  const keys = [...asked.map(([key]) => key), ...removed];
  return {
    ...Object.fromEntries(present.map(([key, value]) => [`aws:ResourceTag/${key}`, String(value)])),
    ...Object.fromEntries(asked.map(([key, value]) => [`aws:RequestTag/${key}`, value])),
    ...(keys.length > 0 && { 'aws:TagKeys': keys }),
  };
}

/** A policy that can't be read allows nothing; it was stored before it was checked as it is today. */
export function policyOf({ record }: Queue): Policy | undefined {
  const text = record.attributes.Policy;
  if (text === undefined) return undefined;
  try {
    return parsePolicy(text, 'resource');
  } catch (error) {
    if (error instanceof MalformedPolicy) return undefined;
    throw error;
  }
}
