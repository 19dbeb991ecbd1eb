import { receiptHandleExpired } from '../errors.ts';
import { findQueue } from '../queueUrl.ts';
import { checkQuota } from '../quotas.ts';
import type { SqsMessageOperation } from '../service.ts';

export const deleteMessage: SqsMessageOperation<'DeleteMessage'> = async (sqs, input, context) => {
  const found = findQueue(sqs, input.QueueUrl, context);
  const queue = found instanceof Promise ? await found : found;
  checkQuota(sqs, queue, 'DeleteMessage');
  const [outcome] = await queue.delete([sqs.receiptHandles.decode(queue.record.queueId, input.ReceiptHandle)]);
  if (outcome === 'expired') throw receiptHandleExpired(input.ReceiptHandle);
};
