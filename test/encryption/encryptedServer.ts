/** A server whose queues and topics are encrypted, and AWS's clients to speak to it. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateKeyCommand, DisableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { type PosthornOptions, type PosthornServer, startPosthorn } from '../../src/server.ts';

export class EncryptedServer {
  readonly server: PosthornServer;
  readonly kms: KMSClient;
  readonly sqs: SQSClient;
  readonly sns: SNSClient;

  static async start(options: PosthornOptions): Promise<EncryptedServer> {
    return new EncryptedServer(await startPosthorn({ port: 0, ...options }));
  }

  private constructor(server: PosthornServer) {
    this.server = server;
    const settings = {
      endpoint: server.endpoint,
      region: 'eu-west-1',
      credentials: { accessKeyId: '111122223333', secretAccessKey: 'secret' },
      maxAttempts: 1,
    };
    this.kms = new KMSClient(settings);
    this.sqs = new SQSClient(settings);
    this.sns = new SNSClient(settings);
  }

  async close(): Promise<void> {
    for (const client of [this.kms, this.sqs, this.sns]) client.destroy();
    await this.server.close();
  }

  async key(): Promise<string> {
    const { KeyMetadata } = await this.kms.send(new CreateKeyCommand({}));
    return KeyMetadata?.KeyId ?? '';
  }

  async disable(KeyId: string): Promise<void> {
    await this.kms.send(new DisableKeyCommand({ KeyId }));
  }

  async queue(QueueName: string, Attributes: Record<string, string> = {}): Promise<string> {
    const { QueueUrl = '' } = await this.sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
    return QueueUrl;
  }

  async queueArn(QueueUrl: string): Promise<string> {
    const asked = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] });
    return (await this.sqs.send(asked)).Attributes?.QueueArn ?? '';
  }

  async topic(Name: string, Attributes: Record<string, string> = {}): Promise<string> {
    return (await this.sns.send(new CreateTopicCommand({ Name, Attributes }))).TopicArn ?? '';
  }

  async subscribe(TopicArn: string, Protocol: string, Endpoint: string, Attributes = {}): Promise<string> {
    const asked = new SubscribeCommand({ TopicArn, Protocol, Endpoint, Attributes, ReturnSubscriptionArn: true });
    return (await this.sns.send(asked)).SubscriptionArn ?? '';
  }

  async send(QueueUrl: string, MessageBody: string, more: object = {}): Promise<void> {
    await this.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, ...more }));
  }

  async receive(QueueUrl: string, more: object = {}): Promise<Message[]> {
    const asked = { QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'], WaitTimeSeconds: 5, ...more };
    return (await this.sqs.send(new ReceiveMessageCommand(asked))).Messages ?? [];
  }
}

/** Which of the texts can be read in any file under the directory. */
export async function readable(directory: string, texts: readonly string[]): Promise<string[]> {
  const names = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = names.filter((each) => each.isFile()).map((each) => join(each.parentPath ?? each.path, each.name));
  const found = new Set<string>();
  for (const file of files) {
    // The store renames a file now and then, to one that is listed, too.
    const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return Buffer.alloc(0);
      throw error;
    });
    for (const text of texts) {
      const forms = [Buffer.from(text), Buffer.from(text, 'utf16le'), Buffer.from(Buffer.from(text).toString('hex'))];
      if (forms.some((form) => bytes.includes(form))) found.add(text);
    }
  }
  return texts.filter((text) => found.has(text));
}
