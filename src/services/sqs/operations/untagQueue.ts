import { missingParameter } from '../errors.ts';
import { findQueue } from '../queueUrl.ts';
import type { SqsOperation } from '../service.ts';

/** Removing a tag that isn't there is a success. */
export const untagQueue: SqsOperation<'UntagQueue'> = async (sqs, input, context) => {
  const queue = await findQueue(sqs, input.QueueUrl, context);
  if (input.TagKeys.length === 0) throw missingParameter('TagKeys');
  const tags = Object.fromEntries(Object.entries(queue.record.tags).filter(([key]) => !input.TagKeys.includes(key)));
  await queue.update({ tags });
};
