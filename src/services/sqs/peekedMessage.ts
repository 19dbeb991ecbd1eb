import type { MessageAttributeValue } from '#aws/generated/sqs';
import type { DataKeys, PeekedMessage, QueueHandle } from '#runtime';
import { formatUuid } from '#std/uuid';
import { openForOperator } from './encryption.ts';
import { sequenceNumber } from './fifo.ts';
import { decodeAttributes } from './messageAttributes.ts';
import type { Payload } from './payload.ts';
import { isFifo } from './queueAttributes.ts';
import { queueArn } from './queueUrl.ts';

/**
 * Shows a message that someone looks at without receiving it; what it doesn't have is left out. Bytes are in base64. Where
 * policies are enforced nobody has been asked for what a KMS key protects, so it is not shown.
 */
export function createDescriber(dataKeys: DataKeys, isEnforced: boolean) {
  return async (peeked: PeekedMessage, queue: QueueHandle['record']) => {
    const payload = await openForOperator(dataKeys, queue, peeked.payload, isEnforced ? 'managed' : 'all');
    return payload === undefined ? describeSealed(peeked) : describe(peeked, queue, payload);
  };
}

function describeSealed({ messageId, groupId }: PeekedMessage) {
  return { messageId: formatUuid(messageId), body: '', encrypted: true, ...(groupId !== '' && { groupId }) };
}

function describe(peeked: PeekedMessage, queue: QueueHandle['record'], payload: Payload) {
  const { origin } = peeked;
  const messageId = formatUuid(peeked.messageId);
  const groupId = peeked.groupId || payload.groupId;
  const deduplicationId = origin === undefined ? payload.deduplicationId : messageId;
  const attributes = Object.entries(decodeAttributes(payload.attributes)).map(([name, value]) => [name, asJson(value)]);
  return {
    messageId,
    body: payload.body,
    senderId: payload.senderId,
    ...(attributes.length > 0 && { attributes: Object.fromEntries(attributes) }),
    ...(groupId !== '' && { groupId }),
    ...(isFifo(queue) && { deduplicationId, sequenceNumber: sequenceNumber(peeked.sequence) }),
    ...(payload.traceHeader !== '' && { traceHeader: payload.traceHeader }),
    ...(origin !== undefined && { deadLetterQueueSourceArn: queueArn(origin) }),
  };
}

function asJson({ DataType, StringValue, BinaryValue }: MessageAttributeValue): object {
  if (BinaryValue === undefined) return { DataType, StringValue };
  return { DataType, BinaryValue: Buffer.from(BinaryValue).toString('base64') };
}
