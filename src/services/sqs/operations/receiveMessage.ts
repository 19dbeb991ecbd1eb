import { openMessages } from '../encryption.ts';
import { invalidAttributeName, invalidValue, overLimit } from '../errors.ts';
import { checkId } from '../fifo.ts';
import * as limits from '../limits.ts';
import { isFifo, receiveWaitSeconds } from '../queueAttributes.ts';
import { findQueue } from '../queueUrl.ts';
import { checkQuota } from '../quotas.ts';
import { isSystemAttribute, presentMessage, wantedSystemAttributes } from '../receiving.ts';
import type { SqsMessageOperation } from '../service.ts';

const notRetryable = 'The receiveRequestAttemptId is not valid anymore since the receive call is not retryable.';

export const receiveMessage: SqsMessageOperation<'ReceiveMessage'> = async (sqs, input, context) => {
  const found = findQueue(sqs, input.QueueUrl, context);
  const queue = found instanceof Promise ? await found : found;
  checkQuota(sqs, queue, 'ReceiveMessage');
  const { MaxNumberOfMessages = 1, VisibilityTimeout, WaitTimeSeconds = receiveWaitSeconds(queue.record) } = input;
  const { min, max } = limits.maxNumberOfMessages;
  if (MaxNumberOfMessages < min || MaxNumberOfMessages > max) {
    const reason = `Must be between ${min} and ${max}, if provided.`;
    throw invalidValue(MaxNumberOfMessages, 'MaxNumberOfMessages', reason);
  }
  checkRange('VisibilityTimeout', VisibilityTimeout ?? 0, limits.visibilityTimeoutSeconds);
  checkRange('WaitTimeSeconds', WaitTimeSeconds, limits.waitTimeSeconds);
  const wanted = { system: wantedSystemAttributes(input), attributes: input.MessageAttributeNames };
  for (const name of wanted.system) {
    if (!isSystemAttribute(name)) throw invalidAttributeName(name);
  }
  // A standard queue ignores it, as AWS does.
  const attemptId = isFifo(queue.record) ? input.ReceiveRequestAttemptId : undefined;
  if (attemptId !== undefined) checkId(attemptId, 'ReceiveRequestAttemptId');
  const { waiterId, answer } = queue.receive({
    maxMessages: MaxNumberOfMessages,
    visibilityTimeoutMs: VisibilityTimeout === undefined ? undefined : VisibilityTimeout * 1000,
    waitMs: WaitTimeSeconds * 1000,
    ...(attemptId !== undefined && { attemptId }),
  });
  if (WaitTimeSeconds > 0) context.client.onGone(() => queue.cancelReceive(waiterId));
  const received = await answer;
  if (received.kind === 'over-limit') {
    throw overLimit(`Too many messages in flight: the queue has reached its limit of ${limits.messagesInFlight}.`);
  }
  if (received.kind === 'not-repeatable') throw invalidValue(attemptId ?? '', 'ReceiveRequestAttemptId', notRetryable);
  const { messages } = received;
  if (messages.length === 0) return {};
  const read = openMessages(sqs, queue, messages, context);
  const opened = read instanceof Promise ? await read : read;
  // Who named the receive may ask for it again, and may have been given it by another call already.
  if (context.client.gone && attemptId === undefined) {
    queue.release(opened.map(({ delivered }) => delivered));
    return {};
  }
  const { queueId } = queue.record;
  return {
    Messages: opened.map((each) =>
      presentMessage(each, sqs.receiptHandles.encode(queueId, each.delivered), wanted, queue),
    ),
  };
};

function checkRange(name: string, value: number, { min, max }: { min: number; max: number }): void {
  if (value < min || value > max) throw invalidValue(value, name, `Must be >= ${min} and <= ${max}, if provided.`);
}
