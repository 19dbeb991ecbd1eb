import { batchResult, checkBatch, eachEntry, failedEntry } from '../batch.ts';
import { receiptHandleExpired } from '../errors.ts';
import { findQueue } from '../queueUrl.ts';
import { checkQuota } from '../quotas.ts';
import type { SqsMessageOperation } from '../service.ts';

export const deleteMessageBatch: SqsMessageOperation<'DeleteMessageBatch'> = async (sqs, input, context) => {
  const found = findQueue(sqs, input.QueueUrl, context);
  const queue = found instanceof Promise ? await found : found;
  checkQuota(sqs, queue, 'DeleteMessage');
  checkBatch(input.Entries, 'DeleteMessageBatchRequestEntry');
  const { queueId } = queue.record;
  const { done, failed } = eachEntry(input.Entries, ({ ReceiptHandle }) =>
    sqs.receiptHandles.decode(queueId, ReceiptHandle),
  );
  const outcomes = done.length > 0 ? await queue.delete(done.map(({ result }) => result)) : [];
  const successful: { Id: string }[] = [];
  done.forEach(({ id, entry }, index) => {
    if (outcomes[index] === 'expired') failed.push(failedEntry(id, receiptHandleExpired(entry.ReceiptHandle ?? '')));
    else successful.push({ Id: id });
  });
  return batchResult(successful, failed);
};
