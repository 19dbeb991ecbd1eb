import { AwsError, type CallContext } from '#aws/contract';
import type { SendMessageBatchRequestEntry as Entry } from '#aws/generated/sqs';
import { required } from '#std/assert';
import { hasPlainTexts } from '#std/plainTexts';
import { batchResult, checkBatch, eachEntry } from '../batch.ts';
import { sendMessages } from '../encryption.ts';
import { batchRequestTooLong, invalidParameter } from '../errors.ts';
import { maximumMessageBytes } from '../limits.ts';
import { isFifo } from '../queueAttributes.ts';
import { findQueue } from '../queueUrl.ts';
import { checkQuota } from '../quotas.ts';
import { compose, messageBodyOf, type SendRequest, sentAnswer, textLength } from '../sending.ts';
import type { MessageQueue, SqsMessageOperation } from '../service.ts';

const entryName = 'SendMessageBatchRequestEntry';

export const sendMessageBatch: SqsMessageOperation<'SendMessageBatch'> = async (sqs, input, context) => {
  const found = findQueue(sqs, input.QueueUrl, context);
  const queue = found instanceof Promise ? await found : found;
  checkQuota(sqs, queue, 'SendMessage', input.Entries);
  // first: what fails the whole call
  checkBatch(input.Entries, entryName);
  const isPlain = hasPlainTexts(input);
  const total = input.Entries.reduce((sum, entry) => sum + sizeOf(entry, isPlain), 0);
  if (total > maximumMessageBytes) throw batchRequestTooLong(total, maximumMessageBytes);
  // then: what fails one entry
  const { done, failed } = composeEntries(input.Entries, queue, context, isPlain);
  // last: the others are stored together, or none if they can't be encrypted
  const messages = done.map(({ result }) => result.message);
  const sent = done.length > 0 ? await sendMessages(sqs, queue, messages, input.QueueUrl, context) : [];
  const successful = done.map(({ id, result }, index) => ({
    Id: id,
    ...sentAnswer(result, required(sent[index], 'what became of an entry'), queue),
  }));
  return batchResult(successful, failed);
};

/**
 * On a FIFO queue one wrong entry fails the whole call, so that none of those behind it overtakes it. Measured: AWS has one
 * code for all that, and the text of the entry's own refusal.
 */
function composeEntries(
  entries: readonly Entry[],
  queue: Pick<MessageQueue, 'record'>,
  context: CallContext,
  isPlain: boolean,
) {
  let refusal: AwsError | undefined;
  const composed = eachEntry(entries, (entry, index) => {
    try {
      return compose(entry, queue, context, { place: `${entryName}.${index + 1}.`, isPlain });
    } catch (error) {
      if (error instanceof AwsError) refusal ??= invalidParameter(error.message);
      throw error;
    }
  });
  if (refusal !== undefined && isFifo(queue.record)) throw refusal;
  return composed;
}

/** Bytes of the body and of attribute names, types and values, whether they are valid or not. */
function sizeOf(entry: SendRequest, isPlain: boolean): number {
  const { MessageAttributes } = entry;
  let size = textLength(messageBodyOf(entry), isPlain);
  if (MessageAttributes === undefined) return size;
  for (const [name, { DataType = '', StringValue = '', BinaryValue }] of Object.entries(MessageAttributes)) {
    size += textLength(name, isPlain) + textLength(DataType, isPlain) + textLength(StringValue, isPlain);
    size += BinaryValue?.length ?? 0;
  }
  return size;
}
