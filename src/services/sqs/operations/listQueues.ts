import { invalidParameter } from '../errors.ts';
import { listPage } from '../limits.ts';
import { queueUrl } from '../queueUrl.ts';
import type { SqsOperation } from '../service.ts';

/** In the order of their names. A token comes only to those who set `MaxResults`, as in AWS. */
export const listQueues: SqsOperation<'ListQueues'> = async (sqs, input, context) => {
  const { QueueNamePrefix: prefix = '', MaxResults, NextToken } = input;
  if (MaxResults !== undefined && (MaxResults < 1 || MaxResults > listPage)) {
    throw invalidParameter(
      `Value for parameter MaxResults is invalid. Reason: MaxResults must be an integer between 1 and ${listPage}.`,
    );
  }
  const { accountId, region } = context;
  const after = NextToken === undefined ? undefined : decodeToken(NextToken);
  const limit = MaxResults ?? listPage;
  // One more than asked tells whether there is a next page.
  const found = await sqs.partition.listQueues({ accountId, region, prefix, ...(after && { after }) }, limit + 1);
  const page = found.slice(0, limit);
  if (page.length === 0) return {};
  const last = page.at(-1);
  const more = found.length > limit && MaxResults !== undefined && last !== undefined;
  return {
    QueueUrls: page.map((queue) => queueUrl(context, queue)),
    ...(more && { NextToken: encodeToken(last.name) }),
  };
};

/** A token is the last name that was listed; opaque to clients. */
function encodeToken(name: string): string {
  return Buffer.from(name).toString('base64');
}

function decodeToken(token: string): string {
  const name = Buffer.from(token, 'base64').toString();
  if (/^[A-Za-z0-9_-]{1,80}(\.fifo)?$/.test(name) && encodeToken(name) === token) return name;
  throw invalidParameter('Invalid or expired next token.');
}
