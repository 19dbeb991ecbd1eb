/**
 * Server-side encryption of queues: what a message holds is encrypted before it is stored, and decrypted when it is
 * received. Group ids, deduplication keys and times stay readable, for queues are kept in order by them.
 */
import type { CallContext } from '#aws/contract';
import {
  type DataKey,
  type DataKeys,
  type DeliveredMessage,
  isSealed,
  KeyUnusable,
  type KeyUser,
  type NewMessage,
  type QueueHandle,
  type SealingOrder,
  type SentMessage,
} from '#runtime';
import type { Bytes } from '#std/splitBytes';
import * as limits from './limits.ts';
import { Payload } from './payload.ts';
import { isFifo } from './queueAttributes.ts';
import { findQueue, queueArn } from './queueUrl.ts';
import type { MessageQueue, SqsMessages } from './service.ts';

export interface Encryption {
  readonly dataKeys: Pick<DataKeys, 'sealing' | 'opening'>;
  /** Which queues without a KMS key are encrypted: all but those that say `false`, or only those that say `true`. */
  readonly managed: 'default' | 'explicit';
}

/** Of a server that is not told. */
export const usualEncryption: Encryption['managed'] = 'explicit';

type QueueRecord = QueueHandle['record'];

/** One key for all queues: KMS has no part in it, so there is nobody whom another could be kept from. */
const managedOrder: SealingOrder = { reuseMs: limits.managedDataKeyReuseMs, keepMs: limits.longestRetentionMs };

/** The key that messages to the queue are encrypted with; undefined if they aren't. Not a promise if it is in memory. */
export function sealingKey(
  encryption: Encryption,
  record: QueueRecord,
  caller: KeyUser['caller'],
): DataKey | Promise<DataKey> | undefined {
  if (!isEncrypted(encryption, record)) return undefined;
  const { dataKeys } = encryption;
  const { KmsMasterKeyId: reference } = record.attributes;
  if (reference !== undefined) {
    const context = ['aws:sqs:arn', queueArn(record)] as const;
    const [user, reuseMs] = [keyUser(record, caller), reusePeriodMs(record)];
    return dataKeys.sealing({ kms: { reference, user, context }, reuseMs, keepMs: limits.longestRetentionMs });
  }
  return dataKeys.sealing(managedOrder);
}

export function isEncrypted({ managed }: Pick<Encryption, 'managed'>, { attributes }: QueueRecord): boolean {
  const { KmsMasterKeyId: reference, SqsManagedSseEnabled: isManaged } = attributes;
  return reference !== undefined || isManaged === 'true' || (isManaged === undefined && managed === 'default');
}

/** Keys of an id or an alias without an ARN are those of the queue's account. */
function keyUser({ accountId, region }: QueueRecord, caller: KeyUser['caller']): KeyUser {
  return { accountId, region, service: 'sqs', ...(caller !== undefined && { caller }) };
}

export function sealed(message: NewMessage, key: DataKey): NewMessage {
  return { ...message, payload: key.seal(message.payload) };
}

/** Stores all of them, encrypted if the queue is; or none. */
export function sendMessages(
  sqs: SqsMessages,
  queue: MessageQueue,
  messages: readonly NewMessage[],
  url: string,
  context: CallContext,
): Promise<readonly SentMessage[]> {
  const key = sealingKey(sqs.encryption, queue.record, context.caller);
  if (key === undefined) return queue.send(messages);
  if (!(key instanceof Promise)) return queue.send(messages.map((each) => sealed(each, key)));
  return key.then(async (made) => {
    // While KMS was asked the queue may have left memory.
    const present = await findQueue(sqs, url, context);
    return present.send(messages.map((each) => sealed(each, made)));
  });
}

export interface OpenedMessage {
  readonly delivered: DeliveredMessage;
  readonly payload: Payload;
}

/**
 * What was received, decrypted; not a promise if the keys are in memory. A message whose key can't be used is left in the
 * queue, as if it had not been received; if there are no others, the reason is thrown.
 */
export function openMessages(
  sqs: SqsMessages,
  queue: MessageQueue,
  messages: readonly DeliveredMessage[],
  context: CallContext,
): readonly OpenedMessage[] | Promise<readonly OpenedMessage[]> {
  const opened: OpenedMessage[] = [];
  for (const delivered of messages) {
    const payload = openAtOnce(sqs.encryption, queue, delivered, context);
    if (payload === undefined) return openEach(sqs, queue, messages, context);
    opened.push({ delivered, payload });
  }
  return opened;
}

/** Undefined if a key has to be asked for, or something is wrong. */
function openAtOnce(
  { dataKeys }: Encryption,
  { record }: Pick<MessageQueue, 'record'>,
  { payload }: DeliveredMessage,
  { caller }: CallContext,
): Payload | undefined {
  if (!isSealed(payload)) return new Payload(payload);
  const key = dataKeys.opening(payload, reusePeriodMs(record), keyUser(record, caller));
  if (key instanceof Promise) {
    // Asked for once more by who waits for it.
    key.catch(() => undefined);
    return undefined;
  }
  try {
    return new Payload(key.open(payload));
  } catch {
    return undefined;
  }
}

async function openEach(
  sqs: SqsMessages,
  queue: MessageQueue,
  messages: readonly DeliveredMessage[],
  { caller }: CallContext,
): Promise<readonly OpenedMessage[]> {
  const opened: OpenedMessage[] = [];
  const left: DeliveredMessage[] = [];
  const blockedGroups = new Set<string>();
  let reason: unknown;
  for (const delivered of messages) {
    try {
      // What follows in its group must not overtake it.
      if (isFifo(queue.record) && blockedGroups.has(delivered.groupId)) left.push(delivered);
      else
        opened.push({ delivered, payload: await openPayload(sqs.encryption, queue.record, delivered.payload, caller) });
    } catch (error) {
      reason ??= error;
      left.push(delivered);
      blockedGroups.add(delivered.groupId);
    }
  }
  if (left.length > 0) queue.release(left);
  if (opened.length === 0) throw reason;
  return opened;
}

async function openPayload(
  { dataKeys }: Encryption,
  record: QueueRecord,
  payload: Bytes,
  caller: KeyUser['caller'],
): Promise<Payload> {
  if (!isSealed(payload)) return new Payload(payload);
  const key = await dataKeys.opening(payload, reusePeriodMs(record), keyUser(record, caller));
  return new Payload(key.open(payload));
}

/** For those who look after the server; undefined if the key can't be used, or is not among those that are wanted. */
export async function openForOperator(
  dataKeys: DataKeys,
  record: QueueRecord,
  payload: Uint8Array,
  which: 'managed' | 'all',
): Promise<Payload | undefined> {
  if (!isSealed(payload)) return new Payload(payload);
  if (which === 'managed' && !(await dataKeys.isManaged(payload))) return undefined;
  try {
    const key = await dataKeys.opening(payload, reusePeriodMs(record));
    return new Payload(key.open(payload));
  } catch (error) {
    if (error instanceof KeyUnusable) return undefined;
    throw error;
  }
}

function reusePeriodMs({ attributes }: QueueRecord): number {
  const { KmsDataKeyReusePeriodSeconds: seconds } = attributes;
  return seconds === undefined ? limits.kmsDataKeyReuseMs : Number(seconds) * 1000;
}
