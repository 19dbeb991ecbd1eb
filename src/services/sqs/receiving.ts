import type { SqsOperations } from '#aws/generated/sqs';
import type { DeliveredMessage, QueueHandle } from '#runtime';
import { type MaybePlain, plainTexts } from '#std/plainTexts';
import { holdText } from '#std/textBytes';
import { formatUuid } from '#std/uuid';
import type { OpenedMessage } from './encryption.ts';
import { sequenceNumber } from './fifo.ts';
import { attributesMd5, decodeAttributes, selectAttributes } from './messageAttributes.ts';
import type { Payload } from './payload.ts';
import { isFifo } from './queueAttributes.ts';
import { queueArn } from './queueUrl.ts';

type ReceiveInput = SqsOperations['ReceiveMessage']['input'];
type Message = NonNullable<SqsOperations['ReceiveMessage']['output']['Messages']>[number];
type Presented = { -readonly [Name in keyof Message]: Message[Name] } & MaybePlain;

/** A received message as the API shows it, with the attributes that were asked for. */
export function presentMessage(
  { delivered, payload }: OpenedMessage,
  receiptHandle: string,
  wanted: { readonly system: readonly string[]; readonly attributes: readonly string[] | undefined },
  queue: Pick<QueueHandle, 'record'>,
): Message {
  const systemAttributes = selectSystemAttributes({ delivered, payload, isFifo: isFifo(queue.record) }, wanted.system);
  const attributes = selectAttributes(payload.attributes, wanted.attributes);
  const { longBody } = payload;
  const message: Presented = {
    MessageId: formatUuid(delivered.messageId),
    ReceiptHandle: receiptHandle,
    MD5OfBody: payload.bodyMd5,
    Body: longBody === undefined ? payload.body : '',
    // What else there is of texts is hex and base64.
    [plainTexts]: payload.isPlain,
  };
  if (longBody !== undefined) holdText(message, 'Body', longBody);
  if (systemAttributes !== undefined) message.Attributes = systemAttributes;
  if (attributes.length > 0) {
    message.MD5OfMessageAttributes = attributesMd5(attributes);
    message.MessageAttributes = decodeAttributes(attributes);
  }
  return message;
}

interface Source {
  readonly delivered: DeliveredMessage;
  readonly payload: Payload;
  readonly isFifo: boolean;
}

/** By name: how to read it. The empty text is none. */
const systemAttributes: Readonly<Record<string, (source: Source) => string>> = {
  SenderId: ({ payload }) => payload.senderId,
  SentTimestamp: ({ delivered }) => String(delivered.sentAt),
  ApproximateReceiveCount: ({ delivered }) => String(delivered.receiveCount),
  ApproximateFirstReceiveTimestamp: ({ delivered }) => String(delivered.firstReceivedAt),
  MessageGroupId: ({ delivered, payload }) => delivered.groupId || payload.groupId,
  MessageDeduplicationId: deduplicationId,
  SequenceNumber: ({ delivered, isFifo }) => (isFifo ? sequenceNumber(delivered.sequence) : ''),
  DeadLetterQueueSourceArn: ({ delivered: { origin } }) => (origin === undefined ? '' : queueArn(origin)),
  AWSTraceHeader: ({ payload }) => payload.traceHeader,
};

/** Of a dead letter it is its message id (SQS Developer Guide, "Using dead-letter queues"): no two are taken for one. */
function deduplicationId({ delivered, payload, isFifo }: Source): string {
  if (!isFifo) return '';
  return delivered.origin === undefined ? payload.deduplicationId : formatUuid(delivered.messageId);
}

export function isSystemAttribute(name: string): boolean {
  return name === 'All' || Object.hasOwn(systemAttributes, name);
}

/** Those that a receive asks for, by the names of today and of before. */
export function wantedSystemAttributes(input: ReceiveInput): readonly string[] {
  return [...(input.MessageSystemAttributeNames ?? []), ...(input.AttributeNames ?? [])];
}

const readers = Object.entries(systemAttributes);

/** An attribute that the message doesn't have is left out. */
function selectSystemAttributes(source: Source, wanted: readonly string[]): Record<string, string> | undefined {
  if (wanted.length === 0) return undefined;
  const all = wanted.includes('All');
  let selected: Record<string, string> | undefined;
  for (const [name, read] of readers) {
    const value = all || wanted.includes(name) ? read(source) : '';
    if (value === '') continue;
    selected ??= {};
    selected[name] = value;
  }
  return selected;
}
