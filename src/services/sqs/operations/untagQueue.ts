import { findQueue } from '../queueUrl.ts';
import type { SqsOperation } from '../service.ts';
import { checkTagKey } from '../tags.ts';

/** Removing a tag that isn't there is a success. */
export const untagQueue: SqsOperation<'UntagQueue'> = async (sqs, input, context) => {
  const queue = await findQueue(sqs, input.QueueUrl, context);
  // Measured: no key is taken for an empty one.
  if (input.TagKeys.length === 0) checkTagKey('');
  for (const key of input.TagKeys) checkTagKey(key);
  const tags = Object.fromEntries(Object.entries(queue.record.tags).filter(([key]) => !input.TagKeys.includes(key)));
  await queue.update({ tags });
};
