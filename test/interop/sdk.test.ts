/**
 * AWS's client for JavaScript as people use it, against a server that stores on disk: nothing of it is set but the
 * endpoint, so its own checks (MD5s, errors by class) and its habits (requests to the queue URL's host) apply.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  ListQueueTagsCommand,
  PurgeQueueCommand,
  QueueDoesNotExist,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
  type SQSClientConfig,
  TagQueueCommand,
  UntagQueueCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PosthornServer, startPosthorn } from '../../src/server.ts';

const credentials = { accessKeyId: '123456789012', secretAccessKey: 'secret' };
const clients: SQSClient[] = [];
let dataDir: string;
let server: PosthornServer;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'posthorn-interop-'));
  server = await startPosthorn({ port: 0, dataDir });
});
afterAll(async () => {
  for (const each of clients) each.destroy();
  await server.close();
  await rm(dataDir, { recursive: true });
});

function client(more: SQSClientConfig = {}): SQSClient {
  const made = new SQSClient({ endpoint: server.endpoint, region: 'eu-west-1', credentials, ...more });
  clients.push(made);
  return made;
}

describe.each([
  ['to the host of the queue URL, as by default', {}],
  ['to the endpoint', { useQueueUrlAsEndpoint: false }],
])('the SDK that sends %s', (_, more) => {
  const name = `orders-${'useQueueUrlAsEndpoint' in more}`;

  it('administers a queue', async () => {
    const sqs = client(more);
    const made = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: { VisibilityTimeout: '60' } }));
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: name }));
    expect(QueueUrl).toBe(made.QueueUrl);
    const { QueueUrls } = await sqs.send(new ListQueuesCommand({ QueueNamePrefix: name }));
    expect(QueueUrls).toEqual([QueueUrl]);
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { DelaySeconds: '0' } }));
    await sqs.send(new TagQueueCommand({ QueueUrl, Tags: { team: 'a', stage: 'test' } }));
    await sqs.send(new UntagQueueCommand({ QueueUrl, TagKeys: ['team'] }));
    expect((await sqs.send(new ListQueueTagsCommand({ QueueUrl }))).Tags).toEqual({ stage: 'test' });
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
    expect(Attributes).toMatchObject({
      VisibilityTimeout: '60',
      QueueArn: `arn:aws:sqs:eu-west-1:123456789012:${name}`,
    });
  });

  it('carries every kind of message there and back', async () => {
    const sqs = client(more);
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: name }));
    const MessageBody = '{"text":"žluť\\r\\n😀 <&>"}\r\n';
    const MessageAttributes = {
      bytes: { DataType: 'Binary', BinaryValue: Uint8Array.of(0, 128, 255) },
      count: { DataType: 'Number', StringValue: '42' },
    };
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, MessageAttributes }));
    const asked = { MessageAttributeNames: ['All'], MessageSystemAttributeNames: ['All' as const] };
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1, ...asked }));
    expect(Messages).toMatchObject([
      { Body: MessageBody, MessageAttributes, Attributes: { ApproximateReceiveCount: '1' } },
    ]);
    const ReceiptHandle = Messages?.[0]?.ReceiptHandle;
    await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 120 }));
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  });

  it('sends a thousand in batches and gets each once, with several consumers', async () => {
    const sqs = client(more);
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: name }));
    const batches = Array.from({ length: 100 }, (_, batch) =>
      Array.from({ length: 10 }, (_, n) => ({ Id: `m${n}`, MessageBody: `${batch * 10 + n}` })),
    );
    const sent = await Promise.all(
      batches.map((Entries) => sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }))),
    );
    expect(sent.flatMap(({ Successful = [] }) => Successful)).toHaveLength(1000);
    const seen: string[] = [];
    const consume = async () => {
      const sdk = client(more);
      while (seen.length < 1000) {
        const input = { QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 };
        const { Messages = [] } = await sdk.send(new ReceiveMessageCommand(input));
        seen.push(...Messages.map(({ Body = '' }) => Body));
        const Entries = Messages.map(({ ReceiptHandle }, n) => ({ Id: `m${n}`, ReceiptHandle }));
        if (Entries.length > 0) await sdk.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
      }
    };
    await Promise.all([consume(), consume(), consume()]);
    expect(seen.map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, n) => n));
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
    expect(Attributes).toMatchObject({ ApproximateNumberOfMessages: '0', ApproximateNumberOfMessagesNotVisible: '0' });
  });

  it('waits for a message, and can give up waiting', async () => {
    const sqs = client(more);
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: name }));
    const receive = new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 });
    const waiting = sqs.send(receive);
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'at last' }));
    expect((await waiting).Messages?.[0]?.Body).toBe('at last');
    const patience = new AbortController();
    const givenUp = sqs.send(receive, { abortSignal: patience.signal });
    patience.abort();
    await expect(givenUp).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('fails in the ways that its users catch', async () => {
    const sqs = client(more);
    const { QueueUrl = '' } = await sqs.send(new GetQueueUrlCommand({ QueueName: name }));
    const Entries = [{ Id: 'a', ReceiptHandle: 'made-up', VisibilityTimeout: 0 }];
    const batch = await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
    expect(batch.Failed).toMatchObject([{ Id: 'a', Code: 'ReceiptHandleIsInvalid', SenderFault: true }]);
    await sqs.send(new PurgeQueueCommand({ QueueUrl }));
    await sqs.send(new DeleteQueueCommand({ QueueUrl }));
    await expect(sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }))).rejects.toBeInstanceOf(
      QueueDoesNotExist,
    );
  });
});

it('keeps a queue URL usable for a client that reaches the server under another name', async () => {
  const { QueueUrl } = await client().send(new CreateQueueCommand({ QueueName: 'two-names' }));
  const other = client({ endpoint: server.endpoint.replace('127.0.0.1', 'localhost') });
  await other.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
  const found = await other.send(new GetQueueUrlCommand({ QueueName: 'two-names' }));
  expect(found.QueueUrl).toBe(QueueUrl?.replace('127.0.0.1', 'localhost'));
  const { Messages } = await other.send(new ReceiveMessageCommand({ QueueUrl: found.QueueUrl }));
  expect(Messages?.[0]?.Body).toBe('x');
});
