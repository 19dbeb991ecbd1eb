import { checkAttributes, engineSettings } from '../queueAttributes.ts';
import { findQueue } from '../queueUrl.ts';
import type { SqsOperation } from '../service.ts';

/** All are set, or none. A changed DelaySeconds holds for messages sent from now on. */
export const setQueueAttributes: SqsOperation<'SetQueueAttributes'> = async (sqs, input, context) => {
  const queue = await findQueue(sqs, input.QueueUrl, context);
  const attributes = { ...queue.record.attributes, ...checkAttributes(input.Attributes) };
  await queue.update({ attributes, settings: engineSettings(attributes), modifiedAt: sqs.partition.now() });
};
