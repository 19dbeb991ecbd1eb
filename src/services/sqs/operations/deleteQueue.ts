import { findQueue } from '../queueUrl.ts';
import type { SqsOperation } from '../service.ts';

export const deleteQueue: SqsOperation<'DeleteQueue'> = async (sqs, input, context) => {
  const queue = await findQueue(sqs, input.QueueUrl, context);
  await queue.deleteQueue();
};
