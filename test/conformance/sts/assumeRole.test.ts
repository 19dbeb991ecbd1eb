import { randomBytes } from 'node:crypto';
import {
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteRoleCommand,
  DetachRolePolicyCommand,
  PutUserPolicyCommand,
  TagRoleCommand,
} from '@aws-sdk/client-iam';
import { AssumeRoleCommand, type AssumeRoleCommandInput, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decide } from '#access';
import {
  accessDenied,
  allow,
  deny,
  type IdentityServer,
  type Keys,
  malformedPolicy,
  newAccount,
  policyText,
  refused,
  startIdentityServer,
  trustOf,
  validationError,
} from '../iam/identityServer.ts';

let server: IdentityServer;
beforeAll(async () => {
  server = await startIdentityServer({ isEnforced: true });
});
afterAll(() => server.close());

async function userOf(account: string, UserName = 'alice', ...allowed: readonly string[]): Promise<Keys> {
  const iam = server.iamClient(account);
  await iam.send(new CreateUserCommand({ UserName }));
  if (allowed.length > 0) {
    const PolicyDocument = policyText(allow(allowed));
    await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'allowed', PolicyDocument }));
  }
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  return { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' };
}

async function roleOf(account: string, trust: string, more: object = {}): Promise<string> {
  const input = { RoleName: 'worker', AssumeRolePolicyDocument: trust, ...more };
  const { Role } = await server.iamClient(account).send(new CreateRoleCommand(input));
  return Role?.Arn ?? '';
}

const assume = (keys: Keys | string, RoleArn: string, more: Partial<AssumeRoleCommandInput> = {}) =>
  server.stsClient(keys).send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'session', ...more }));

async function sessionOf(
  keys: Keys | string,
  RoleArn: string,
  more: Partial<AssumeRoleCommandInput> = {},
): Promise<Keys> {
  const { Credentials } = await assume(keys, RoleArn, more);
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? {};
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
}

/** Whether the holder of the keys may do it to a queue of the account. */
async function may(keys: Keys, action: string, account: string): Promise<boolean> {
  const holder = await server.iam.credentialHolder(keys.accessKeyId, keys.sessionToken);
  if (holder === undefined) throw new Error('Nobody holds these keys');
  const request = { action, resource: `arn:aws:sqs:eu-west-1:${account}:q`, resourceAccountId: account, context: {} };
  return decide(holder.identity, request).effect === 'allowed';
}

const denied = (account: string, RoleArn: string, action = 'sts:AssumeRole') =>
  accessDenied(
    new RegExp(
      `^User: arn:aws:iam::${account}:user/alice is not authorized to perform: ${action} on resource: ${RoleArn}`,
    ),
  );

