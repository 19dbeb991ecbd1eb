/** What decides about a call, as the page tells it: with policies of every kind, and with questions that have no answer. */
import {
  CreateAccessKeyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPermissionsBoundaryCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { CreateGrantCommand, CreateKeyCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PosthornServer, startPosthorn } from '../src/server.ts';

const account = '000000000000';
const region = 'us-east-1';
const queueArn = `arn:aws:sqs:${region}:${account}:orders`;
const topicArn = `arn:aws:sns:${region}:${account}:news`;
const userArn = (name: string) => `arn:aws:iam::${account}:user/${name}`;

let server: PosthornServer;
let shared: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };
const closing: { destroy(): void }[] = [];

beforeAll(async () => {
  server = await startPosthorn({ port: 0, memory: true, auth: 'enforce', queues: [{ name: 'orders' }] });
  if (server.rootKey === undefined) throw new Error('a first start makes the key of the root');
  shared = { endpoint: server.endpoint, region, credentials: server.rootKey };
});
afterAll(async () => {
  for (const client of closing) client.destroy();
  await server.close();
});

function open<Client extends { destroy(): void }>(client: Client): Client {
  closing.push(client);
  return client;
}

interface Told {
  readonly status: number;
  readonly effect?: string;
  readonly by?: string;
  readonly statements?: readonly object[];
  readonly [more: string]: unknown;
}

async function explain(principal: string, action: string, resource: string, ...context: string[]): Promise<Told> {
  const query = new URLSearchParams({ principal, action, resource });
  for (const each of context) query.append('context', each);
  const { accessKeyId, secretAccessKey } = shared.credentials;
  const password = Buffer.from(`${accessKeyId}:${secretAccessKey}`).toString('base64');
  const headers = { authorization: `Basic ${password}` };
  const answer = await fetch(`${server.endpoint}/_posthorn/access/explain?${query}`, { headers });
  return { status: answer.status, ...((await answer.json()) as object) };
}

const policyOf = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });

/** A user, and what it signs with. */
async function newUser(UserName: string, policy?: string) {
  const iam = open(new IAMClient(shared));
  await iam.send(new CreateUserCommand({ UserName }));
  if (policy !== undefined) {
    await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'Own', PolicyDocument: policy }));
  }
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  const credentials = {
    accessKeyId: AccessKey?.AccessKeyId ?? '',
    secretAccessKey: AccessKey?.SecretAccessKey ?? '',
  };
  return { ...shared, credentials };
}

async function setQueuePolicy(...statements: object[]): Promise<void> {
  const QueueUrl = `${server.endpoint}/${account}/orders`;
  const Policy = statements.length === 0 ? '' : policyOf(...statements);
  await open(new SQSClient(shared)).send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
}

describe('the policy of a queue', () => {
  it('lets a topic deliver, under its condition', async () => {
    await setQueuePolicy({
      ...{ Sid: 'FromNews', Effect: 'Allow', Action: 'sqs:SendMessage', Resource: queueArn },
      Principal: { Service: 'sns.amazonaws.com' },
      Condition: { ArnEquals: { 'aws:SourceArn': topicArn } },
    });
    const ask = (...context: string[]) => explain('sns.amazonaws.com', 'sqs:SendMessage', queueArn, ...context);
    expect(await ask(`aws:SourceArn=${topicArn}`)).toMatchObject({
      ...{ effect: 'allowed', by: 'resource', resourcePolicy: true, missingContext: [] },
      statements: [{ policy: 'resource', statement: 'FromNews', effect: 'Allow' }],
    });
    expect(await ask()).toMatchObject({ effect: 'implicitDeny', by: 'resource', missingContext: ['aws:SourceArn'] });
  });

  it('denies what the own policies of a user allow', async () => {
    await newUser('eager', policyOf({ Sid: 'All', Effect: 'Allow', Action: 'sqs:*', Resource: '*' }));
    await setQueuePolicy({
      ...{ Effect: 'Deny', Principal: '*', Action: 'sqs:PurgeQueue', Resource: queueArn },
    });
    expect(await explain(userArn('eager'), 'SQS:purgequeue', queueArn)).toMatchObject({
      ...{ effect: 'explicitDeny', by: 'resource' },
      statements: [{ policy: 'resource', statement: '0', effect: 'Deny' }],
      message: expect.stringContaining('with an explicit deny in a resource-based policy'),
    });
    expect(await explain(userArn('eager'), 'sqs:SendMessage', queueArn)).toMatchObject({
      ...{ effect: 'allowed', by: 'identity' },
      statements: [{ policy: 'inline:Own', statement: 'All' }],
    });
  });

  it('lets no other account change the queue, and everybody send if it says so', async () => {
    await setQueuePolicy({ Effect: 'Allow', Principal: '*', Action: 'sqs:*', Resource: queueArn });
    expect(await explain('anonymous', 'sqs:SendMessage', queueArn)).toMatchObject({
      effect: 'allowed',
      by: 'resource',
    });
    expect(await explain('arn:aws:iam::111122223333:root', 'sqs:SendMessage', queueArn)).toMatchObject({
      ...{ effect: 'allowed', by: 'crossAccount' },
    });
    expect(await explain('arn:aws:iam::111122223333:root', 'sqs:TagQueue', queueArn)).toMatchObject({
      ...{ effect: 'implicitDeny', by: 'crossAccount' },
    });
  });
});

