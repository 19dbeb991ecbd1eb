import { AwsError } from '#aws/contract';
import type { NewMessage, PreparedMessage, QueueEncoder, QueueHandle, QueueMessage } from '#runtime';
import { randomUuidBytes } from '#std/uuid';
import { checkId, deduplicationIdOf, deduplicationKeyOf } from './fifo.ts';
import { encodeAttributes, hasForbiddenCharacters } from './messageAttributes.ts';
import { encodePayload } from './payload.ts';
import { isFifo, maximumMessageSize } from './queueAttributes.ts';
import { checkBody } from './sending.ts';

/**
 * Messages of other services, as if they had been sent by SendMessage. What SendMessage would refuse is undefined here; why
 * is of no use to whoever published to a thousand queues.
 */
export const queueEncoder: QueueEncoder = {
  prepare(message: QueueMessage): PreparedMessage {
    return refusing(() => prepare(message)) ?? (() => undefined);
  },
};

function refusing<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if (error instanceof AwsError) return undefined;
    throw error;
  }
}

function prepare(message: QueueMessage): PreparedMessage {
  const { body, senderId, traceHeader = '', groupId } = message;
  const { before, after } = typeof body === 'string' ? { before: body, after: '' } : body;
  checkBody(before + after);
  if (groupId !== undefined) checkId(groupId, 'MessageGroupId');
  const { encoded, size } = encodeAttributes(message.attributes);
  const [start, end] = [Buffer.from(before), Buffer.from(after)];
  const encode = (queue: QueueHandle, middle: string, deduplicationId: string) => {
    const body = [start, Buffer.from(middle), end];
    const bodyBytes = start.length + Buffer.byteLength(middle) + end.length;
    const isTooLong = bodyBytes + size > maximumMessageSize(queue.record);
    if (isTooLong || hasForbiddenCharacters(middle)) return undefined;
    return encodePayload({ body, bodyBytes, senderId, deduplicationId, traceHeader, attributes: encoded }).bytes;
  };
  return (queue, middle = '') => {
    if (isFifo(queue.record)) {
      return refusing(() => toFifoQueue(queue, message, before + middle + after, (id) => encode(queue, middle, id)));
    }
    const payload = encode(queue, middle, '');
    if (payload === undefined) return undefined;
    return { messageId: randomUuidBytes(), payload, ...(groupId !== undefined && { groupId }) };
  };
}

function toFifoQueue(
  queue: QueueHandle,
  { groupId, deduplicationId: given = '', repetition }: QueueMessage,
  body: string,
  encode: (deduplicationId: string) => Buffer | undefined,
): NewMessage | undefined {
  if (groupId === undefined) return undefined;
  if (given !== '') checkId(given, 'MessageDeduplicationId');
  const deduplicationId = deduplicationIdOf(given, body, queue);
  const payload = encode(deduplicationId);
  if (payload === undefined) return undefined;
  const repeated = repetition === undefined ? deduplicationId : `${deduplicationId}\0${repetition}`;
  const deduplicationKey = deduplicationKeyOf(groupId, repeated, queue);
  return { messageId: randomUuidBytes(), payload, groupId, deduplicationKey };
}
