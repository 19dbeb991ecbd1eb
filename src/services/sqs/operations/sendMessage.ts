import { required } from '#std/assert';
import { sendMessages } from '../encryption.ts';
import { findQueue } from '../queueUrl.ts';
import { checkQuota } from '../quotas.ts';
import { compose, groupIdsOf, sentAnswer } from '../sending.ts';
import type { SqsOperation } from '../service.ts';

export const sendMessage: SqsOperation<'SendMessage'> = async (sqs, input, context) => {
  const queue = await findQueue(sqs, input.QueueUrl, context);
  checkQuota(sqs, queue, 'SendMessage', groupIdsOf([input]));
  const composed = compose(input, queue, context);
  const [sent] = await sendMessages(sqs, queue, [composed.message], input.QueueUrl, context);
  return sentAnswer(composed, required(sent, 'what became of the message'), queue);
};
