/** `posthorn compact` as a person types it, on a data directory that a server has used. */
import { join } from 'node:path';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { compactStore } from '../../src/server.ts';
import { typed } from './typed.ts';
import { UsedDirectory } from './usedDirectory.ts';

const directory = new UsedDirectory();

const posthorn = (words: readonly string[], env: Record<string, string> = {}) =>
  typed(words, { env, loadCompactStore: async () => compactStore });

const withSqs = <T>(act: (client: SQSClient) => Promise<T>) => directory.use((options) => new SQSClient(options), act);

async function fill(client: SQSClient, name: string, batches: number): Promise<string> {
  const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName: name }));
  const Entries = Array.from({ length: 10 }, (_, i) => ({ Id: String(i), MessageBody: 'x'.repeat(20_000) }));
  await eachOf(batches, () => client.send(new SendMessageBatchCommand({ QueueUrl, Entries })));
  return QueueUrl ?? '';
}

async function drain(client: SQSClient, QueueUrl: string, batches: number): Promise<void> {
  await eachOf(batches, async () => {
    const request = { QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 5 };
    const { Messages = [] } = await client.send(new ReceiveMessageCommand(request));
    const Entries = Messages.map(({ ReceiptHandle }, i) => ({ Id: String(i), ReceiptHandle }));
    await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  });
}

async function eachOf(count: number, act: () => Promise<unknown>): Promise<void> {
  await Promise.all(Array.from({ length: count }, act));
}

describe('posthorn compact', () => {
  it('gives back what deleted messages took, and keeps the rest', async () => {
    await withSqs(async (client) => {
      await fill(client, 'kept', 1);
      await drain(client, await fill(client, 'drained', 50), 50);
      // A server uses it.
      await expect(posthorn(['compact', '--data-dir', directory.path])).resolves.toMatchObject({
        exitCode: 4,
        errors: expect.stringContaining(`${directory.path} is in use by process ${process.pid}`),
      });
    });
    const { exitCode, printed, errors } = await posthorn(['compact'], { POSTHORN_DATA_DIR: directory.path });
    expect({ exitCode, errors }).toEqual({ exitCode: 0, errors: '' });
    expect(printed).toMatch(/^The store in \S+ took \d\d\.\d MiB and takes \d\.\d MiB\.\n$/);
    await withSqs(async (client) => {
      const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName: 'kept' }));
      const AttributeNames = ['ApproximateNumberOfMessages' as const];
      const { Attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }));
      expect(Attributes).toEqual({ ApproximateNumberOfMessages: '10' });
    });
  });

  it('says what it does, and refuses what it does not know', async () => {
    expect((await posthorn(['compact', '--help'])).printed).toContain('Stop the server first.');
    const nowhere = await posthorn(['compact', '--data-dir', join(directory.path, 'nowhere')]);
    expect(nowhere).toMatchObject({ exitCode: 4, errors: expect.stringContaining('There is no store in') });
    expect(await posthorn(['compact', 'now'])).toMatchObject({ exitCode: 2 });
  });
});