describe('AssumeRole', () => {
  it('gives credentials of the role [aws: assume role]', async () => {
    const account = newAccount();
    const alice = await userOf(account);
    const RoleArn = await roleOf(account, trustOf({ AWS: `arn:aws:iam::${account}:user/alice` }), { Path: '/path/' });
    const before = server.now();
    const answer = await assume(alice, RoleArn);
    expect(answer.AssumedRoleUser).toEqual({
      Arn: `arn:aws:sts::${account}:assumed-role/worker/session`,
      AssumedRoleId: expect.stringMatching(/^AROA[A-Z2-7]{17}:session$/),
    });
    expect(answer.Credentials).toEqual({
      AccessKeyId: expect.stringMatching(/^ASIA[A-Z2-7]{16}$/),
      SecretAccessKey: expect.stringMatching(/^.{40}$/),
      SessionToken: expect.stringMatching(/^[\w+/=]+$/),
      Expiration: expect.any(Date),
    });
    const seconds = ((answer.Credentials?.Expiration?.getTime() ?? 0) - before) / 1000;
    expect(Math.abs(seconds - 3600)).toBeLessThan(30);
    expect(answer).not.toHaveProperty('PackedPolicySize');
    const session = await sessionOf(alice, RoleArn);
    const identity = await server.stsClient(session).send(new GetCallerIdentityCommand({}));
    expect(identity).toMatchObject({
      ...{ Account: account, Arn: `arn:aws:sts::${account}:assumed-role/worker/session` },
      UserId: answer.AssumedRoleUser?.AssumedRoleId,
    });
  });

  it('asks the trust policy, and the user where that leaves it to the account [facts: trust]', async () => {
    const account = newAccount();
    const alice = await userOf(account);
    const bob = await userOf(account, 'bob', 'sts:AssumeRole');
    const RoleArn = await roleOf(account, trustOf({ AWS: account }));
    await refused(assume(alice, RoleArn), denied(account, RoleArn));
    await assume(bob, RoleArn);
    const others = await roleOf(newAccount(), trustOf({ AWS: newAccount() }));
    await refused(assume(bob, others), accessDenied(/user\/bob is not authorized to perform: sts:AssumeRole/));
  });

  it('needs both sides across accounts [facts: cross-account]', async () => {
    const [home, away] = [newAccount(), newAccount()];
    const alice = await userOf(home);
    const bob = await userOf(home, 'bob', 'sts:*');
    const trust = trustOf({ AWS: [`arn:aws:iam::${home}:user/alice`, `arn:aws:iam::${home}:user/bob`] });
    const RoleArn = await roleOf(away, trust);
    await refused(assume(alice, RoleArn), denied(home, RoleArn));
    const session = await sessionOf(bob, RoleArn);
    expect((await server.stsClient(session).send(new GetCallerIdentityCommand({}))).Account).toBe(away);
  });

  it('says the same of a role that is not there [aws: access denied]', async () => {
    const account = newAccount();
    const alice = await userOf(account, 'alice', 'sts:AssumeRole');
    const RoleArn = `arn:aws:iam::${account}:role/nothing`;
    const message = `User: arn:aws:iam::${account}:user/alice is not authorized to perform: sts:AssumeRole on resource: ${RoleArn}`;
    await refused(assume(alice, RoleArn), accessDenied(message));
    await refused(assume(account, RoleArn), accessDenied('Roles may not be assumed by root accounts.'));
  });

  it.each(['AssumeRole', 'GetCallerIdentity', 'GetSessionToken', 'GetFederationToken'])(
    'refuses %s to whom signs nothing, although a role trusts everybody [aws: MissingAuthenticationToken]',
    async (Action) => {
      const RoleArn = await roleOf(newAccount(), trustOf({ AWS: '*' }));
      const form = { Action, Version: '2011-06-15', RoleArn, RoleSessionName: 'session', Name: 'bob' };
      const answer = await fetch(server.endpoint, { method: 'POST', body: new URLSearchParams(form) });
      expect(answer.status).toBe(403);
      expect(await answer.text()).toContain('<Code>MissingAuthenticationToken</Code>');
    },
  );

  it('wants the external id of the trust policy [model: AssumeRoleRequest.ExternalId]', async () => {
    const account = newAccount();
    const alice = await userOf(account);
    const condition = { StringEquals: { 'sts:ExternalId': 'Unique-1' } };
    const trust = trustOf({ AWS: `arn:aws:iam::${account}:user/alice` }, 'sts:AssumeRole', condition);
    const RoleArn = await roleOf(account, trust);
    await refused(assume(alice, RoleArn), denied(account, RoleArn));
    await refused(assume(alice, RoleArn, { ExternalId: 'Unique-2' }), denied(account, RoleArn));
    await assume(alice, RoleArn, { ExternalId: 'Unique-1' });
  });

  it.each(['nothing-valid-in-here', 'arn:aws:iam::123:role/test-role', 'arn:aws:iam::111122223333:user/test'])(
    'refuses the ARN %s [aws: sts invalid parameters]',
    async (RoleArn) => {
      await refused(assume(newAccount(), RoleArn), validationError(`${RoleArn} is invalid`));
    },
  );

  it('refuses odd names of sessions [aws: sts invalid parameters]', async () => {
    const call = assume(newAccount(), 'arn:aws:iam::111122223333:role/test', { RoleSessionName: 'Session1:2' });
    await refused(
      call,
      validationError(
        "1 validation error detected: Value 'Session1:2' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*",
      ),
    );
  });
});

