import { required } from '#std/assert';
import { hasPlainTexts } from '#std/plainTexts';
import { sendMessages } from '../encryption.ts';
import { findQueue } from '../queueUrl.ts';
import { checkQuota } from '../quotas.ts';
import { compose, sentAnswer } from '../sending.ts';
import type { SqsMessageOperation } from '../service.ts';

export const sendMessage: SqsMessageOperation<'SendMessage'> = async (sqs, input, context) => {
  const found = findQueue(sqs, input.QueueUrl, context);
  const queue = found instanceof Promise ? await found : found;
  checkQuota(sqs, queue, 'SendMessage', [input]);
  const composed = compose(input, queue, context, { isPlain: hasPlainTexts(input) });
  const [sent] = await sendMessages(sqs, queue, [composed.message], input.QueueUrl, context);
  return sentAnswer(composed, required(sent, 'what became of the message'), queue);
};
