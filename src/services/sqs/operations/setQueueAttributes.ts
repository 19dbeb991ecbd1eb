import { changeAttributes, checkAttributes, engineSettings, isFifo } from '../queueAttributes.ts';
import { findQueue } from '../queueUrl.ts';
import { checkDeadLetterTarget } from '../redrivePolicy.ts';
import type { SqsOperation } from '../service.ts';

/** All are set, or none. */
export const setQueueAttributes: SqsOperation<'SetQueueAttributes'> = async (sqs, input, context) => {
  const { record } = await findQueue(sqs, input.QueueUrl, context);
  // first: each attribute by itself
  const checked = checkAttributes(input.Attributes, { ...record, fifo: isFifo(record) });
  // then: the dead-letter queue, which may have to be read from the store
  await checkDeadLetterTarget(sqs, record, checked, input.Attributes);
  // last: together with what is set already, as it is now, after that read
  const queue = await findQueue(sqs, input.QueueUrl, context);
  const attributes = changeAttributes(queue.record.attributes, checked);
  await queue.update({ attributes, settings: engineSettings(attributes), modifiedAt: sqs.partition.now() });
};