describe('the duration of an assumed role', () => {
  it('is within what the role says [model: AssumeRoleRequest.DurationSeconds]', async () => {
    const account = newAccount();
    const alice = await userOf(account);
    const trust = trustOf({ AWS: `arn:aws:iam::${account}:user/alice` });
    const RoleArn = await roleOf(account, trust, { MaxSessionDuration: 7200 });
    const before = server.now();
    const { Credentials } = await assume(alice, RoleArn, { DurationSeconds: 7200 });
    const seconds = ((Credentials?.Expiration?.getTime() ?? 0) - before) / 1000;
    expect(Math.abs(seconds - 7200)).toBeLessThan(30);
    const text = 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.';
    await refused(assume(alice, RoleArn, { DurationSeconds: 7201 }), validationError(text));
    await refused(assume(alice, RoleArn, { DurationSeconds: 899 }), validationError(/at 'durationSeconds' failed/));
  });

  it('is an hour for roles that roles assume [facts: role chaining]', async () => {
    const account = newAccount();
    const alice = await userOf(account);
    const more = { MaxSessionDuration: 7200 };
    const first = await roleOf(account, trustOf({ AWS: `arn:aws:iam::${account}:user/alice` }), more);
    const second = await roleOf(account, trustOf({ AWS: first }), { ...more, RoleName: 'second' });
    const session = await sessionOf(alice, first);
    await assume(session, second, { DurationSeconds: 3600 });
    const text = 'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining';
    await refused(assume(session, second, { DurationSeconds: 3601 }), validationError(text));
  });

  it('ends with its expiration, which the holder has [facts: sessions]', async () => {
    const account = newAccount();
    const alice = await userOf(account);
    const RoleArn = await roleOf(account, trustOf({ AWS: `arn:aws:iam::${account}:user/alice` }));
    const { accessKeyId, secretAccessKey, sessionToken } = await sessionOf(alice, RoleArn, { DurationSeconds: 900 });
    const holder = await server.iam.credentialHolder(accessKeyId, sessionToken);
    expect(holder).toMatchObject({ secretAccessKey, sessionToken, expiresAt: expect.any(Number) });
    expect(Math.abs((holder?.expiresAt ?? 0) - server.now() - 900_000)).toBeLessThan(30_000);
  });
});

describe('the token of a session', () => {
  it('goes with its key alone, and can not be made up [facts: sessions]', async () => {
    const account = newAccount();
    const alice = await userOf(account);
    const RoleArn = await roleOf(account, trustOf({ AWS: `arn:aws:iam::${account}:user/alice` }));
    const one = await sessionOf(alice, RoleArn);
    const other = await sessionOf(alice, RoleArn);
    const { credentialHolder } = server.iam;
    expect(await credentialHolder(one.accessKeyId, other.sessionToken)).toBeUndefined();
    expect(await credentialHolder(one.accessKeyId)).toBeUndefined();
    const bytes = Buffer.from(one.sessionToken ?? '', 'base64');
    bytes[40] = (bytes[40] ?? 0) ^ 1;
    expect(await credentialHolder(one.accessKeyId, bytes.toString('base64'))).toBeUndefined();
    expect(await credentialHolder(one.accessKeyId, `${one.sessionToken} `)).toBeUndefined();
    expect(await credentialHolder(one.accessKeyId, one.sessionToken)).toBeDefined();
    // Known by now, and still nobody else's.
    expect(await credentialHolder(one.accessKeyId, other.sessionToken)).toBeUndefined();
    expect(await credentialHolder(alice.accessKeyId, one.sessionToken)).toBeUndefined();
  });

  it('has the policies of its role at that moment, and ends with the role [facts: sessions]', async () => {
    const account = newAccount();
    const alice = await userOf(account);
    const RoleArn = await roleOf(account, trustOf({ AWS: `arn:aws:iam::${account}:user/alice` }));
    const session = await sessionOf(alice, RoleArn);
    const iam = server.iamClient(account);
    expect(await may(session, 'sqs:SendMessage', account)).toBe(false);
    const policy = { RoleName: 'worker', PolicyArn: 'arn:aws:iam::aws:policy/AmazonSQSFullAccess' };
    await iam.send(new AttachRolePolicyCommand(policy));
    expect(await may(session, 'sqs:SendMessage', account)).toBe(true);
    await iam.send(new DetachRolePolicyCommand(policy));
    expect(await may(session, 'sqs:SendMessage', account)).toBe(false);
    await iam.send(new DeleteRoleCommand({ RoleName: 'worker' }));
    expect(await server.iam.credentialHolder(session.accessKeyId, session.sessionToken)).toBeUndefined();
    // Another role of the name is another role.
    await roleOf(account, trustOf({ AWS: `arn:aws:iam::${account}:user/alice` }));
    expect(await server.iam.credentialHolder(session.accessKeyId, session.sessionToken)).toBeUndefined();
  });
});

