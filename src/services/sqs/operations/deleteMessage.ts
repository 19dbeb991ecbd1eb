import { receiptHandleExpired } from '../errors.ts';
import { findQueue } from '../queueUrl.ts';
import { checkQuota } from '../quotas.ts';
import type { SqsOperation } from '../service.ts';

export const deleteMessage: SqsOperation<'DeleteMessage'> = async (sqs, input, context) => {
  const queue = await findQueue(sqs, input.QueueUrl, context);
  checkQuota(sqs, queue, 'DeleteMessage');
  const [outcome] = await queue.delete([sqs.receiptHandles.decode(queue.record.queueId, input.ReceiptHandle)]);
  if (outcome === 'expired') throw receiptHandleExpired(input.ReceiptHandle);
};
