import { findQueue } from '../queueUrl.ts';
import type { SqsOperation } from '../service.ts';

export const listQueueTags: SqsOperation<'ListQueueTags'> = async (sqs, input, context) => {
  const queue = await findQueue(sqs, input.QueueUrl, context);
  const { tags } = queue.record;
  return Object.keys(tags).length > 0 ? { Tags: tags } : {};
};
