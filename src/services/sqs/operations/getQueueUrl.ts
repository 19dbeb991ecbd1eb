import { invalidParameter, invalidValue } from '../errors.ts';
import { existing, queueUrl } from '../queueUrl.ts';
import type { SqsOperation } from '../service.ts';

export const getQueueUrl: SqsOperation<'GetQueueUrl'> = async (sqs, input, context) => {
  const { QueueName: name, QueueOwnerAWSAccountId: accountId = context.accountId } = input;
  if (name === '') {
    throw invalidParameter('Value for parameter QueueName is invalid. Reason: Must specify a queue name.');
  }
  if (!/^\d{12}$/.test(accountId)) {
    throw invalidValue(accountId, 'QueueOwnerAWSAccountId', 'An account id has 12 digits.');
  }
  const queue = existing(await sqs.partition.queue(accountId, context.region, name));
  return { QueueUrl: queueUrl(context, queue.record) };
};
