/** What AWS's client for JavaScript checks of messages by itself, and every type that an attribute may have. */
import { createHash, type Hash } from 'node:crypto';
import {
  CreateQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SQSClientConfig,
} from '@aws-sdk/client-sqs';
import { expect, it } from 'vitest';
import { client } from './posthorn.ts';

async function createQueue(QueueName: string): Promise<string> {
  return (await client().send(new CreateQueueCommand({ QueueName }))).QueueUrl ?? '';
}

/** An MD5 that notes what it is asked for, and is wrong on request. */
function watchedMd5(wrong = false) {
  const hashed: string[] = [];
  class WatchedMd5 {
    readonly #hash: Hash = createHash('md5');
    update(chunk: Uint8Array): void {
      hashed.push(Buffer.from(chunk).toString());
      this.#hash.update(chunk).update(wrong ? 'x' : '');
    }
    async digest(): Promise<Uint8Array> {
      return this.#hash.digest();
    }
    reset(): void {}
  }
  const md5 = WatchedMd5 as unknown as NonNullable<SQSClientConfig['md5']>;
  return { md5, hashed };
}

it('finds every MD5 right', async () => {
  const QueueUrl = await createQueue('digests');
  const { md5, hashed } = watchedMd5();
  const sqs = client({ md5 });
  const bodies = ['', ' ', 'žluť 😀', '\t\n\r', 'x'.repeat(100_000)].slice(1);
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'single' }));
  const Entries = bodies.map((MessageBody, n) => ({ Id: `m${n}`, MessageBody }));
  expect((await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }))).Successful).toHaveLength(4);
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
  expect(Messages.map(({ Body }) => Body).sort()).toEqual(['single', ...bodies].sort());
  // Once when it was sent, once when it was received.
  expect(hashed.sort()).toEqual(['single', 'single', ...bodies, ...bodies].sort());
});

it('would not let a wrong MD5 pass', async () => {
  const QueueUrl = await createQueue('wrong-digests');
  const sqs = client({ md5: watchedMd5(true).md5 });
  await expect(sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }))).rejects.toThrow(/checksum/i);
  await expect(sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1 }))).rejects.toThrow(/checksum/i);
});

it('carries attributes of all types, those of its own making too', async () => {
  const QueueUrl = await createQueue('types');
  const MessageAttributes = {
    text: { DataType: 'String', StringValue: 'žluť\r\n<&>' },
    'text.labelled': { DataType: 'String.uri', StringValue: 'https://example.org/?a=1&b=2' },
    count: { DataType: 'Number', StringValue: '-1.5e10' },
    'count.labelled': { DataType: 'Number.int', StringValue: '0042' },
    raw: { DataType: 'Binary', BinaryValue: Uint8Array.from({ length: 256 }, (_, n) => n) },
    'bytes.labelled': { DataType: 'Binary.gif', BinaryValue: Uint8Array.of(71, 73, 70) },
  };
  const MessageSystemAttributes = { AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1-5759e988-bd862e3f' } };
  await client().send(
    new SendMessageCommand({ QueueUrl, MessageBody: 'x', MessageAttributes, MessageSystemAttributes }),
  );
  const receive = async (MessageAttributeNames: string[]) => {
    const all = { MessageSystemAttributeNames: ['All' as const], VisibilityTimeout: 0 };
    const { Messages } = await client().send(new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames, ...all }));
    return Messages?.[0];
  };
  const whole = await receive(['All']);
  expect(whole?.MessageAttributes).toEqual(MessageAttributes);
  expect(whole?.Attributes?.AWSTraceHeader).toBe('Root=1-5759e988-bd862e3f');
  expect(Object.keys((await receive(['bytes.*', 'text']))?.MessageAttributes ?? {}).sort()).toEqual([
    'bytes.labelled',
    'text',
  ]);
  expect((await receive([]))?.MessageAttributes).toBeUndefined();
});
