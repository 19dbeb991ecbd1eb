import { AwsError } from '#aws/contract';
import type { NewMessage, QueueEncoder, QueueHandle, QueueMessage } from '#runtime';
import { deduplicationKeyOf } from './fifo.ts';
import { isFifo } from './queueAttributes.ts';
import { compose } from './sending.ts';

/** Messages of other services, as if they had been sent by SendMessage. */
export const queueEncoder: QueueEncoder = {
  compose(queue: QueueHandle, message: QueueMessage): NewMessage | undefined {
    try {
      return composeMessage(queue, message);
    } catch (error) {
      // What SendMessage would refuse; why is of no use to whoever published to a thousand queues.
      if (error instanceof AwsError) return undefined;
      throw error;
    }
  },
};

function composeMessage(queue: QueueHandle, message: QueueMessage): NewMessage {
  const { body, attributes, groupId, deduplicationId, repetition, traceHeader, senderId } = message;
  const fifo = isFifo(queue.record);
  const request = {
    MessageBody: body,
    ...(attributes && { MessageAttributes: attributes }),
    ...(groupId !== undefined && { MessageGroupId: groupId }),
    ...(fifo && deduplicationId !== undefined && { MessageDeduplicationId: deduplicationId }),
    ...(traceHeader !== undefined && {
      MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: traceHeader } },
    }),
  };
  const composed = compose(request, queue, { accountId: senderId }).message;
  if (repetition === undefined || !fifo || groupId === undefined || deduplicationId === undefined) return composed;
  return { ...composed, deduplicationKey: deduplicationKeyOf(groupId, `${deduplicationId}\0${repetition}`, queue) };
}
