import {
  AddUserToGroupCommand,
  AttachGroupPolicyCommand,
  CreateGroupCommand,
  CreateUserCommand,
  DeleteGroupCommand,
  DetachGroupPolicyCommand,
  GetGroupCommand,
  type IAMClient,
  ListGroupsCommand,
  ListGroupsForUserCommand,
  RemoveUserFromGroupCommand,
  UpdateGroupCommand,
} from '@aws-sdk/client-iam';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  alreadyExists,
  deleteConflict,
  type IdentityServer,
  limitExceeded,
  newAccount,
  noSuchEntity,
  refused,
  startIdentityServer,
} from './identityServer.ts';

let server: IdentityServer;
let account: string;
let iam: IAMClient;
beforeAll(async () => {
  server = await startIdentityServer();
});
beforeEach(() => {
  account = newAccount();
  iam = server.iamClient(account);
});
afterAll(() => server.close());

const group = (GroupName: string, Path?: string) => iam.send(new CreateGroupCommand({ GroupName, Path }));
const user = (UserName: string) => iam.send(new CreateUserCommand({ UserName }));
const add = (UserName: string, GroupName: string) => iam.send(new AddUserToGroupCommand({ UserName, GroupName }));
const remove = (UserName: string, GroupName: string) =>
  iam.send(new RemoveUserFromGroupCommand({ UserName, GroupName }));

describe('groups', () => {
  it('are created, shown, and listed under a path [aws: get group with path]', async () => {
    const { Group } = await group('Admins', '/some/location/');
    expect(Group).toEqual({
      ...{ Path: '/some/location/', GroupName: 'Admins', Arn: `arn:aws:iam::${account}:group/some/location/Admins` },
      ...{ GroupId: expect.stringMatching(/^AGPA[A-Z2-7]{17}$/), CreateDate: expect.any(Date) },
    });
    expect(await iam.send(new GetGroupCommand({ GroupName: 'Admins' }))).toMatchObject({
      ...{ Group, Users: [], IsTruncated: false },
    });
    await group('Others');
    const { Groups } = await iam.send(new ListGroupsCommand({ PathPrefix: '/some/' }));
    expect(Groups).toEqual([Group]);
    expect((await iam.send(new ListGroupsCommand({ MaxItems: 1 }))).IsTruncated).toBe(true);
  });

  it('refuse the name of another, and names that nobody has [aws: create group]', async () => {
    await group('Admins');
    await refused(group('Admins'), alreadyExists('Group with name Admins already exists.'));
    const missing = noSuchEntity('The group with name unknown-group cannot be found.');
    await refused(iam.send(new GetGroupCommand({ GroupName: 'unknown-group' })), missing);
    await refused(iam.send(new DeleteGroupCommand({ GroupName: 'unknown-group' })), missing);
    await refused(iam.send(new UpdateGroupCommand({ GroupName: 'unknown-group', NewPath: '/x/' })), missing);
  });

  it('are renamed with their members in them [aws: update group name]', async () => {
    await group('Admins');
    await group('Others');
    await user('alice');
    await add('alice', 'Admins');
    const taken = alreadyExists('Group with name Others already exists.');
    const rename = (NewGroupName: string) => iam.send(new UpdateGroupCommand({ GroupName: 'Admins', NewGroupName }));
    await refused(rename('Others'), taken);
    await rename('Operators');
    const { Users } = await iam.send(new GetGroupCommand({ GroupName: 'Operators' }));
    expect(Users?.map(({ UserName }) => UserName)).toEqual(['alice']);
  });

  it('are deleted when nothing is left in them [model: DeleteGroup]', async () => {
    await group('Admins');
    await user('alice');
    await add('alice', 'Admins');
    const PolicyArn = 'arn:aws:iam::aws:policy/AdministratorAccess';
    await iam.send(new AttachGroupPolicyCommand({ GroupName: 'Admins', PolicyArn }));
    const deleted = () => iam.send(new DeleteGroupCommand({ GroupName: 'Admins' }));
    await refused(deleted(), deleteConflict('Cannot delete entity, must remove users from group first.'));
    await remove('alice', 'Admins');
    await refused(deleted(), deleteConflict('Cannot delete entity, must detach all policies first.'));
    await iam.send(new DetachGroupPolicyCommand({ GroupName: 'Admins', PolicyArn }));
    await deleted();
    expect((await iam.send(new ListGroupsCommand({}))).Groups).toEqual([]);
  });
});

describe('memberships', () => {
  it('are added and removed, once and again [aws: add user to group idempotent]', async () => {
    await user('alice');
    for (const name of ['Admins', 'Operators']) await group(name);
    for (const name of ['Operators', 'Admins', 'Admins']) await add('alice', name);
    const groups = async () => {
      const { Groups } = await iam.send(new ListGroupsForUserCommand({ UserName: 'alice' }));
      return Groups?.map(({ GroupName }) => GroupName);
    };
    expect(await groups()).toEqual(['Admins', 'Operators']);
    for (const name of ['Admins', 'Admins']) await remove('alice', name);
    expect(await groups()).toEqual(['Operators']);
  });

  it('refuse who and what is not there, the user first [aws: remove user from unknown group]', async () => {
    await group('Admins');
    const nobody = noSuchEntity('The user with name any-user cannot be found.');
    await refused(add('any-user', 'Admins'), nobody);
    await refused(remove('any-user', 'nothing'), nobody);
    await user('alice');
    const nothing = noSuchEntity('The group with name nothing cannot be found.');
    await refused(add('alice', 'nothing'), nothing);
    await refused(remove('alice', 'nothing'), nothing);
    await refused(iam.send(new ListGroupsForUserCommand({ UserName: 'any-user' })), nobody);
  });

  it('are ten at most [facts: IAM quotas]', async () => {
    await user('alice');
    for (let index = 0; index < 11; index++) await group(`g${index}`);
    for (let index = 0; index < 10; index++) await add('alice', `g${index}`);
    await refused(add('alice', 'g10'), limitExceeded('Cannot exceed quota for GroupsPerUser: 10'));
  });
});
