import { batchResult, checkBatch, eachEntry } from '../batch.ts';
import { findQueue } from '../queueUrl.ts';
import type { SqsOperation } from '../service.ts';

export const deleteMessageBatch: SqsOperation<'DeleteMessageBatch'> = async (sqs, input, context) => {
  const queue = await findQueue(sqs, input.QueueUrl, context);
  checkBatch(input.Entries, 'DeleteMessageBatchRequestEntry');
  const { queueId } = queue.record;
  const { done, failed } = eachEntry(input.Entries, ({ ReceiptHandle }) =>
    sqs.receiptHandles.decode(queueId, ReceiptHandle),
  );
  if (done.length > 0) await queue.delete(done.map(({ result }) => result));
  const successful = done.map(({ id }) => ({ Id: id }));
  return batchResult(successful, failed);
};