describe('session policies', () => {
  it('hold a session back, inline ones and managed ones [model: AssumeRoleRequest.Policy]', async () => {
    const account = newAccount();
    const alice = await userOf(account);
    const RoleArn = await roleOf(account, trustOf({ AWS: `arn:aws:iam::${account}:user/alice` }));
    const iam = server.iamClient(account);
    const PolicyArn = 'arn:aws:iam::aws:policy/AmazonSQSFullAccess';
    await iam.send(new AttachRolePolicyCommand({ RoleName: 'worker', PolicyArn }));
    const Policy = policyText(allow(['sqs:SendMessage', 'sns:Publish']), deny('sqs:PurgeQueue'));
    const answer = await assume(alice, RoleArn, { Policy });
    expect(answer.PackedPolicySize).toBeGreaterThan(0);
    const session = await sessionOf(alice, RoleArn, { Policy });
    expect(await may(session, 'sqs:SendMessage', account)).toBe(true);
    expect(await may(session, 'sqs:ReceiveMessage', account)).toBe(false);
    expect(await may(session, 'sns:Publish', account)).toBe(false);
    const readOnly = [{ arn: 'arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess' }];
    const reading = await sessionOf(alice, RoleArn, { PolicyArns: readOnly });
    expect(await may(reading, 'sqs:GetQueueUrl', account)).toBe(true);
    expect(await may(reading, 'sqs:SendMessage', account)).toBe(false);
  });

  it('refuse what is no policy, or too much of it [model: PackedPolicyTooLargeException]', async () => {
    const account = newAccount();
    const alice = await userOf(account);
    const RoleArn = await roleOf(account, trustOf({ AWS: `arn:aws:iam::${account}:user/alice` }));
    await refused(assume(alice, RoleArn, { Policy: '{' }), malformedPolicy(/./));
    const elsewhere = newAccount();
    const PolicyDocument = policyText(allow('sqs:*'));
    await server.iamClient(elsewhere).send(new CreatePolicyCommand({ PolicyName: 'p', PolicyDocument }));
    for (const arn of ['arn:aws:iam::aws:policy/Nothing', `arn:aws:iam::${elsewhere}:policy/p`]) {
      await refused(assume(alice, RoleArn, { PolicyArns: [{ arn }] }), {
        ...{ code: 'NoSuchEntity', status: 404, message: `Policy ${arn} does not exist or is not attachable.` },
      });
    }
    const many = Array.from({ length: 11 }, () => ({ arn: 'arn:aws:iam::aws:policy/AmazonSQSFullAccess' }));
    await refused(
      assume(alice, RoleArn, { PolicyArns: many }),
      validationError('The number of PolicyArns exceeds the limit of 10.'),
    );
    await refused(assume(alice, RoleArn, { Policy: 'x'.repeat(2049) }), validationError(/less than or equal to 2048$/));
    // Nothing that can be packed.
    const tags = Array.from({ length: 50 }, (_, index) => ({
      ...{ Key: `key-${index}`, Value: randomBytes(128).toString('hex') },
    }));
    const trust = trustOf({ AWS: `arn:aws:iam::${account}:user/alice` }, ['sts:AssumeRole', 'sts:TagSession']);
    const tagged = await roleOf(account, trust, { RoleName: 'tagged' });
    await refused(assume(alice, tagged, { Tags: tags }), {
      ...{
        code: 'PackedPolicyTooLarge',
        message: /^Packed policy consumes \d+% of allotted space, please use smaller/,
      },
    });
  });
});

describe('session tags', () => {
  const actions = ['sts:AssumeRole', 'sts:TagSession'];
  const contextOf = async ({ accessKeyId, sessionToken }: Keys) =>
    (await server.iam.credentialHolder(accessKeyId, sessionToken))?.identity.principal.context;

  it("need TagSession, and take the place of the role's [model: AssumeRoleRequest.Tags]", async () => {
    const account = newAccount();
    const alice = await userOf(account);
    const trusted = { AWS: `arn:aws:iam::${account}:user/alice` };
    const without = await roleOf(account, trustOf(trusted));
    const Tags = [{ Key: 'Team', Value: 'one' }];
    await refused(assume(alice, without, { Tags }), denied(account, without, 'sts:TagSession'));
    const condition = { StringEquals: { 'aws:RequestTag/Team': 'one' } };
    const RoleArn = await roleOf(account, trustOf(trusted, actions, condition), { RoleName: 'tagged' });
    const tags = [
      { Key: 'team', Value: 'role' },
      { Key: 'cost', Value: '7' },
    ];
    await server.iamClient(account).send(new TagRoleCommand({ RoleName: 'tagged', Tags: tags }));
    await refused(assume(alice, RoleArn, { Tags: [{ Key: 'Team', Value: 'two' }] }), denied(account, RoleArn));
    const context = await contextOf(await sessionOf(alice, RoleArn, { Tags }));
    expect(context).toMatchObject({ 'aws:PrincipalTag/Team': 'one', 'aws:PrincipalTag/cost': '7' });
    expect(context).not.toHaveProperty('aws:PrincipalTag/team');
  });

  it('go on to the next role if they are transitive [aws: iam role chaining override transitive tags]', async () => {
    const account = newAccount();
    const alice = await userOf(account);
    const first = await roleOf(account, trustOf({ AWS: `arn:aws:iam::${account}:user/alice` }, actions));
    const second = await roleOf(account, trustOf({ AWS: first }, actions), { RoleName: 'second' });
    const Tags = [
      { Key: 'Team', Value: 'one' },
      { Key: 'Stays', Value: 'here' },
    ];
    const session = await sessionOf(alice, first, { Tags, TransitiveTagKeys: ['Team'] });
    const chained = await sessionOf(session, second);
    expect(await contextOf(chained)).toMatchObject({ 'aws:PrincipalTag/Team': 'one' });
    expect(await contextOf(chained)).not.toHaveProperty('aws:PrincipalTag/Stays');
    for (const Key of ['Team', 'tEAM']) {
      await refused(assume(session, second, { Tags: [{ Key, Value: 'x' }] }), {
        code: 'InvalidParameterValue',
        message:
          "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
      });
    }
  });

  it('refuse keys that come twice, and transitive ones that do not come [aws: assume role tag validation]', async () => {
    const account = newAccount();
    const RoleArn = `arn:aws:iam::${account}:role/x`;
    const twice = [
      { Key: 'key', Value: '1' },
      { Key: 'KEY', Value: '2' },
    ];
    await refused(assume(account, RoleArn, { Tags: twice }), {
      ...{
        code: 'InvalidParameterValue',
        message: 'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
      },
    });
    await refused(assume(account, RoleArn, { TransitiveTagKeys: ['other'] }), {
      code: 'InvalidParameterValue',
      message: 'The specified transitive tag key must be included in the requested tags.',
    });
  });
});

