/** What lies in the data directory: a plain queue's messages can be read there, so that the search is known to find them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PublishCommand, SetSubscriptionAttributesCommand } from '@aws-sdk/client-sns';
import { SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { EncryptedServer, readable } from './encryptedServer.ts';

let directory = '';
let server: EncryptedServer;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'posthorn-encryption-'));
  server = await EncryptedServer.start({ dataDir: directory });
});
afterEach(async () => {
  await server.close();
  await rm(directory, { recursive: true });
});

const attribute = (name: string, StringValue: string) => ({ [name]: { DataType: 'String', StringValue } });
const managed = { SqsManagedSseEnabled: 'true' };

async function restart(): Promise<void> {
  await server.close();
  server = await EncryptedServer.start({ dataDir: directory });
}

it('bodies, message attributes and trace headers of encrypted queues can not be read, and are there after a restart', async () => {
  const key = await server.key();
  const queues = {
    plain: await server.queue('plain', { SqsManagedSseEnabled: 'false' }),
    managed: await server.queue('managed', managed),
    kms: await server.queue('kms', { KmsMasterKeyId: key }),
    aws: await server.queue('aws', { KmsMasterKeyId: 'alias/aws/sqs' }),
  };
  for (const [name, url] of Object.entries(queues)) {
    const AWSTraceHeader = { DataType: 'String', StringValue: `secret-trace-${name}` };
    const MessageAttributes = attribute(`secret-name-${name}`, `secret-value-${name}`);
    await server.send(url, `secret-body-${name}`, { MessageAttributes, MessageSystemAttributes: { AWSTraceHeader } });
  }
  await restart();
  const secrets = (name: string) => ['body', 'name', 'value', 'trace'].map((part) => `secret-${part}-${name}`);
  expect(await readable(directory, Object.keys(queues).flatMap(secrets))).toEqual(secrets('plain'));
  for (const [name, url] of Object.entries(queues)) {
    const [message] = await server.receive(url, { MessageSystemAttributeNames: ['All'] });
    expect(message).toMatchObject({
      Body: `secret-body-${name}`,
      MessageAttributes: attribute(`secret-name-${name}`, `secret-value-${name}`),
      Attributes: { AWSTraceHeader: `secret-trace-${name}` },
    });
  }
});

it('groups, deduplication and dead letters work as in plain, between queues that are encrypted differently', async () => {
  const [one, other] = [await server.key(), await server.key()];
  const dead = await server.queue('dead.fifo', { FifoQueue: 'true', KmsMasterKeyId: other });
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: await server.queueArn(dead), maxReceiveCount: 1 });
  const queue = await server.queue('source.fifo', { FifoQueue: 'true', KmsMasterKeyId: one, RedrivePolicy });
  for (const id of ['1', '2', '1']) {
    await server.send(queue, `secret-${id}`, { MessageGroupId: 'g', MessageDeduplicationId: id });
  }
  const bodies = async (url: string, more = {}) => (await server.receive(url, more)).map(({ Body }) => Body);
  expect(await bodies(queue, { VisibilityTimeout: 0 })).toEqual(['secret-1', 'secret-2']);
  // While it waits one after the other becomes a dead letter.
  expect(await bodies(queue, { WaitTimeSeconds: 1 })).toEqual([]);
  await restart();
  expect(await bodies(dead)).toEqual(['secret-1', 'secret-2']);
  expect(await readable(directory, ['secret-1', 'secret-2'])).toEqual([]);
});

/** An HTTP endpoint that confirms its subscriptions, and answers notifications as it is told. */
class Receiver {
  readonly messages: string[] = [];
  status = 503;
  #told: () => void = () => undefined;
  readonly #server: Server;

