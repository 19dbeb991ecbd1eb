import { cutPage, readPage } from '../paging.ts';
import { findQueue, queueUrl } from '../queueUrl.ts';
import type { SqsOperation } from '../service.ts';

/** The queues whose RedrivePolicy names this one, in the order of their names. */
export const listDeadLetterSourceQueues: SqsOperation<'ListDeadLetterSourceQueues'> = async (sqs, input, context) => {
  const { record } = await findQueue(sqs, input.QueueUrl, context);
  const page = readPage(input);
  const found = await sqs.partition.listDeadLetterSources(record, page.after, page.limit + 1);
  const { queues, token } = cutPage(found, page);
  return { queueUrls: queues.map((queue) => queueUrl(context, queue)), ...token };
};
