import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  PutUserPolicyCommand,
  UpdateUserCommand,
} from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand, GetSessionTokenCommand } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decide } from '#access';
import {
  accessDenied,
  allow,
  type IdentityServer,
  type Keys,
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

async function userOf(account: string): Promise<Keys> {
  const iam = server.iamClient(account);
  await iam.send(new CreateUserCommand({ UserName: 'alice' }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'alice' }));
  return { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' };
}

async function session(keys: Keys | string, input: object = {}) {
  const { Credentials } = await server.stsClient(keys).send(new GetSessionTokenCommand(input));
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '', Expiration } = Credentials ?? {};
  const seconds = Math.round(((Expiration?.getTime() ?? 0) - server.now()) / 1000);
  return { keys: { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken }, seconds };
}

describe('GetSessionToken', () => {
  it('gives a session of the user, with what the user may do then [model: GetSessionToken]', async () => {
    const account = newAccount();
    const { keys, seconds } = await session(await userOf(account));
    expect(Math.abs(seconds - 43_200)).toBeLessThan(30);
    const iam = server.iamClient(account);
    const identity = await server.stsClient(keys).send(new GetCallerIdentityCommand({}));
    expect(identity).toMatchObject({ Account: account, Arn: `arn:aws:iam::${account}:user/alice` });
    const PolicyDocument = policyText(allow('sqs:SendMessage'));
    await iam.send(new PutUserPolicyCommand({ UserName: 'alice', PolicyName: 'p', PolicyDocument }));
    await iam.send(new UpdateUserCommand({ UserName: 'alice', NewUserName: 'bob' }));
    const holder = await server.iam.credentialHolder(keys.accessKeyId, keys.sessionToken);
    expect(holder?.identity.principal).toMatchObject({
      arn: `arn:aws:iam::${account}:user/bob`,
      context: { 'aws:username': 'bob', 'aws:TokenIssueTime': expect.stringMatching(/^\d{4}-.*Z$/) },
    });
    const request = { action: 'sqs:SendMessage', resource: '*', resourceAccountId: account, context: {} };
    expect(holder && decide(holder.identity, request).effect).toBe('allowed');
  });

  it('takes a duration, of an hour at most for the root [model: GetSessionTokenRequest.DurationSeconds]', async () => {
    const account = newAccount();
    const user = await session(await userOf(account), { DurationSeconds: 129_600 });
    expect(Math.abs(user.seconds - 129_600)).toBeLessThan(30);
    const root = await session(account, { DurationSeconds: 129_600 });
    expect(Math.abs(root.seconds - 3_600)).toBeLessThan(30);
    const holder = await server.iam.credentialHolder(root.keys.accessKeyId, root.keys.sessionToken);
    expect(holder?.identity.principal.kind).toBe('root');
  });

  it('is not for sessions, and takes no code of a device [model: GetSessionToken]', async () => {
    const alice = await userOf(newAccount());
    const { keys } = await session(alice);
    await refused(session(keys), accessDenied('Cannot call GetSessionToken with session credentials'));
    await refused(
      session(alice, { SerialNumber: 'arn:aws:iam::111122223333:mfa/alice', TokenCode: '123456' }),
      accessDenied('MultiFactorAuthentication failed with invalid MFA one time pass code.'),
    );
  });
});
