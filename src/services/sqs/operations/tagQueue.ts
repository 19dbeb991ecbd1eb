import { missingParameter } from '../errors.ts';
import { findQueue } from '../queueUrl.ts';
import type { SqsOperation } from '../service.ts';
import { checkTags } from '../tags.ts';

export const tagQueue: SqsOperation<'TagQueue'> = async (sqs, input, context) => {
  const queue = await findQueue(sqs, input.QueueUrl, context);
  if (Object.keys(input.Tags).length === 0) throw missingParameter('Tags');
  checkTags(input.Tags, queue.record);
  await queue.update({ tags: { ...queue.record.tags, ...input.Tags } });
};
