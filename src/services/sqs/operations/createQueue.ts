import { invalidAttributeName, queueNameExists } from '../errors.ts';
import { changeAttributes, checkAttributes, engineSettings, firstDifference } from '../queueAttributes.ts';
import { checkQueueName, queueUrl } from '../queueUrl.ts';
import { checkDeadLetterTarget } from '../redrivePolicy.ts';
import type { SqsOperation } from '../service.ts';
import { refuseCreationTooSoon } from '../strictTiming.ts';
import { checkTags } from '../tags.ts';

/** Creating what exists already with the same attributes is a success; tags don't count. */
export const createQueue: SqsOperation<'CreateQueue'> = async (sqs, input, context) => {
  const { QueueName: name, Attributes: given = {}, tags = {} } = input;
  // first: what kind of queue it is, for that decides about names and attributes
  const fifo = given.FifoQueue?.toLowerCase() === 'true';
  if (given.FifoQueue !== undefined && !fifo) throw invalidAttributeName('FifoQueue');
  checkQueueName(name, fifo);
  // then: each attribute by itself, then together, then with the tags
  const path = { accountId: context.accountId, region: context.region, name };
  const checked = checkAttributes(given, { ...path, fifo });
  const attributes = changeAttributes({}, checked);
  checkTags(tags, { name, tags: {} });
  // last: other queues
  await checkDeadLetterTarget(sqs, path, checked, given);
  refuseCreationTooSoon(sqs, path);
  const settings = engineSettings(attributes);
  const { created, handle } = await sqs.partition.createQueue({ ...path, settings, attributes, tags });
  if (!created) {
    const different = firstDifference(checked, handle.record.attributes);
    if (different !== undefined) throw queueNameExists(different);
  }
  return { QueueUrl: queueUrl(context, handle.record) };
};
