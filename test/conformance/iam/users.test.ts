import {
  AddUserToGroupCommand,
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateGroupCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
  DetachUserPolicyCommand,
  GetUserCommand,
  type IAMClient,
  ListAccessKeysCommand,
  ListUsersCommand,
  PutUserPolicyCommand,
  RemoveUserFromGroupCommand,
  UpdateUserCommand,
} from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  allow,
  alreadyExists,
  deleteConflict,
  type IdentityServer,
  newAccount,
  noSuchEntity,
  policyText,
  refused,
  startIdentityServer,
  validationError,
} from './identityServer.ts';

let server: IdentityServer;
beforeAll(async () => {
  server = await startIdentityServer({ isEnforced: true });
});
afterAll(() => server.close());

const inAccount = (): { account: string; iam: IAMClient } => {
  const account = newAccount();
  return { account, iam: server.iamClient(account) };
};

describe('CreateUser', () => {
  it.each([
    ['/', ''],
    ['/division/team/', '/division/team'],
  ])('makes a user under the path %s [aws: user lifecycle]', async (Path, inArn) => {
    const { account, iam } = inAccount();
    const { User } = await iam.send(new CreateUserCommand({ UserName: 'Alice', Path }));
    expect(User).toEqual({
      ...{ Path, UserName: 'Alice', Arn: `arn:aws:iam::${account}:user${inArn}/Alice` },
      ...{ UserId: expect.stringMatching(/^AIDA[A-Z2-7]{17}$/), CreateDate: expect.any(Date) },
    });
    expect((await iam.send(new GetUserCommand({ UserName: 'Alice' }))).User).toEqual(User);
  });

  it.each(['Alice', 'ALICE'])('refuses the name of another, %s [aws: user errors]', async (UserName) => {
    const { iam } = inAccount();
    await iam.send(new CreateUserCommand({ UserName: 'Alice' }));
    const refusal = alreadyExists(`User with name ${UserName} already exists.`);
    await refused(iam.send(new CreateUserCommand({ UserName })), refusal);
  });

  it('keeps accounts apart [posthorn: accounts]', async () => {
    const [one, other] = [inAccount(), inAccount()];
    await one.iam.send(new CreateUserCommand({ UserName: 'Alice' }));
    await refused(
      other.iam.send(new GetUserCommand({ UserName: 'Alice' })),
      noSuchEntity('The user with name Alice cannot be found.'),
    );
  });

  it.each(['a b', 'a/b', 'ä'])('refuses the name %s [model: userNameType]', async (UserName) => {
    const text =
      'The specified value for userName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-';
    await refused(inAccount().iam.send(new CreateUserCommand({ UserName })), validationError(text));
  });

  it('refuses a name of 65 characters [model: userNameType]', async () => {
    const call = inAccount().iam.send(new CreateUserCommand({ UserName: 'x'.repeat(65) }));
    await refused(
      call,
      validationError(/at 'userName' failed to satisfy constraint: Member must have length less than or equal to 64$/),
    );
  });

  it.each(['no/slashes', '/open', 'closed/'])('refuses the path %s [model: pathType]', async (Path) => {
    const text =
      'The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.';
    await refused(inAccount().iam.send(new CreateUserCommand({ UserName: 'Alice', Path })), validationError(text));
  });

  it('takes a permissions boundary that is there [model: CreateUserRequest.PermissionsBoundary]', async () => {
    const { iam } = inAccount();
    const boundary = 'arn:aws:iam::aws:policy/PowerUserAccess';
    const { User } = await iam.send(new CreateUserCommand({ UserName: 'Alice', PermissionsBoundary: boundary }));
    expect(User?.PermissionsBoundary).toEqual({ PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn: boundary });
    const PermissionsBoundary = 'arn:aws:iam::aws:policy/Nothing';
    await refused(
      iam.send(new CreateUserCommand({ UserName: 'Bob', PermissionsBoundary })),
      noSuchEntity(`Scope ARN: ${PermissionsBoundary} does not exist or is not attachable.`),
    );
  });
});

describe('GetUser', () => {
  it('means who calls when it names nobody [model: GetUserRequest.UserName]', async () => {
    const { account, iam } = inAccount();
    expect((await iam.send(new GetUserCommand({}))).User).toMatchObject({ Arn: `arn:aws:iam::${account}:root` });
    await iam.send(new CreateUserCommand({ UserName: 'Alice' }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'Alice' }));
    const alice = server.iamClient({
      accessKeyId: AccessKey?.AccessKeyId ?? '',
      secretAccessKey: AccessKey?.SecretAccessKey ?? '',
    });
    expect((await alice.send(new GetUserCommand({}))).User).toMatchObject({ UserName: 'Alice' });
  });
});

