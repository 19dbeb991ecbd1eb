import { findQueue } from '../queueUrl.ts';
import { compose } from '../sending.ts';
import type { SqsOperation } from '../service.ts';

export const sendMessage: SqsOperation<'SendMessage'> = async (sqs, input, context) => {
  const queue = await findQueue(sqs, input.QueueUrl, context);
  const { message, answer } = compose(input, queue, context);
  await queue.send([message]);
  return answer;
};
