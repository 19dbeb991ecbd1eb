import { missingParameter } from '../errors.ts';
import { removePermission as removeFromPolicy } from '../policy.ts';
import { findQueue } from '../queueUrl.ts';
import type { SqsOperation } from '../service.ts';

/** Removes the statements of a label from the queue's Policy, and the Policy with its last one. */
export const removePermission: SqsOperation<'RemovePermission'> = async (sqs, input, context) => {
  const queue = await findQueue(sqs, input.QueueUrl, context);
  if (input.Label === '') throw missingParameter('Label');
  const { Policy: policy, ...others } = queue.record.attributes;
  const left = removeFromPolicy(policy, input.Label);
  const attributes = left === undefined ? others : { ...others, Policy: left };
  await queue.update({ attributes, modifiedAt: sqs.partition.now() });
};
