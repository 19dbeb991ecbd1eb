import { request } from 'node:http';
import { expect } from 'vitest';
import { endpoint, json, uniqueName } from '../target.ts';
import { type Envelope, scopeOf } from './fixtures.ts';
import { ok } from './queryCall.ts';

export const other = { accessKeyId: '222233334444' };
/** A link in a message, as a browser follows it: on this server, wherever the link leads. */
export function follow(link: string): Promise<{ status: number; text: string }> {
  const { pathname, search } = new URL(link);
  return new Promise((resolve, reject) => {
    const asking = request(new URL(pathname + search, endpoint()), (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
    });
    asking.on('error', reject);
    asking.end();
  });
}
/** A queue of another account that the topic's owner has subscribed: it is asked by a message. */
export async function asked(TopicArn: string) {
  const name = uniqueName();
  const { QueueUrl = '' } = await json.ok('CreateQueue', { QueueName: name }, other);
  const Endpoint = `${scopeOf(TopicArn)
    .replace(':sns:', ':sqs:')
    .replace(/\d{12}$/, other.accessKeyId)}:${name}`;
  const input = { TopicArn, Protocol: 'sqs', Endpoint };
  expect(await ok('Subscribe', input)).toEqual({ SubscriptionArn: 'pending confirmation' });
  const next = async (): Promise<Envelope> => {
    const { Messages = [] } = await json.ok('ReceiveMessage', { QueueUrl, WaitTimeSeconds: 2 }, other);
    return JSON.parse(Messages[0]?.Body ?? '{}');
  };
  return { input, next, confirmation: await next() };
}
