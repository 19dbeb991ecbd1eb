import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  GetAccessKeyLastUsedCommand,
  type IAMClient,
  ListAccessKeysCommand,
  UpdateAccessKeyCommand,
} from '@aws-sdk/client-iam';
import { AssumeRoleCommand, GetFederationTokenCommand, GetSessionTokenCommand } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  accessDenied,
  type IdentityServer,
  type Keys,
  limitExceeded,
  newAccount,
  noSuchEntity,
  refused,
  startIdentityServer,
  trustOf,
  validationError,
} from './identityServer.ts';

let server: IdentityServer;
let account: string;
let iam: IAMClient;
beforeAll(async () => {
  server = await startIdentityServer({ isEnforced: true });
});
beforeEach(async () => {
  account = newAccount();
  iam = server.iamClient(account);
  await iam.send(new CreateUserCommand({ UserName: 'alice' }));
});
afterAll(() => server.close());

const create = async (client = iam, of: { UserName?: string } = { UserName: 'alice' }): Promise<Keys> => {
  const { AccessKey } = await client.send(new CreateAccessKeyCommand(of));
  return { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' };
};
const listed = async (client = iam, of: { UserName?: string } = { UserName: 'alice' }) =>
  (await client.send(new ListAccessKeysCommand(of))).AccessKeyMetadata;

/** IAM as whoever alice's key makes a session of. */
async function sessionOf(
  command: AssumeRoleCommand | GetFederationTokenCommand | GetSessionTokenCommand,
): Promise<IAMClient> {
  const { Credentials } = await server.stsClient(await create()).send(command as GetSessionTokenCommand);
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? {};
  return server.iamClient({ accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken });
}

describe('CreateAccessKey', () => {
  it('shows the secret once [aws: access key lifecycle]', async () => {
    expect(await listed()).toEqual([]);
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'alice' }));
    expect(AccessKey).toEqual({
      ...{ UserName: 'alice', Status: 'Active', CreateDate: expect.any(Date) },
      ...{
        AccessKeyId: expect.stringMatching(/^AKIA[A-Z2-7]{16}$/),
        SecretAccessKey: expect.stringMatching(/^.{40}$/),
      },
    });
    const { SecretAccessKey, ...rest } = AccessKey ?? {};
    expect(await listed()).toEqual([rest]);
    const stored = await server.store.scan({ from: Buffer.of(0), to: Buffer.of(255), limit: 100_000 });
    const bytes = Buffer.concat(stored.map(({ key, value }) => Buffer.concat([key, value])));
    expect(bytes.includes(AccessKey?.AccessKeyId ?? 'none')).toBe(true);
    expect(bytes.includes(SecretAccessKey ?? '')).toBe(false);
  });

  it('gives two keys to a user at most [aws: access key limit]', async () => {
    await create();
    const { accessKeyId } = await create();
    await refused(create(), limitExceeded('Cannot exceed quota for AccessKeysPerUser: 2'));
    await iam.send(new DeleteAccessKeyCommand({ UserName: 'alice', AccessKeyId: accessKeyId }));
    await create();
  });

  it('means who calls when it names nobody, the root, too [model: CreateAccessKeyRequest.UserName]', async () => {
    const alice = server.iamClient(await create());
    const second = await create(alice, {});
    expect(await listed()).toHaveLength(2);
    const root = await create(iam, {});
    expect(await listed(iam, {})).toMatchObject([{ UserName: 'root', AccessKeyId: root.accessKeyId }]);
    const holder = await server.iam.credentialHolder(root.accessKeyId);
    expect(holder).toMatchObject({ secretAccessKey: root.secretAccessKey, identity: { principal: { kind: 'root' } } });
    const found = await server.iam.credentialHolder(second.accessKeyId);
    expect(found?.identity.principal).toMatchObject({ kind: 'user', arn: `arn:aws:iam::${account}:user/alice` });
  });

  it('refuses users that there are not [aws: access key errors]', async () => {
    const nobody = noSuchEntity('The user with name nonexistent-user cannot be found.');
    await refused(iam.send(new CreateAccessKeyCommand({ UserName: 'nonexistent-user' })), nobody);
  });
});

