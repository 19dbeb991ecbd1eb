import { cutPage, readPage } from '../paging.ts';
import { queueUrl } from '../queueUrl.ts';
import type { SqsOperation } from '../service.ts';

/** In the order of their names. */
export const listQueues: SqsOperation<'ListQueues'> = async (sqs, input, context) => {
  const { QueueNamePrefix: prefix = '' } = input;
  const page = readPage(input);
  const { accountId, region } = context;
  const scope = { accountId, region, prefix, ...(page.after !== undefined && { after: page.after }) };
  const { queues, token } = cutPage(await sqs.partition.listQueues(scope, page.limit + 1), page);
  return queues.length === 0 ? {} : { QueueUrls: queues.map((queue) => queueUrl(context, queue)), ...token };
};