describe('the source identity', () => {
  it('is set once, and stays [model: AssumeRoleRequest.SourceIdentity]', async () => {
    const account = newAccount();
    const alice = await userOf(account);
    const actions = ['sts:AssumeRole', 'sts:SetSourceIdentity'];
    const first = await roleOf(account, trustOf({ AWS: `arn:aws:iam::${account}:user/alice` }, actions));
    const second = await roleOf(account, trustOf({ AWS: first }, actions), { RoleName: 'second' });
    const { SourceIdentity } = await assume(alice, first, { SourceIdentity: 'Alice' });
    expect(SourceIdentity).toBe('Alice');
    const session = await sessionOf(alice, first, { SourceIdentity: 'Alice' });
    expect((await assume(session, second)).SourceIdentity).toBe('Alice');
    await refused(assume(session, second, { SourceIdentity: 'Bob' }), accessDenied(/not authorized to change/));
    const plain = await roleOf(account, trustOf({ AWS: `arn:aws:iam::${account}:user/alice` }), { RoleName: 'plain' });
    const call = assume(alice, plain, { SourceIdentity: 'Alice' });
    await refused(call, denied(account, plain, 'sts:SetSourceIdentity'));
  });
});

describe('AssumeRole while callers are not known', () => {
  it('gives credentials of whatever role is named [posthorn: auth off]', async () => {
    const open = await startIdentityServer();
    const account = newAccount();
    const RoleArn = `arn:aws:iam::${account}:role/path/anything`;
    const call = () => open.stsClient('111122223333').send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'me' }));
    const { AssumedRoleUser } = await call();
    expect(AssumedRoleUser).toEqual({
      Arn: `arn:aws:sts::${account}:assumed-role/anything/me`,
      AssumedRoleId: expect.stringMatching(/^AROA[A-Z2-7]{17}:me$/),
    });
    expect((await call()).AssumedRoleUser).toEqual(AssumedRoleUser);
    await open.close();
  });
});

describe('a boundary', () => {
  it('holds sessions of the role back [facts: boundaries]', async () => {
    const account = newAccount();
    const alice = await userOf(account);
    const iam = server.iamClient(account);
    const PolicyDocument = policyText(allow('sqs:ReceiveMessage'));
    const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName: 'bound', PolicyDocument }));
    const trust = trustOf({ AWS: `arn:aws:iam::${account}:user/alice` });
    const RoleArn = await roleOf(account, trust, { PermissionsBoundary: Policy?.Arn });
    const PolicyArn = 'arn:aws:iam::aws:policy/AmazonSQSFullAccess';
    await iam.send(new AttachRolePolicyCommand({ RoleName: 'worker', PolicyArn }));
    await iam.send(new AttachUserPolicyCommand({ UserName: 'alice', PolicyArn }));
    const session = await sessionOf(alice, RoleArn);
    expect(await may(session, 'sqs:ReceiveMessage', account)).toBe(true);
    expect(await may(session, 'sqs:SendMessage', account)).toBe(false);
    expect(await may(alice, 'sqs:SendMessage', account)).toBe(true);
  });
});
