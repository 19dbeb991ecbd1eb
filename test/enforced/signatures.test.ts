/** Credentials of every kind, right and wrong, through the real SDKs. */
import {
  CreateRoleCommand,
  DeleteAccessKeyCommand,
  PutRolePolicyCommand,
  UpdateAccessKeyCommand,
} from '@aws-sdk/client-iam';
import {
  CreateTopicCommand,
  ListSubscriptionsByTopicCommand,
  ListTopicsCommand,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import { CreateQueueCommand, ListQueuesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { AssumeRoleCommand, GetCallerIdentityCommand, GetSessionTokenCommand } from '@aws-sdk/client-sts';
import { SignatureV4 } from '@smithy/signature-v4';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { account, allow, type Enforced, outcome, policy, queueArn, region, startEnforced } from './server.ts';

let enforced: Enforced;
beforeAll(async () => {
  enforced = await startEnforced();
  await enforced.clients(enforced.root).sqs.send(new CreateQueueCommand({ QueueName: 'orders' }));
});
afterAll(() => enforced.server.close());
afterEach(() => vi.useRealTimers());

const listQueues = () => new ListQueuesCommand({});
const minutes = 60_000;

describe('an access key', () => {
  it('of the root may do everything', async () => {
    const { sqs, sts } = enforced.clients(enforced.root);
    expect((await sqs.send(listQueues())).QueueUrls).toHaveLength(1);
    expect(await sts.send(new GetCallerIdentityCommand({}))).toMatchObject({
      Arn: `arn:aws:iam::${account}:root`,
      Account: account,
    });
  });

  it('with a wrong secret is refused, in the words of each protocol', async () => {
    const { sqs, sns } = enforced.clients({ ...enforced.root, secretAccessKey: 'wrong' });
    await expect(sqs.send(listQueues())).rejects.toMatchObject({
      name: 'SignatureDoesNotMatch',
      $metadata: { httpStatusCode: 403 },
      message: expect.stringContaining('The request signature we calculated does not match'),
    });
    expect(await outcome(sns.send(new ListTopicsCommand({})))).toBe('SignatureDoesNotMatch');
  });

  it('that nobody has is refused', async () => {
    const { sqs, sns } = enforced.clients({ accessKeyId: 'AKIANOBODY', secretAccessKey: 'x' });
    expect(await outcome(sqs.send(listQueues()))).toBe('InvalidClientTokenId');
    expect(await outcome(sns.send(new ListTopicsCommand({})))).toBe('InvalidClientTokenId');
  });

  it('is refused while it is inactive, and when it is deleted', async () => {
    const key = await enforced.user('rotating', allow('sqs:*'));
    const { iam } = enforced.clients(enforced.root);
    const { sqs } = enforced.clients(key);
    const which = { UserName: 'rotating', AccessKeyId: key.accessKeyId };
    expect(await outcome(sqs.send(listQueues()))).toBe('done');
    await iam.send(new UpdateAccessKeyCommand({ ...which, Status: 'Inactive' }));
    expect(await outcome(sqs.send(listQueues()))).toBe('InvalidClientTokenId');
    await iam.send(new UpdateAccessKeyCommand({ ...which, Status: 'Active' }));
    expect(await outcome(sqs.send(listQueues()))).toBe('done');
    await iam.send(new DeleteAccessKeyCommand(which));
    expect(await outcome(sqs.send(listQueues()))).toBe('InvalidClientTokenId');
  });
});

describe('a clock', () => {
  it.each([-16, 16])('that is off by %d minutes is refused', async (off) => {
    const { sqs } = enforced.clients(enforced.root, { systemClockOffset: off * minutes });
    expect(await outcome(sqs.send(listQueues()))).toBe('SignatureDoesNotMatch');
  });

  it.each([-14, 14])('that is off by %d minutes is not', async (off) => {
    const { sqs } = enforced.clients(enforced.root, { systemClockOffset: off * minutes });
    expect(await outcome(sqs.send(listQueues()))).toBe('done');
  });
});

describe('a session', () => {
  it('of a role may do what the role may, until its time is over', async () => {
    const { iam } = enforced.clients(enforced.root);
    const trust = { Effect: 'Allow', Principal: { AWS: account }, Action: 'sts:AssumeRole' };
    const role = { RoleName: 'sender', AssumeRolePolicyDocument: policy(trust) };
    const { Role } = await iam.send(new CreateRoleCommand(role));
    const PolicyDocument = policy(allow('sqs:SendMessage', queueArn('orders')));
    await iam.send(new PutRolePolicyCommand({ RoleName: 'sender', PolicyName: 'own', PolicyDocument }));
    const { sts } = enforced.clients(await enforced.user('assuming', allow('sts:AssumeRole')));
    const assumed = await sts.send(
      new AssumeRoleCommand({ RoleArn: Role?.Arn, RoleSessionName: 'session', DurationSeconds: 900 }),
    );
    const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = assumed.Credentials ?? {};
    const key = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
    const { sqs } = enforced.clients(key);
    const QueueUrl = `${enforced.server.endpoint}/${account}/orders`;
    const send = () => new SendMessageCommand({ QueueUrl, MessageBody: 'x' });
    expect(await outcome(sqs.send(send()))).toBe('done');
    await expect(sqs.send(listQueues())).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining(`User: arn:aws:sts::${account}:assumed-role/sender/session is not authorized`),
    });
    const { sessionToken: _, ...withoutToken } = key;
    expect(await outcome(enforced.clients(withoutToken).sqs.send(send()))).toBe('InvalidClientTokenId');
    const tampered = { ...key, sessionToken: `${SessionToken.slice(0, -8)}AAAAAAA=` };
    expect(await outcome(enforced.clients(tampered).sqs.send(send()))).toBe('InvalidClientTokenId');
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 901_000 });
    expect(await outcome(sqs.send(send()))).toBe('ExpiredToken');
  });

  it('of a user is the user', async () => {
    const { sts } = enforced.clients(await enforced.user('visiting', allow('sqs:ListQueues')));
    const { Credentials } = await sts.send(new GetSessionTokenCommand({}));
    const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? {};
    const key = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
    const session = enforced.clients(key);
    expect(await outcome(session.sqs.send(listQueues()))).toBe('done');
    expect(await session.sts.send(new GetCallerIdentityCommand({}))).toMatchObject({
      Arn: `arn:aws:iam::${account}:user/visiting`,
    });
  });
});

