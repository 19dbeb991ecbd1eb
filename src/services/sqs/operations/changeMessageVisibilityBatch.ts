import { required } from '#std/assert';
import { batchResult, checkBatch, eachEntry, failedEntry } from '../batch.ts';
import { findQueue } from '../queueUrl.ts';
import type { SqsOperation } from '../service.ts';
import { checkVisibilityTimeout, visibilityError } from '../visibility.ts';

export const changeMessageVisibilityBatch: SqsOperation<'ChangeMessageVisibilityBatch'> = async (
  sqs,
  input,
  context,
) => {
  const queue = await findQueue(sqs, input.QueueUrl, context);
  checkBatch(input.Entries, 'ChangeMessageVisibilityBatchRequestEntry');
  const { queueId } = queue.record;
  const { done, failed } = eachEntry(input.Entries, ({ ReceiptHandle, VisibilityTimeout }) => ({
    ...sqs.receiptHandles.decode(queueId, ReceiptHandle),
    timeoutMs: checkVisibilityTimeout(VisibilityTimeout) * 1000,
  }));
  const outcomes = done.length > 0 ? await queue.changeVisibility(done.map(({ result }) => result)) : [];
  const successful: { Id: string }[] = [];
  done.forEach(({ id, entry }, index) => {
    const error = visibilityError(required(outcomes[index], 'an outcome for every receipt'), entry);
    if (error === undefined) successful.push({ Id: id });
    else failed.push(failedEntry(id, error));
  });
  return batchResult(successful, failed);
};
