import { CreateAccessKeyCommand, CreateUserCommand, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import {
  AssumeRoleCommand,
  GetCallerIdentityCommand,
  GetFederationTokenCommand,
  type GetFederationTokenCommandInput,
} from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decide } from '#access';
import {
  accessDenied,
  allow,
  type IdentityServer,
  type Keys,
  malformedPolicy,
  newAccount,
  policyText,
  refused,
  startIdentityServer,
} from '../iam/identityServer.ts';

let server: IdentityServer;
beforeAll(async () => {
  server = await startIdentityServer({ isEnforced: true });
});
afterAll(() => server.close());

async function userOf(account: string, ...actions: readonly string[]): Promise<Keys> {
  const iam = server.iamClient(account);
  await iam.send(new CreateUserCommand({ UserName: 'alice' }));
  const policy = { UserName: 'alice', PolicyName: 'p', PolicyDocument: policyText(allow(actions)) };
  await iam.send(new PutUserPolicyCommand(policy));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'alice' }));
  return { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' };
}

const call = (keys: Keys | string, input: Partial<GetFederationTokenCommandInput> = {}) =>
  server.stsClient(keys).send(new GetFederationTokenCommand({ Name: 'bob', ...input }));

async function session(keys: Keys | string, input: Partial<GetFederationTokenCommandInput> = {}): Promise<Keys> {
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = (await call(keys, input)).Credentials ?? {};
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
}

async function may({ accessKeyId, sessionToken }: Keys, action: string, account: string): Promise<boolean> {
  const holder = await server.iam.credentialHolder(accessKeyId, sessionToken);
  if (holder === undefined) throw new Error('Nobody holds these keys');
  const request = { action, resource: '*', resourceAccountId: account, context: {} };
  return decide(holder.identity, request).effect === 'allowed';
}

describe('GetFederationToken', () => {
  it('gives credentials of somebody by a name [aws: get federation token]', async () => {
    const account = newAccount();
    const alice = await userOf(account, 'sqs:*');
    const answer = await call(alice);
    expect(answer).toMatchObject({
      FederatedUser: { FederatedUserId: `${account}:bob`, Arn: `arn:aws:sts::${account}:federated-user/bob` },
      ...{ PackedPolicySize: 0, Credentials: { AccessKeyId: expect.stringMatching(/^ASIA/) } },
    });
    const bob = await session(alice);
    const identity = await server.stsClient(bob).send(new GetCallerIdentityCommand({}));
    expect(identity).toMatchObject({
      ...{ Account: account, Arn: `arn:aws:sts::${account}:federated-user/bob`, UserId: `${account}:bob` },
    });
  });

  it('allows what both the user and the session policies allow, and nothing without any [model: GetFederationToken]', async () => {
    const account = newAccount();
    const alice = await userOf(account, 'sqs:*');
    expect(await may(await session(alice), 'sqs:SendMessage', account)).toBe(false);
    const bob = await session(alice, { Policy: policyText(allow(['sqs:SendMessage', 'sns:Publish'])) });
    expect(await may(bob, 'sqs:SendMessage', account)).toBe(true);
    expect(await may(bob, 'sqs:ReceiveMessage', account)).toBe(false);
    expect(await may(bob, 'sns:Publish', account)).toBe(false);
    const root = await session(account, { PolicyArns: [{ arn: 'arn:aws:iam::aws:policy/AmazonSNSFullAccess' }] });
    expect(await may(root, 'sns:Publish', account)).toBe(true);
    expect(await may(root, 'sqs:SendMessage', account)).toBe(false);
  });

  it('takes tags if the user may tag sessions [model: GetFederationTokenRequest.Tags]', async () => {
    const account = newAccount();
    const Tags = [{ Key: 'team', Value: 'one' }];
    const alice = await userOf(account, 'sqs:*');
    const who = `arn:aws:iam::${account}:user/alice is not authorized to perform: sts:TagSession on resource: arn:aws:sts::${account}:federated-user/bob`;
    await refused(call(alice, { Tags }), accessDenied(`User: ${who}`));
    const other = newAccount();
    const bob = await session(await userOf(other, 'sts:TagSession'), { Tags });
    const holder = await server.iam.credentialHolder(bob.accessKeyId, bob.sessionToken);
    expect(holder?.identity.principal.context).toMatchObject({ 'aws:PrincipalTag/team': 'one' });
  });

  it('is not for sessions, and refuses what is no policy [model: GetFederationToken]', async () => {
    const alice = await userOf(newAccount(), 'sqs:*');
    const bob = await session(alice);
    await refused(call(bob), accessDenied('Cannot call GetFederationToken with session credentials'));
    const RoleArn = 'arn:aws:iam::111122223333:role/x';
    const assume = server.stsClient(bob).send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'session' }));
    await refused(assume, accessDenied(/federated-user\/bob is not authorized to perform: sts:AssumeRole/));
    await refused(call(alice, { Policy: '[]' }), malformedPolicy(/./));
  });
});
