import { required } from '#std/assert';
import { batchResult, checkBatch, eachEntry, failedEntry } from '../batch.ts';
import { findQueue } from '../queueUrl.ts';
import { checkIsGiven } from '../receiptHandle.ts';
import type { SqsMessageOperation } from '../service.ts';
import { checkVisibilityTimeout, visibilityError } from '../visibility.ts';

/** Measured: AWS calls the entries so while it checks the batch, and otherwise while it checks one of them. */
const batchName = 'ChangeMessageVisibilityBatch';
const entryName = 'ChangeMessageVisibilityBatchRequestEntry';

export const changeMessageVisibilityBatch: SqsMessageOperation<'ChangeMessageVisibilityBatch'> = async (
  sqs,
  input,
  context,
) => {
  const queue = await findQueue(sqs, input.QueueUrl, context);
  checkBatch(input.Entries, batchName);
  const { queueId } = queue.record;
  const { done, failed } = eachEntry(input.Entries, ({ ReceiptHandle, VisibilityTimeout }, index) => {
    checkIsGiven(ReceiptHandle);
    const timeoutMs = checkVisibilityTimeout(VisibilityTimeout, `${entryName}.${index + 1}.`) * 1000;
    return { ...sqs.receiptHandles.decode(queueId, ReceiptHandle), timeoutMs };
  });
  const outcomes = done.length > 0 ? await queue.changeVisibility(done.map(({ result }) => result)) : [];
  const successful: { Id: string }[] = [];
  done.forEach(({ id, entry }, index) => {
    const error = visibilityError(required(outcomes[index], 'an outcome for every receipt'), entry);
    if (error === undefined) successful.push({ Id: id });
    else failed.push(failedEntry(id, error));
  });
  return batchResult(successful, failed);
};
