/** What every test of a client begins with: a server of its own in memory, and AWS's client for it. */
import { SQSClient, type SQSClientConfig } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll } from 'vitest';
import { type PosthornServer, startPosthorn } from '../../src/server.ts';

const credentials = { accessKeyId: '123456789012', secretAccessKey: 'secret' };
const clients: SQSClient[] = [];
let server: PosthornServer | undefined;

beforeAll(async () => {
  server = await startPosthorn({ port: 0, memory: true });
});
afterAll(async () => {
  for (const each of clients) each.destroy();
  await server?.close();
});

export function endpoint(): string {
  if (server === undefined) throw new Error('The server is only there while tests run');
  return server.endpoint;
}

/** Nothing of it is set but the endpoint, so that its own checks and habits apply. */
export function client(more: SQSClientConfig = {}): SQSClient {
  const made = new SQSClient({ endpoint: endpoint(), region: 'eu-west-1', credentials, ...more });
  clients.push(made);
  return made;
}
