import { findQueue } from '../queueUrl.ts';
import type { SqsOperation } from '../service.ts';

export const deleteMessage: SqsOperation<'DeleteMessage'> = async (sqs, input, context) => {
  const queue = await findQueue(sqs, input.QueueUrl, context);
  await queue.delete([sqs.receiptHandles.decode(queue.record.queueId, input.ReceiptHandle)]);
};
