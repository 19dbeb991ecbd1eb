import { invalidAttributeName, queueNameExists } from '../errors.ts';
import { checkAttributes, engineSettings, firstDifference } from '../queueAttributes.ts';
import { checkQueueName, queueUrl } from '../queueUrl.ts';
import { refuseFifo } from '../sending.ts';
import type { SqsOperation } from '../service.ts';
import { checkTags } from '../tags.ts';

/** Creating what exists already with the same attributes is a success; tags don't count. */
export const createQueue: SqsOperation<'CreateQueue'> = async (sqs, input, context) => {
  const { QueueName: name, Attributes: given = {}, tags = {} } = input;
  const fifo = given.FifoQueue?.toLowerCase() === 'true';
  if (given.FifoQueue !== undefined && !fifo) throw invalidAttributeName('FifoQueue');
  checkQueueName(name, fifo);
  if (fifo) refuseFifo();
  const attributes = checkAttributes(given);
  checkTags(tags, { name, tags: {} });
  const { accountId, region } = context;
  const settings = engineSettings(attributes);
  const { created, handle } = await sqs.partition.createQueue({ accountId, region, name, settings, attributes, tags });
  if (!created) {
    const different = firstDifference(attributes, handle.record.attributes);
    if (different !== undefined) throw queueNameExists(different);
  }
  return { QueueUrl: queueUrl(context, handle.record) };
};
