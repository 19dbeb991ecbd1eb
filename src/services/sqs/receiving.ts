import type { SqsOperations } from '#aws/generated/sqs';
import type { DeliveredMessage } from '#runtime';
import { formatUuid } from '#std/uuid';
import { attributesMd5, decodeAttributes, selectAttributes } from './messageAttributes.ts';
import { Payload } from './payload.ts';

type ReceiveInput = SqsOperations['ReceiveMessage']['input'];
type Message = NonNullable<SqsOperations['ReceiveMessage']['output']['Messages']>[number];

/** A received message as the API shows it, with the attributes that were asked for. */
export function presentMessage(delivered: DeliveredMessage, receiptHandle: string, input: ReceiveInput): Message {
  const payload = new Payload(delivered.payload);
  const systemAttributes = selectSystemAttributes(delivered, payload, input);
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

const systemAttributes: Readonly<Record<string, (delivered: DeliveredMessage, payload: Payload) => string>> = {
  SenderId: (_, payload) => payload.senderId,
  SentTimestamp: ({ sentAt }) => String(sentAt),
  ApproximateReceiveCount: ({ receiveCount }) => String(receiveCount),
  ApproximateFirstReceiveTimestamp: ({ firstReceivedAt }) => String(firstReceivedAt),
  MessageGroupId: (_, payload) => payload.groupId,
  AWSTraceHeader: (_, payload) => payload.traceHeader,
};

/** FIFO and dead-letter attributes may be asked for; no message has them yet. */
const otherNames = new Set(['All', 'SequenceNumber', 'MessageDeduplicationId', 'DeadLetterQueueSourceArn']);

export function isSystemAttribute(name: string): boolean {
  return Object.hasOwn(systemAttributes, name) || otherNames.has(name);
}

/** An attribute that the message doesn't have is left out. */
function selectSystemAttributes(delivered: DeliveredMessage, payload: Payload, input: ReceiveInput) {
  const wanted = [...(input.MessageSystemAttributeNames ?? []), ...(input.AttributeNames ?? [])];
  if (wanted.length === 0) return undefined;
  const all = wanted.includes('All');
  const selected: Record<string, string> = {};
  for (const [name, read] of Object.entries(systemAttributes)) {
    const value = all || wanted.includes(name) ? read(delivered, payload) : '';
    if (value !== '') selected[name] = value;
  }
  return Object.keys(selected).length > 0 ? selected : undefined;
}
