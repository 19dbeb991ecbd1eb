/** `posthorn compact` as a person types it, on a data directory that a server has used. */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommandLine } from '../../src/cli/commandLine.ts';
import { compactStore, startPosthorn } from '../../src/server.ts';
import { fakeIo } from './fakeIo.ts';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'posthorn-compact-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

async function posthorn(words: readonly string[], env: Record<string, string> = {}) {
  const { io, state } = fakeIo();
  const exitCode = await runCommandLine({
    ...{ argv: words, io, env, readVersion: () => '', readFile: async () => '' },
    loadServer: () => Promise.reject(new Error('it starts no server')),
    loadCompactStore: async () => compactStore,
  });
  return { exitCode, ...state };
}

/** Starts a server on the directory and lets `act` use its queues. */
async function withSqs<T>(act: (client: SQSClient) => Promise<T>): Promise<T> {
  const server = await startPosthorn({ port: 0, dataDir });
  const credentials = { accessKeyId: '111122223333', secretAccessKey: 'secret' };
  const client = new SQSClient({ endpoint: server.endpoint, region: 'eu-west-1', credentials, maxAttempts: 1 });
  try {
    return await act(client);
  } finally {
    client.destroy();
    await server.close();
  }
}

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
      expect((await stat(join(dataDir, 'store.mdb'))).size).toBeGreaterThan(10_000_000);
      // A server uses it.
      await expect(posthorn(['compact', '--data-dir', dataDir])).resolves.toMatchObject({
        exitCode: 4,
        errors: expect.stringContaining(`${dataDir} is in use by process ${process.pid}`),
      });
    });
    const { exitCode, printed, errors } = await posthorn(['compact'], { POSTHORN_DATA_DIR: dataDir });
    expect({ exitCode, errors }).toEqual({ exitCode: 0, errors: '' });
    expect(printed).toMatch(/^The store in \S+ took 1\d\.\d MiB and takes \d\.\d MiB\.\n$/);
    await withSqs(async (client) => {
      const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName: 'kept' }));
      const AttributeNames = ['ApproximateNumberOfMessages' as const];
      const { Attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }));
      expect(Attributes).toEqual({ ApproximateNumberOfMessages: '10' });
    });
  });

  it('says what it does, and refuses what it does not know', async () => {
    expect((await posthorn(['compact', '--help'])).printed).toContain('Stop the server first.');
    const nowhere = await posthorn(['compact', '--data-dir', join(dataDir, 'nowhere')]);
    expect(nowhere).toMatchObject({ exitCode: 4, errors: expect.stringContaining('There is no store in') });
    expect(await posthorn(['compact', 'now'])).toMatchObject({ exitCode: 2 });
  });
});
