import { required } from '#std/assert';
import { findQueue } from '../queueUrl.ts';
import type { SqsMessageOperation } from '../service.ts';
import { checkVisibilityTimeout, visibilityError } from '../visibility.ts';

export const changeMessageVisibility: SqsMessageOperation<'ChangeMessageVisibility'> = async (sqs, input, context) => {
  const queue = await findQueue(sqs, input.QueueUrl, context);
  const timeoutMs = checkVisibilityTimeout(input.VisibilityTimeout) * 1000;
  const receipt = sqs.receiptHandles.decode(queue.record.queueId, input.ReceiptHandle);
  const [outcome] = await queue.changeVisibility([{ ...receipt, timeoutMs }]);
  const error = visibilityError(required(outcome, 'the outcome of one receipt'), input);
  if (error !== undefined) throw error;
};