describe('the own policies', () => {
  it('are held back by a boundary', async () => {
    const iam = open(new IAMClient(shared));
    await newUser('bounded', policyOf({ Effect: 'Allow', Action: '*', Resource: '*' }));
    const { Policy } = await iam.send(
      new CreatePolicyCommand({
        PolicyName: 'Bound',
        PolicyDocument: policyOf({ Sid: 'Topics', Effect: 'Allow', Action: 'sns:*', Resource: '*' }),
      }),
    );
    await iam.send(new PutUserPermissionsBoundaryCommand({ UserName: 'bounded', PermissionsBoundary: Policy?.Arn }));
    await setQueuePolicy();
    expect(await explain(userArn('bounded'), 'sqs:SendMessage', queueArn)).toMatchObject({
      ...{ effect: 'implicitDeny', by: 'boundary', resourcePolicy: false },
      statements: [{ policy: 'inline:Own', statement: '0', effect: 'Allow' }],
    });
    await open(new SNSClient(shared)).send(new CreateTopicCommand({ Name: 'news' }));
    expect(await explain(userArn('bounded'), 'sns:Publish', topicArn)).toMatchObject({
      ...{ effect: 'allowed', by: 'identity', resourcePolicy: true },
      statements: [{ policy: 'inline:Own' }, { policy: Policy?.Arn, statement: 'Topics' }],
    });
  });

  it('decide alone about what the server does not know', async () => {
    await newUser(
      'reader',
      policyOf({ Sid: 'Read', Effect: 'Allow', Action: 's3:Get*', Resource: 'arn:aws:s3:::b/*' }),
    );
    expect(await explain(userArn('reader'), 's3:GetObject', 'arn:aws:s3:::b/k')).toMatchObject({ effect: 'allowed' });
    expect(await explain(userArn('reader'), 's3:PutObject', 'arn:aws:s3:::b/k')).toMatchObject({ by: 'none' });
    expect(await explain(userArn('reader'), 'posthorn:Read', '*')).toMatchObject({ effect: 'implicitDeny' });
  });
});

