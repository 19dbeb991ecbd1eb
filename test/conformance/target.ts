/**
 * What the suite measures: a server in this process, or the endpoint in POSTHORN_CONFORMANCE_ENDPOINT. For AWS itself set
 * the usual AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION as well; queues get names of their own, and are
 * deleted in the end.
 *
 * A case says in brackets where its expectation comes from:
 * - `model: X`: the documentation of X in the API model;
 * - `facts: X`: a limit or rule of SQS's developer guide, or of its service quotas;
 * - `aws: X`: measured at AWS, as public suites that are run against AWS have recorded it;
 * - `posthorn: X`: ours alone; such cases are left out elsewhere.
 */
import { randomBytes } from 'node:crypto';
import { SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { type PosthornServer, startPosthorn } from '../../src/server.ts';
import { type Answer, type CallOptions, call, type Input, type Output, type ReceivedMessage } from './client.ts';
import type { ExpectedError } from './errors.ts';
import type { Signer } from './signature.ts';

const remote = process.env.POSTHORN_CONFORMANCE_ENDPOINT;
const credentials = {
  accessKeyId: process.env.AWS_ACCESS_KEY_ID ?? '111122223333',
  secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY ?? 'secret',
  ...(process.env.AWS_SESSION_TOKEN !== undefined && { sessionToken: process.env.AWS_SESSION_TOKEN }),
};
export const signerOf = (service: string): Signer => ({
  ...(remote === undefined ? { accessKeyId: '111122223333', secretAccessKey: 'secret' } : credentials),
  region: remote === undefined ? 'eu-west-1' : (process.env.AWS_REGION ?? 'us-east-1'),
  service,
});

let server: PosthornServer | undefined;
let sdkClient: SQSClient | undefined;
const created = new Set<string>();
let queuesNamed = 0;
const run = randomBytes(4).toString('hex');

beforeAll(async () => {
  if (remote === undefined) server = await startPosthorn({ port: 0, memory: true });
});
afterAll(async () => {
  if (remote !== undefined) {
    for (const QueueUrl of created) await call('JSON', endpoint(), signerOf('sqs'), 'DeleteQueue', { QueueUrl });
  }
  sdkClient?.destroy();
  await server?.close();
});

export function endpoint(): string {
  const found = remote ?? server?.endpoint;
  if (found === undefined) throw new Error('The target is only there while tests run');
  return found.replace(/\/$/, '');
}

/** A queue's name that nothing else has, wherever the suite runs. */
export function uniqueName(stem = 'queue'): string {
  queuesNamed += 1;
  return `conformance-${run}-${stem}-${queuesNamed}`;
}

/** AWS's client of SQS, with its own checks of MD5s. */
export function sdk(): SQSClient {
  const { region, accessKeyId, secretAccessKey, sessionToken } = signerOf('sqs');
  const keys = { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
  sdkClient ??= new SQSClient({ endpoint: endpoint(), region, credentials: keys, maxAttempts: 1 });
  return sdkClient;
}

/** SQS in one protocol. */
export class Api {
  readonly name: 'JSON' | 'Query';

  constructor(name: 'JSON' | 'Query') {
    this.name = name;
  }

  call(operation: string, input: Input, options?: CallOptions): Promise<Answer> {
    return call(this.name, endpoint(), signerOf('sqs'), operation, input, options);
  }

  /** Calls, and expects success. */
  async ok(operation: string, input: Input, options?: CallOptions): Promise<Output> {
    const answer = await this.call(operation, input, options);
    expect(answer).toMatchObject({ status: 200, error: undefined });
    return answer.output;
  }

  /** Calls, and expects this very refusal. */
  async refused(operation: string, input: Input, expected: ExpectedError, options?: CallOptions): Promise<void> {
    const { status, error } = await this.call(operation, input, options);
    expect({ status, error }).toEqual({
      status: expected.status,
      error: {
        code: this.name === 'JSON' ? expected.code : undefined,
        queryCode: expected.queryCode,
        message: this.name === 'Query' ? (expected.queryMessage ?? expected.message) : expected.message,
        fault: 'Sender',
      },
    });
  }

  /** A new queue's URL. */
  async queue(attributes?: Readonly<Record<string, string>>, name: string = uniqueName()): Promise<string> {
    const input = { QueueName: name, ...(attributes && { Attributes: attributes }) };
    const { QueueUrl = '' } = await this.ok('CreateQueue', input);
    created.add(QueueUrl);
    return QueueUrl;
  }

  /** A new queue with one message for each body. */
  async queueWith(...bodies: readonly string[]): Promise<string> {
    const QueueUrl = await this.queue();
    for (const MessageBody of bodies) await this.ok('SendMessage', { QueueUrl, MessageBody });
    return QueueUrl;
  }

  async receive(QueueUrl: string, input: Input = {}): Promise<readonly ReceivedMessage[]> {
    return (await this.ok('ReceiveMessage', { QueueUrl, ...input })).Messages ?? [];
  }

  async receiveOne(QueueUrl: string, input: Input = {}): Promise<ReceivedMessage> {
    // AWS may answer a short poll with nothing although there is something.
    const [message] = await this.receive(QueueUrl, { WaitTimeSeconds: 5, ...input });
    if (message === undefined) throw new Error('No message came');
    return message;
  }

  async attribute(QueueUrl: string, name: string): Promise<string | undefined> {
    const { Attributes } = await this.ok('GetQueueAttributes', { QueueUrl, AttributeNames: [name] });
    return Attributes?.[name];
  }
}

export const json = new Api('JSON');
export const query = new Api('Query');
export const protocols: readonly Api[] = [json, query];

export const isRemote = remote !== undefined;

/** Cases that are about this server and not about SQS. */
export const describeOurs = describe.runIf(!isRemote).concurrent;

/** GetCallerIdentity, which only the Query protocol has. */
export function callSts(method: 'GET' | 'POST', options: CallOptions = {}): Promise<Answer> {
  const signer = signerOf('sts');
  return call('Query', endpoint(), signer, 'GetCallerIdentity', {}, { service: 'sts', method, ...options });
}