describe('ListUsers', () => {
  it('gives pages in the order of names [model: ListUsersResponse]', async () => {
    const { iam } = inAccount();
    for (const UserName of ['carol', 'Bob', 'alice', 'dave']) await iam.send(new CreateUserCommand({ UserName }));
    const first = await iam.send(new ListUsersCommand({ MaxItems: 3 }));
    expect(first.Users?.map(({ UserName }) => UserName)).toEqual(['alice', 'Bob', 'carol']);
    expect(first).toMatchObject({ IsTruncated: true, Marker: expect.any(String) });
    const second = await iam.send(new ListUsersCommand({ Marker: first.Marker }));
    expect(second.Users?.map(({ UserName }) => UserName)).toEqual(['dave']);
    expect(second.IsTruncated).toBe(false);
    expect(second.Marker).toBeUndefined();
  });

  it('gives those under a path [model: ListUsersRequest.PathPrefix]', async () => {
    const { iam } = inAccount();
    await iam.send(new CreateUserCommand({ UserName: 'alice', Path: '/sales/eu/' }));
    await iam.send(new CreateUserCommand({ UserName: 'bob' }));
    const { Users } = await iam.send(new ListUsersCommand({ PathPrefix: '/sales/' }));
    expect(Users?.map(({ UserName }) => UserName)).toEqual(['alice']);
  });

  it.each(['!!', 'bm8='])('refuses the marker %s [aws: list users]', async (Marker) => {
    await refused(inAccount().iam.send(new ListUsersCommand({ Marker })), validationError(/^Invalid Marker/));
  });
});

describe('UpdateUser', () => {
  it('changes name and path, and nothing else [aws: user update]', async () => {
    const { account, iam } = inAccount();
    const { User } = await iam.send(new CreateUserCommand({ UserName: 'Alice' }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'Alice' }));
    await iam.send(new UpdateUserCommand({ UserName: 'Alice', NewUserName: 'Bob', NewPath: '/new/' }));
    await refused(
      iam.send(new GetUserCommand({ UserName: 'Alice' })),
      noSuchEntity('The user with name Alice cannot be found.'),
    );
    const renamed = (await iam.send(new GetUserCommand({ UserName: 'Bob' }))).User;
    expect(renamed).toMatchObject({ UserId: User?.UserId, Arn: `arn:aws:iam::${account}:user/new/Bob` });
    const { AccessKeyMetadata } = await iam.send(new ListAccessKeysCommand({ UserName: 'Bob' }));
    expect(AccessKeyMetadata).toMatchObject([{ UserName: 'Bob', AccessKeyId: AccessKey?.AccessKeyId }]);
    const holder = await server.iam.credentialHolder(AccessKey?.AccessKeyId ?? '');
    expect(holder?.identity.principal.arn).toBe(`arn:aws:iam::${account}:user/new/Bob`);
  });

  it('changes the case of a name, and does not take that of another [aws: user errors]', async () => {
    const { iam } = inAccount();
    for (const UserName of ['alice', 'bob']) await iam.send(new CreateUserCommand({ UserName }));
    await iam.send(new UpdateUserCommand({ UserName: 'alice', NewUserName: 'Alice' }));
    expect((await iam.send(new ListUsersCommand({}))).Users?.map(({ UserName }) => UserName)).toEqual(['Alice', 'bob']);
    await refused(
      iam.send(new UpdateUserCommand({ UserName: 'bob', NewUserName: 'ALICE' })),
      alreadyExists('User with name ALICE already exists.'),
    );
  });

  it('refuses who is not there [aws: user errors]', async () => {
    await refused(
      inAccount().iam.send(new UpdateUserCommand({ UserName: 'nonexistent-user', NewPath: '/' })),
      noSuchEntity('The user with name nonexistent-user cannot be found.'),
    );
  });
});

describe('DeleteUser', () => {
  it('wants everything of the user taken away first [aws: delete user with attached policy]', async () => {
    const { iam } = inAccount();
    const UserName = 'Alice';
    await iam.send(new CreateUserCommand({ UserName }));
    await iam.send(new CreateGroupCommand({ GroupName: 'Group' }));
    const PolicyArn = 'arn:aws:iam::aws:policy/AmazonSQSFullAccess';
    await iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn }));
    await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'p', PolicyDocument: policyText(allow('sqs:*')) }));
    await iam.send(new AddUserToGroupCommand({ UserName, GroupName: 'Group' }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
    const remove = () => iam.send(new DeleteUserCommand({ UserName }));
    await refused(remove(), deleteConflict('Cannot delete entity, must remove users from group first.'));
    await iam.send(new RemoveUserFromGroupCommand({ UserName, GroupName: 'Group' }));
    await refused(remove(), deleteConflict('Cannot delete entity, must delete access keys first.'));
    await iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId: AccessKey?.AccessKeyId }));
    await refused(remove(), deleteConflict('Cannot delete entity, must detach all policies first.'));
    await iam.send(new DetachUserPolicyCommand({ UserName, PolicyArn }));
    await refused(remove(), deleteConflict('Cannot delete entity, must delete policies first.'));
    await iam.send(new DeleteUserPolicyCommand({ UserName, PolicyName: 'p' }));
    await remove();
    await refused(remove(), noSuchEntity('The user with name Alice cannot be found.'));
  });
});

describe('an operation that there is not', () => {
  it('is refused as by IAM [model: iam]', async () => {
    const form = new URLSearchParams({ Action: 'Nothing', Version: '2010-05-08' });
    const answer = await fetch(server.endpoint, { method: 'POST', body: form });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('<Code>InvalidAction</Code>');
  });
});