describe('a role', () => {
  it('is assumed by whom it trusts, and then has its policies', async () => {
    const iam = open(new IAMClient(shared));
    const caller = await newUser('caller');
    const { Role } = await iam.send(
      new CreateRoleCommand({
        RoleName: 'worker',
        AssumeRolePolicyDocument: policyOf({
          ...{ Sid: 'Caller', Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: userArn('caller') } },
          Condition: { StringEquals: { 'sts:ExternalId': 'blue' } },
        }),
      }),
    );
    const RoleArn = Role?.Arn ?? '';
    const PolicyDocument = policyOf({ Sid: 'Send', Effect: 'Allow', Action: 'sqs:SendMessage', Resource: queueArn });
    await iam.send(new PutRolePolicyCommand({ RoleName: 'worker', PolicyName: 'Work', PolicyDocument }));
    expect(await explain(userArn('caller'), 'sts:AssumeRole', RoleArn, 'sts:ExternalId=blue')).toMatchObject({
      ...{ effect: 'allowed', by: 'resource' },
      statements: [{ statement: 'Caller' }],
    });
    expect(await explain(userArn('caller'), 'sts:AssumeRole', RoleArn)).toMatchObject({
      ...{ effect: 'implicitDeny', missingContext: ['sts:ExternalId'] },
    });
    const sts = open(new STSClient(caller));
    const assume = (more: object) => sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'shift', ...more }));
    const { AssumedRoleUser } = await assume({ ExternalId: 'blue' });
    await expect(assume({})).rejects.toThrow('not authorized');
    const sent = { effect: 'allowed', by: 'identity', statements: [{ policy: 'inline:Work', statement: 'Send' }] };
    for (const principal of [RoleArn, AssumedRoleUser?.Arn ?? '']) {
      expect(await explain(principal, 'sqs:SendMessage', queueArn)).toMatchObject(sent);
      expect(await explain(principal, 'sqs:ReceiveMessage', queueArn)).toMatchObject({ effect: 'implicitDeny' });
    }
  });
});

describe('a key', () => {
  it('is used by a grant', async () => {
    const grantee = await newUser('grantee');
    const kms = open(new KMSClient(shared));
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    const keyArn = KeyMetadata?.Arn ?? '';
    expect(await explain(userArn('grantee'), 'kms:Encrypt', keyArn)).toMatchObject({ effect: 'implicitDeny' });
    await kms.send(
      new CreateGrantCommand({ KeyId: keyArn, GranteePrincipal: userArn('grantee'), Operations: ['Encrypt'] }),
    );
    expect(await explain(userArn('grantee'), 'kms:Encrypt', keyArn)).toMatchObject({
      ...{ effect: 'allowed', by: 'resource', grant: true },
    });
    await open(new KMSClient(grantee)).send(new EncryptCommand({ KeyId: keyArn, Plaintext: Buffer.from('x') }));
    expect(await explain(userArn('grantee'), 'kms:Decrypt', keyArn)).toMatchObject({ effect: 'implicitDeny' });
    const absent = keyArn.replace(/[^/]+$/, '00000000-0000-0000-0000-000000000000');
    expect(await explain(userArn('grantee'), 'kms:Encrypt', absent)).toMatchObject({
      ...{ status: 404, error: expect.stringContaining('NotFoundException') },
    });
  });
});

describe('a question', () => {
  it.each([
    ['principal=x', 400, 'action is "", but must be a single one, such as sqs:SendMessage.'],
    ['action=sqs:SendMessage', 400, 'principal is missing: the ARN of who asks.'],
    ['principal=anonymous&action=sqs:Send*', 400, 'action is "sqs:Send*", but'],
    ['principal=anonymous&action=sqs:SendMessage&resource=orders', 400, 'resource is "orders", but must be an ARN'],
    ['principal=anonymous&action=sqs:SendMessage&context=x', 400, 'context is "x", but must be <key>=<value>.'],
    ['principal=anonymous&action=sqs:SendMessage&kontext=x', 400, 'There is no parameter "kontext" here.'],
    [`principal=${userArn('nobody')}&action=sqs:SendMessage`, 404, 'There is no user, role or session'],
    [`principal=arn:aws:iam::${account}:group/g&action=sqs:SendMessage`, 404, 'There is no user, role or session'],
    [
      `principal=arn:aws:iam::${account}:root&action=sts:AssumeRole&resource=arn:aws:iam::${account}:role/none`,
      404,
      'There is no role',
    ],
  ])('that can not be answered: %s', async (query, status, text) => {
    const { accessKeyId, secretAccessKey } = shared.credentials;
    const password = Buffer.from(`${accessKeyId}:${secretAccessKey}`).toString('base64');
    const headers = { authorization: `Basic ${password}` };
    const answer = await fetch(`${server.endpoint}/_posthorn/access/explain?${query}`, { headers });
    expect([answer.status, ((await answer.json()) as { error: string }).error]).toEqual([
      status,
      expect.stringContaining(text),
    ]);
  });
});
