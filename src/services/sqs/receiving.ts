import type { SqsOperations } from '#aws/generated/sqs';
import type { DeliveredMessage, QueueHandle } from '#runtime';
import { formatUuid } from '#std/uuid';
import type { OpenedMessage } from './encryption.ts';
import { sequenceNumber } from './fifo.ts';
import { attributesMd5, decodeAttributes, selectAttributes } from './messageAttributes.ts';
import type { Payload } from './payload.ts';
import { isFifo } from './queueAttributes.ts';
import { queueArn } from './queueUrl.ts';

type ReceiveInput = SqsOperations['ReceiveMessage']['input'];
type Message = NonNullable<SqsOperations['ReceiveMessage']['output']['Messages']>[number];

/** A received message as the API shows it, with the attributes that were asked for. */
export function presentMessage(
  { delivered, payload }: OpenedMessage,
  receiptHandle: string,
  input: ReceiveInput,
  queue: QueueHandle,
): Message {
  const systemAttributes = selectSystemAttributes({ delivered, payload, isFifo: isFifo(queue.record) }, input);
  const attributes = selectAttributes(payload.attributes, input.MessageAttributeNames);
  return {
    MessageId: formatUuid(delivered.messageId),
    ReceiptHandle: receiptHandle,
    MD5OfBody: payload.bodyMd5,
    Body: payload.body,
    ...(systemAttributes && { Attributes: systemAttributes }),
    ...(attributes.length > 0 && {
      MD5OfMessageAttributes: attributesMd5(attributes),
      MessageAttributes: decodeAttributes(attributes),
    }),
  };
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

/** An attribute that the message doesn't have is left out. */
function selectSystemAttributes(source: Source, input: ReceiveInput) {
  const wanted = [...(input.MessageSystemAttributeNames ?? []), ...(input.AttributeNames ?? [])];
  if (wanted.length === 0) return undefined;
  const all = wanted.includes('All');
  const selected: Record<string, string> = {};
  for (const [name, read] of Object.entries(systemAttributes)) {
    const value = all || wanted.includes(name) ? read(source) : '';
    if (value !== '') selected[name] = value;
  }
  return Object.keys(selected).length > 0 ? selected : undefined;
}