describe('UpdateAccessKey', () => {
  it('makes a key good for nothing, and good again [aws: access key update status]', async () => {
    const { accessKeyId } = await create();
    const update = (Status: 'Active' | 'Inactive') =>
      iam.send(new UpdateAccessKeyCommand({ UserName: 'alice', AccessKeyId: accessKeyId, Status }));
    expect(await server.iam.credentialHolder(accessKeyId)).toBeDefined();
    await update('Inactive');
    expect(await server.iam.credentialHolder(accessKeyId)).toBeUndefined();
    expect(await listed()).toMatchObject([{ Status: 'Inactive' }]);
    await update('Active');
    expect(await server.iam.credentialHolder(accessKeyId)).toBeDefined();
  });

  it('refuses a key that the user has not [aws: access key errors]', async () => {
    const AccessKeyId = 'AKIAIOSFODNN7EXAMPLE';
    const missing = noSuchEntity(`The Access Key with id ${AccessKeyId} cannot be found.`);
    const update = iam.send(new UpdateAccessKeyCommand({ UserName: 'alice', AccessKeyId, Status: 'Inactive' }));
    await refused(update, missing);
    const expired = iam.send(new UpdateAccessKeyCommand({ UserName: 'alice', AccessKeyId, Status: 'Expired' }));
    await refused(expired, validationError('Status Expired can not be set.'));
    await refused(iam.send(new DeleteAccessKeyCommand({ UserName: 'alice', AccessKeyId })), missing);
  });
});

describe('DeleteAccessKey', () => {
  it('ends the key [aws: access key deletion without username]', async () => {
    const keys = await create();
    await server.iamClient(keys).send(new DeleteAccessKeyCommand({ AccessKeyId: keys.accessKeyId }));
    expect(await server.iam.credentialHolder(keys.accessKeyId)).toBeUndefined();
    expect(await listed()).toEqual([]);
  });

  it('wants a name from who is no user [aws: access key errors]', async () => {
    const trust = trustOf({ AWS: `arn:aws:iam::${account}:user/alice` });
    const input = { RoleName: 'worker', AssumeRolePolicyDocument: trust };
    const { Role } = await iam.send(new CreateRoleCommand(input));
    const worker = await sessionOf(new AssumeRoleCommand({ RoleArn: Role?.Arn, RoleSessionName: 'session' }));
    await refused(
      worker.send(new DeleteAccessKeyCommand({ AccessKeyId: 'AKIAIOSFODNN7EXAMPLE' })),
      validationError('Must specify userName when calling with non-User credentials'),
    );
  });
});

describe('IAM', () => {
  it.each([
    ['a user', new GetSessionTokenCommand({})],
    ['a federated user', new GetFederationTokenCommand({ Name: 'bob' })],
  ])('takes no session of %s [model: GetSessionToken]', async (_, command) => {
    const session = await sessionOf(command);
    const refusal = {
      code: 'InvalidClientTokenId',
      status: 403,
      message: /^The security token included in the request/,
    };
    await refused(session.send(new ListAccessKeysCommand({})), refusal);
  });
});

describe('GetAccessKeyLastUsed', () => {
  const lastUsed = async (AccessKeyId: string, client = iam) => {
    const answer = await client.send(new GetAccessKeyLastUsedCommand({ AccessKeyId }));
    return { UserName: answer.UserName, ...answer.AccessKeyLastUsed };
  };

  it('tells when, where and for what [aws: access key last used]', async () => {
    const { accessKeyId } = await create();
    expect(await lastUsed(accessKeyId)).toEqual({ UserName: 'alice', Region: 'N/A', ServiceName: 'N/A' });
    await server.iam.credentialHolder(accessKeyId);
    server.iam.used(accessKeyId, 'eu-west-1', 'sqs');
    const first = await lastUsed(accessKeyId);
    expect(first).toEqual({
      ...{ UserName: 'alice', Region: 'eu-west-1', ServiceName: 'sqs', LastUsedDate: expect.any(Date) },
    });
    server.advance(5_000);
    server.iam.used(accessKeyId, 'eu-west-1', 'sns');
    const second = await lastUsed(accessKeyId);
    expect(second.ServiceName).toBe('sns');
    expect(second.LastUsedDate?.getTime()).toBeGreaterThan(first.LastUsedDate?.getTime() ?? Number.NaN);
  });

  it('tells nothing of keys of others, and of none [aws: access key errors]', async () => {
    const { accessKeyId } = await create();
    const other = newAccount();
    await refused(
      lastUsed(accessKeyId, server.iamClient(other)),
      accessDenied(
        `User: arn:aws:iam::${other}:root is not authorized to perform iam:GetAccessKeyLastUsed on resource: access key ${accessKeyId}`,
      ),
    );
    await refused(lastUsed('AKIAIOSFODNN7EXAMPLE'), accessDenied(/access key AKIAIOSFODNN7EXAMPLE$/));
  });
});
