import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AwsError, type CallContext, type Implementations } from './contract.ts';
import { type SendMessageRequest, type SqsOperations, sqs } from './generated/sqs.ts';
import { type StsOperations, sts } from './generated/sts.ts';
import { type Listener, startListener } from './index.ts';

let sent: SendMessageRequest | undefined;

const sqsOperations: Implementations<SqsOperations> = {
  SendMessage: (input) => {
    sent = input;
    return { MessageId: '1' };
  },
  SendMessageBatch: ({ Entries }) => ({
    Successful: Entries.map(({ Id = '' }) => ({
      Id,
      MessageId: Id,
      MD5OfMessageBody: '900150983cd24fb0d6963f7d28e17f72',
    })),
    Failed: [],
  }),
  ReceiveMessage: () => ({
    Messages: [
      {
        Body: 'abc',
        MD5OfBody: '900150983cd24fb0d6963f7d28e17f72',
        MessageAttributes: { n: { DataType: 'Binary', BinaryValue: Buffer.from([1, 2, 3]) } },
      },
    ],
  }),
  DeleteMessage: () => {},
  GetQueueAttributes: () => {
    throw new AwsError('QueueDoesNotExist', 'The specified queue does not exist.', {
      queryCode: 'AWS.SimpleQueueService.NonExistentQueue',
    });
  },
};

const stsOperations: Implementations<StsOperations> = {
  GetCallerIdentity: (_: unknown, { accountId }: CallContext) => ({ Account: accountId, Arn: 'arn:<x>&', UserId: 'u' }),
  AssumeRole: async ({ RoleSessionName, Tags }) => ({
    Credentials: { AccessKeyId: 'a', SecretAccessKey: 's', SessionToken: 't', Expiration: 1_700_000_000_000 },
    AssumedRoleUser: {
      AssumedRoleId: `x:${RoleSessionName}`,
      Arn: Tags?.map(({ Key, Value }) => `${Key}=${Value}`).join() ?? '',
    },
  }),
};

let listener: Listener;
let queues: SQSClient;
let tokens: STSClient;

beforeAll(async () => {
  const services = [
    { contract: sqs, operations: sqsOperations },
    { contract: sts, operations: stsOperations },
  ];
  listener = await startListener({
    host: '127.0.0.1',
    port: 0,
    services,
    log: {
      error: (details, text) => {
        throw new Error(`${text}: ${JSON.stringify(details)}`);
      },
    },
  });
  const credentials = { accessKeyId: '123456789012', secretAccessKey: 'x' };
  const settings = { endpoint: listener.url, region: 'eu-west-1', credentials, maxAttempts: 1 };
  queues = new SQSClient({ ...settings, md5: false });
  tokens = new STSClient(settings);
});
afterAll(async () => {
  queues.destroy();
  tokens.destroy();
  await listener.close();
});

const QueueUrl = 'http://127.0.0.1/123456789012/q';

describe("AWS's client of SQS", () => {
  it('sends bytes and numbers', async () => {
    const MessageAttributes = { n: { DataType: 'Binary', BinaryValue: Buffer.from([0, 255]) } };
    const answer = await queues.send(
      new SendMessageCommand({ QueueUrl, MessageBody: '\u20ac', DelaySeconds: 5, MessageAttributes }),
    );
    expect(answer.MessageId).toBe('1');
    expect(answer.$metadata.requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(sent).toMatchObject({ QueueUrl, MessageBody: '\u20ac', DelaySeconds: 5 });
    expect([...(sent?.MessageAttributes?.n?.BinaryValue ?? [])]).toEqual([0, 255]);
  });

  it('reads lists, bytes and nothing', async () => {
    const { Messages } = await queues.send(new ReceiveMessageCommand({ QueueUrl }));
    expect([...(Messages?.[0]?.MessageAttributes?.n?.BinaryValue ?? [])]).toEqual([1, 2, 3]);
    const batch = new SendMessageBatchCommand({ QueueUrl, Entries: [{ Id: 'a', MessageBody: 'abc' }] });
    expect((await queues.send(batch)).Successful?.[0]?.Id).toBe('a');
    await queues.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: 'r' }));
  });

  it('throws the class of the error, with the old code', async () => {
    await expect(queues.send(new GetQueueAttributesCommand({ QueueUrl }))).rejects.toMatchObject({
      name: 'QueueDoesNotExist',
      message: 'The specified queue does not exist.',
      Code: 'AWS.SimpleQueueService.NonExistentQueue',
      $fault: 'client',
    });
  });

  it('shows a wrong type under the old code, as it does with AWS', async () => {
    const DelaySeconds = 'soon' as unknown as number;
    await expect(
      queues.send(new SendMessageCommand({ QueueUrl, MessageBody: 'b', DelaySeconds })),
    ).rejects.toMatchObject({
      name: 'MalformedInput',
      message: 'STRING_VALUE can not be converted to an Integer',
    });
  });
});

describe("AWS's client of STS", () => {
  it('reads XML', async () => {
    expect(await tokens.send(new GetCallerIdentityCommand({}))).toMatchObject({
      Account: '123456789012',
      Arn: 'arn:<x>&',
    });
  });

  it('sends lists and reads times', async () => {
    const input = {
      RoleArn: 'arn:aws:iam::123456789012:role/r',
      RoleSessionName: 'me',
      Tags: [{ Key: 'k', Value: 'v' }],
    };
    const { Credentials, AssumedRoleUser } = await tokens.send(new AssumeRoleCommand(input));
    expect(Credentials?.Expiration?.getTime()).toBe(1_700_000_000_000);
    expect(AssumedRoleUser).toEqual({ AssumedRoleId: 'x:me', Arn: 'k=v' });
  });

  it('throws validation errors', async () => {
    const command = new AssumeRoleCommand({ RoleArn: 'arn', RoleSessionName: 'me' });
    await expect(tokens.send(command)).rejects.toMatchObject({
      name: 'ValidationError',
      $metadata: { httpStatusCode: 400 },
    });
  });
});
