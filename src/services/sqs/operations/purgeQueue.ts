import { findQueue } from '../queueUrl.ts';
import type { SqsOperation } from '../service.ts';
import { refusePurgeTooSoon } from '../strictTiming.ts';

export const purgeQueue: SqsOperation<'PurgeQueue'> = async (sqs, input, context) => {
  const queue = await findQueue(sqs, input.QueueUrl, context);
  refusePurgeTooSoon(sqs, queue.record);
  await queue.purge();
};