describe('a presigned URL', () => {
  async function presigned(change: (url: string) => string = (url) => url, expiresIn = 60): Promise<Response> {
    const { config } = new SQSClient({ region, credentials: enforced.root });
    const signer = new SignatureV4({ service: 'sqs', region, sha256: config.sha256, credentials: enforced.root });
    const { host, hostname, port } = new URL(enforced.server.endpoint);
    const query = { Action: 'GetQueueUrl', QueueName: 'orders', Version: '2012-11-05' };
    const request = { method: 'GET', protocol: 'http:', hostname, port: Number(port), path: '/', query };
    const { query: signed = {} } = await signer.presign({ ...request, headers: { host } }, { expiresIn });
    return fetch(change(`${enforced.server.endpoint}/?${new URLSearchParams(signed as Record<string, string>)}`));
  }

  it('is as good as a header', async () => {
    const answer = await presigned();
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('/orders</QueueUrl>');
  });

  it('for another queue than was signed is refused', async () => {
    const answer = await presigned((url) => url.replace('orders', 'others'));
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain('<Code>SignatureDoesNotMatch</Code>');
  });
});

describe('a request without a signature', () => {
  const anonymous = (action: string) => fetch(`${enforced.server.endpoint}/${account}/orders?Action=${action}`);

  it('is refused', async () => {
    const answer = await anonymous('GetQueueAttributes');
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain('<Code>MissingAuthenticationToken</Code>');
  });

  it('is refused by STS, but for those who bring a token of another kind', async () => {
    const ask = async (action: string) =>
      (await fetch(`${enforced.server.endpoint}/?Version=2011-06-15&${action}`)).text();
    for (const action of ['GetCallerIdentity', 'GetSessionToken', 'AssumeRole&RoleArn=a&RoleSessionName=b']) {
      expect(await ask(`Action=${action}`)).toContain('<Code>MissingAuthenticationToken</Code>');
    }
    const arn = `arn:aws:iam::${account}:role/nobodys`;
    const identity = `Action=AssumeRoleWithWebIdentity&RoleArn=${arn}&RoleSessionName=session&WebIdentityToken=abcdef`;
    expect(await ask(identity)).toMatch(/<Code>(InvalidIdentityToken|AccessDenied)<\/Code>/);
  });

  it('is nobody, whomever it claims to be', async () => {
    const { sns } = enforced.clients(enforced.root);
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'claimed' }));
    const { SubscriptionArn = '' } = await sns.send(
      new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: queueArn('orders') }),
    );
    const claim = `${enforced.root.accessKeyId}/20260102/${region}/sns/aws4_request`;
    const parameters = { Action: 'Unsubscribe', Version: '2010-03-31', SubscriptionArn };
    const inForm = { body: new URLSearchParams({ ...parameters, 'X-Amz-Credential': claim }) };
    const inHeader = { body: new URLSearchParams(parameters), headers: { authorization: `Credential=${claim}` } };
    for (const request of [inForm, inHeader]) {
      const answer = await fetch(enforced.server.endpoint, { method: 'POST', ...request });
      expect([answer.status, await answer.text()]).toMatchObject([403, expect.stringContaining('AuthorizationError')]);
    }
    const { Subscriptions = [] } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
    expect(Subscriptions).toHaveLength(1);
  });

  it('is taken where the queue is open to everybody, for what its policy says', async () => {
    const statement = { Effect: 'Allow', Principal: '*', Action: 'sqs:GetQueueUrl', Resource: queueArn('open') };
    const Attributes = { Policy: policy(statement) };
    const { sqs } = enforced.clients(enforced.root);
    await sqs.send(new CreateQueueCommand({ QueueName: 'open', Attributes }));
    const ask = (action: string) =>
      fetch(`${enforced.server.endpoint}/?Action=${action}&QueueName=open&QueueOwnerAWSAccountId=${account}`);
    expect((await ask('GetQueueUrl')).status).toBe(200);
    expect((await anonymous('SendMessage&MessageBody=x')).status).toBe(403);
  });
});