  static async start(): Promise<Receiver> {
    const receiver = new Receiver();
    await new Promise<void>((resolve) => receiver.#server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  private constructor() {
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error: Error) => response.destroy(error));
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  async until(isEnough: () => boolean): Promise<void> {
    while (!isEnough()) await new Promise<void>((resolve) => (this.#told = resolve));
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { Type, Message, SubscribeURL } = JSON.parse(Buffer.concat(chunks).toString());
    if (Type === 'SubscriptionConfirmation') {
      await fetch(SubscribeURL);
      response.end();
    } else {
      response.writeHead(this.status).end();
    }
    this.messages.push(Type === 'Notification' ? `${this.status} ${Message}` : Type);
    this.#told();
  }
}

it('deliveries that wait can not be read, and are made after a restart', async () => {
  const receiver = await Receiver.start();
  const topics = {
    plain: await server.topic('plain'),
    kms: await server.topic('kms', { KmsMasterKeyId: await server.key() }),
  };
  const healthyRetryPolicy = { numRetries: 50, minDelayTarget: 1, maxDelayTarget: 1 };
  const policy = { DeliveryPolicy: JSON.stringify({ healthyRetryPolicy }) };
  for (const arn of Object.values(topics)) await server.subscribe(arn, 'http', receiver.url, policy);
  await receiver.until(() => receiver.messages.length === 2);
  for (const [name, TopicArn] of Object.entries(topics)) {
    const MessageAttributes = attribute('a', `secret-value-${name}`);
    const asked = { TopicArn, Message: `secret-text-${name}`, Subject: `secret-subject-${name}`, MessageAttributes };
    await server.sns.send(new PublishCommand(asked));
  }
  await receiver.until(() => ['plain', 'kms'].every((name) => receiver.messages.includes(`503 secret-text-${name}`)));
  await server.close();
  const secrets = (name: string) => ['text', 'subject', 'value'].map((part) => `secret-${part}-${name}`);
  expect(await readable(directory, [...secrets('kms'), ...secrets('plain')])).toEqual(secrets('plain'));
  receiver.status = 200;
  server = await EncryptedServer.start({ dataDir: directory });
  await receiver.until(() => ['plain', 'kms'].every((name) => receiver.messages.includes(`200 secret-text-${name}`)));
  receiver.close();
}, 60_000);

it('an archive can not be read, and can be replayed after a restart', async () => {
  const archive = { FifoTopic: 'true', ArchivePolicy: '{"MessageRetentionPeriod":"2"}' };
  const topics = {
    plain: await server.topic('plain.fifo', archive),
    kms: await server.topic('kms.fifo', { ...archive, KmsMasterKeyId: 'alias/aws/sns' }),
  };
  // Not before: an archive gives out nothing from before the second in which it began.
  const begun = new Date().toISOString();
  for (const [name, TopicArn] of Object.entries(topics)) {
    const ids = { MessageGroupId: 'g', MessageDeduplicationId: 'd' };
    await server.sns.send(new PublishCommand({ TopicArn, Message: `secret-text-${name}`, ...ids }));
  }
  await restart();
  expect(await readable(directory, ['secret-text-kms', 'secret-text-plain'])).toEqual(['secret-text-plain']);
  const queue = await server.queue('replayed.fifo', { FifoQueue: 'true', ...managed });
  const subscription = await server.subscribe(topics.kms, 'sqs', await server.queueArn(queue));
  const replay = new SetSubscriptionAttributesCommand({
    SubscriptionArn: subscription,
    AttributeName: 'ReplayPolicy',
    AttributeValue: JSON.stringify({ PointType: 'Timestamp', StartingPoint: begun }),
  });
  await server.sns.send(replay);
  const [message] = await server.receive(queue, { WaitTimeSeconds: 20 });
  expect(JSON.parse(message?.Body ?? '{}')).toMatchObject({ Message: 'secret-text-kms' });
}, 60_000);

it('a message with many copies can not be read: neither while it is promised, nor in the queues', async () => {
  const copies = 120;
  const topics = {
    plain: await server.topic('plain'),
    kms: await server.topic('kms', { KmsMasterKeyId: await server.key() }),
  };
  const queues = { plain: '', kms: '' };
  for (const name of ['plain', 'kms'] as const) {
    for (let n = 0; n < copies; n += 1) {
      queues[name] = await server.queue(`${name}-${n}`, name === 'kms' ? managed : {});
      await server.subscribe(topics[name], 'sqs', await server.queueArn(queues[name]), { RawMessageDelivery: 'true' });
    }
    await server.sns.send(new PublishCommand({ TopicArn: topics[name], Message: `secret-text-${name}` }));
    const messages = await server.receive(queues[name], { WaitTimeSeconds: 20 });
    expect(messages.map(({ Body }) => Body)).toEqual([`secret-text-${name}`]);
  }
  await server.close();
  expect(await readable(directory, ['secret-text-kms', 'secret-text-plain'])).toEqual(['secret-text-plain']);
  server = await EncryptedServer.start({ dataDir: directory });
}, 120_000);

it('with managedEncryption "default" a queue that says nothing is encrypted, and one that says false is not', async () => {
  await server.close();
  server = await EncryptedServer.start({ dataDir: directory, managedEncryption: 'default' });
  const usual = await server.queue('usual');
  const plain = await server.queue('plain', { SqsManagedSseEnabled: 'false' });
  await server.send(usual, 'secret-usual');
  await server.send(plain, 'secret-plain');
  await server.sqs.send(new SetQueueAttributesCommand({ QueueUrl: plain, Attributes: managed }));
  await server.send(plain, 'secret-later');
  // What is stored stays readable to the server, whatever the setting says now.
  await restart();
  const secrets = ['secret-usual', 'secret-plain', 'secret-later'];
  expect(await readable(directory, secrets)).toEqual(['secret-plain']);
  const bodies = [...(await server.receive(usual)), ...(await server.receive(plain))].map(({ Body }) => Body);
  expect(bodies.sort()).toEqual(secrets.sort());
});

it('Posthorn’s own pages show encrypted messages, and search them, as long as the key can be used', async () => {
  const key = await server.key();
  const url = await server.queue('shown', { KmsMasterKeyId: key, KmsDataKeyReusePeriodSeconds: '60' });
  await server.send(url, 'secret body');
  const page = async () => {
    const path = '/_posthorn/queues/111122223333/shown/messages?region=eu-west-1&contains=secret';
    return (await (await fetch(`${server.server.endpoint}${path}`)).json()) as { messages: { body: string }[] };
  };
  await restart();
  expect((await page()).messages).toMatchObject([{ body: 'secret body' }]);
  await restart();
  await server.disable(key);
  expect((await page()).messages).toEqual([]);
});

it('without the master key nothing starts', async () => {
  await server.send(await server.queue('managed', managed), 'secret');
  await server.close();
  await rm(join(directory, 'master.key'));
  await expect(EncryptedServer.start({ dataDir: directory })).rejects.toThrow('The master key');
});
