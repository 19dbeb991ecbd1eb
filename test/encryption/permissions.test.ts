/** Where policies are enforced: who sends and receives needs the key as well as the queue. */

import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { CreateKeyCommand, KMSClient, PutKeyPolicyCommand } from '@aws-sdk/client-kms';
import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type PosthornServer, startPosthorn } from '../../src/server.ts';

const accountId = '111122223333';
const rootArn = `arn:aws:iam::${accountId}:root`;
const root = { accessKeyId: 'AKIAROOTROOTROOTROOT', secretAccessKey: 'root-secret-of-this-test-and-no-other-1234' };

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

let server: PosthornServer;
const opened: { destroy(): void }[] = [];
const settings = (credentials: Credentials) => ({
  ...{ endpoint: server.endpoint, region: 'eu-west-1', credentials, maxAttempts: 1 },
});
const sqsOf = (credentials: Credentials) => {
  const client = new SQSClient(settings(credentials));
  opened.push(client);
  return client;
};
let kms: KMSClient;
let iam: IAMClient;
let sns: SNSClient;
let sqs: SQSClient;

beforeAll(async () => {
  server = await startPosthorn({
    ...{ port: 0, memory: true, auth: 'enforce', accountId, rootAccessKeyId: root.accessKeyId },
    rootSecretAccessKey: root.secretAccessKey,
  });
  kms = new KMSClient(settings(root));
  iam = new IAMClient(settings(root));
  sns = new SNSClient(settings(root));
  opened.push(kms, iam, sns);
  sqs = sqsOf(root);
});
afterAll(async () => {
  for (const client of opened) client.destroy();
  await server.close();
});

const statement = (Principal: object, Action: string | string[], more: object = {}) => ({
  ...{ Effect: 'Allow', Principal, Action, Resource: '*' },
  ...more,
});
const policyOf = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });

async function key(): Promise<{ id: string; arn: string }> {
  const { KeyId = '', Arn = '' } = (await kms.send(new CreateKeyCommand({}))).KeyMetadata ?? {};
  return { id: KeyId, arn: Arn };
}

async function queue(QueueName: string, Attributes: Record<string, string>) {
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
  return { url: QueueUrl, arn: `arn:aws:sqs:eu-west-1:${accountId}:${QueueName}` };
}

/** A user that may do everything with queues, and what else is given. */
async function user(UserName: string, ...statements: object[]): Promise<Credentials> {
  await iam.send(new CreateUserCommand({ UserName }));
  const PolicyDocument = policyOf({ Effect: 'Allow', Action: 'sqs:*', Resource: '*' }, ...statements);
  await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'p', PolicyDocument }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  return { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' };
}

const send = (client: SQSClient, QueueUrl: string, MessageBody = 'x') =>
  client.send(new SendMessageCommand({ QueueUrl, MessageBody }));
const receive = async (client: SQSClient, QueueUrl: string, WaitTimeSeconds = 0) =>
  (
    await client.send(
      new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds, VisibilityTimeout: 0, MaxNumberOfMessages: 10 }),
    )
  ).Messages?.map(({ Body }) => Body) ?? [];

it('a sender needs kms:GenerateDataKey and kms:Decrypt, a receiver kms:Decrypt [aws: least privilege for SQS]', async () => {
  const { id, arn } = await key();
  const { url } = await queue('by-users', { KmsMasterKeyId: id });
  const allow = (...Action: string[]) => ({ Effect: 'Allow', Action, Resource: arn });
  const nobody = sqsOf(await user('nobody'));
  const generator = sqsOf(await user('generator', allow('kms:GenerateDataKey')));
  const sender = sqsOf(await user('sender', allow('kms:GenerateDataKey', 'kms:Decrypt')));
  const receiver = sqsOf(await user('receiver', allow('kms:Decrypt')));
  await send(sqs, url, 'of root');
  for (const client of [nobody, generator, receiver]) {
    await expect(send(client, url)).rejects.toMatchObject({ name: 'KmsAccessDenied' });
  }
  await send(sender, url, 'of the sender');
  for (const client of [sender, receiver, sqs])
    expect(await receive(client, url)).toEqual(['of root', 'of the sender']);
  for (const client of [nobody, generator]) {
    await expect(receive(client, url)).rejects.toMatchObject({ name: 'KmsAccessDenied' });
  }
});

it('the key of SQS itself is everybody’s who may use the queue [aws: aws/sqs]', async () => {
  const { url } = await queue('managed-by-aws', { KmsMasterKeyId: 'alias/aws/sqs' });
  const client = sqsOf(await user('of-the-account'));
  await send(client, url);
  expect(await receive(client, url)).toEqual(['x']);
});

it('a topic reaches an encrypted queue if the policy of its key lets SNS use it [aws: encrypted topics and queues]', async () => {
  const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'topic' }));
  const Principal = { Service: 'sns.amazonaws.com' };
  const Policy = policyOf(statement(Principal, 'sqs:SendMessage'));
  const [open, closed] = [await key(), await key()];
  const forSns = statement(Principal, ['kms:GenerateDataKey*', 'kms:Decrypt'], {
    Condition: { ArnLike: { 'aws:SourceArn': TopicArn } },
  });
  const KeyPolicy = policyOf(statement({ AWS: rootArn }, 'kms:*'), forSns);
  await kms.send(new PutKeyPolicyCommand({ KeyId: open.id, PolicyName: 'default', Policy: KeyPolicy }));
  const dead = await queue('dead', { Policy });
  const reached = await queue('reached', { Policy, KmsMasterKeyId: open.id });
  const refused = await queue('refused', { Policy, KmsMasterKeyId: closed.id });
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn });
  for (const { arn } of [reached, refused]) {
    const Attributes = { RawMessageDelivery: 'true', RedrivePolicy };
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: arn, Attributes }));
  }
  await sns.send(new PublishCommand({ TopicArn, Message: 'hello' }));
  expect(await receive(sqs, reached.url, 5)).toEqual(['hello']);
  expect(await receive(sqs, dead.url, 5)).toEqual(['hello']);
  expect(await receive(sqs, refused.url)).toEqual([]);
});

it('a publisher to an encrypted topic needs its key [aws: KMSAccessDenied]', async () => {
  const { id, arn } = await key();
  const create = new CreateTopicCommand({ Name: 'encrypted', Attributes: { KmsMasterKeyId: id } });
  const { TopicArn = '' } = await sns.send(create);
  const publishing = { Effect: 'Allow', Action: 'sns:Publish', Resource: '*' };
  const using = { Effect: 'Allow', Action: ['kms:GenerateDataKey*', 'kms:Decrypt'], Resource: arn };
  const publishAs = async (credentials: Credentials) => {
    const client = new SNSClient(settings(credentials));
    opened.push(client);
    return client.send(new PublishCommand({ TopicArn, Message: 'x' }));
  };
  await expect(publishAs(await user('without', publishing))).rejects.toMatchObject({
    name: 'KMSAccessDeniedException',
  });
  await publishAs(await user('with', publishing, using));
});
