import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  DeleteRoleCommand,
  DetachRolePolicyCommand,
  GetRoleCommand,
  type IAMClient,
  ListRolesCommand,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
  UpdateRoleDescriptionCommand,
} from '@aws-sdk/client-iam';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  allow,
  alreadyExists,
  deleteConflict,
  type IdentityServer,
  limitExceeded,
  malformedPolicy,
  newAccount,
  noSuchEntity,
  policyText,
  refused,
  serviceTrust,
  startIdentityServer,
  trustOf,
  validationError,
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

const RoleName = 'worker';
const create = (more: object = {}) =>
  iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: serviceTrust, ...more }));
const shown = async () => (await iam.send(new GetRoleCommand({ RoleName }))).Role;

describe('CreateRole', () => {
  it('makes a role, which GetRole tells more about [aws: create role defaults]', async () => {
    const { Role } = await create({ Path: '/service/', Description: 'works' });
    expect(Role).toEqual({
      ...{ Path: '/service/', RoleName, Arn: `arn:aws:iam::${account}:role/service/worker`, Description: 'works' },
      ...{ RoleId: expect.stringMatching(/^AROA[A-Z2-7]{17}$/), CreateDate: expect.any(Date) },
      AssumeRolePolicyDocument: encodeURIComponent(serviceTrust),
    });
    expect(await shown()).toEqual({ ...Role, MaxSessionDuration: 3600, RoleLastUsed: {} });
  });

  it('refuses the name of another [aws: role errors]', async () => {
    await create();
    await refused(create(), alreadyExists('Role with name worker already exists.'));
  });

  it.each([
    ['what is no JSON', 'x', 'This policy contains invalid Json'],
    [
      'another action',
      trustOf({ Service: 'ec2.amazonaws.com' }, 'sqs:SendMessage'),
      'AssumeRole policy may only specify STS AssumeRole actions.',
    ],
    [
      'a resource',
      policyText({ Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole', Resource: '*' }),
      'Has prohibited field Resource',
    ],
  ])('refuses a trust policy with %s [aws: update assume role policy errors]', async (_, text, message) => {
    await refused(create({ AssumeRolePolicyDocument: text }), malformedPolicy(message));
    await create();
    const update = iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: text }));
    await refused(update, malformedPolicy(message));
    expect((await shown())?.AssumeRolePolicyDocument).toBe(encodeURIComponent(serviceTrust));
  });

  it('refuses a trust policy of more than 2,048 characters [facts: IAM quotas]', async () => {
    const arns = Array.from({ length: 60 }, (_, index) => `arn:aws:iam::111122223333:user/somebody-${index}`);
    const call = create({ AssumeRolePolicyDocument: trustOf({ AWS: arns }) });
    await refused(call, limitExceeded('Cannot exceed quota for ACLSizePerRole: 2048'));
  });

  it('refuses sessions of more than twelve hours [model: roleMaxSessionDurationType]', async () => {
    await refused(create({ MaxSessionDuration: 43201 }), validationError(/at 'maxSessionDuration' failed to satisfy/));
  });
});

describe('ListRoles', () => {
  it('gives pages, without tags and boundaries [aws: role with tags]', async () => {
    for (const name of ['a', 'b', 'c']) await create({ RoleName: name, Tags: [{ Key: 'k', Value: 'v' }] });
    const first = await iam.send(new ListRolesCommand({ MaxItems: 2 }));
    expect(first.Roles?.map((role) => role.RoleName)).toEqual(['a', 'b']);
    expect(first.Roles?.[0]).not.toHaveProperty('Tags');
    expect(first.Roles?.[0]).not.toHaveProperty('RoleLastUsed');
    const second = await iam.send(new ListRolesCommand({ Marker: first.Marker }));
    expect(second.Roles?.map((role) => role.RoleName)).toEqual(['c']);
  });
});

describe('UpdateRole', () => {
  it('changes what it names [aws: update role]', async () => {
    await create({ Description: 'initial' });
    await iam.send(new UpdateRoleCommand({ RoleName, Description: 'updated', MaxSessionDuration: 7200 }));
    expect(await shown()).toMatchObject({ Description: 'updated', MaxSessionDuration: 7200 });
    await iam.send(new UpdateRoleCommand({ RoleName }));
    expect(await shown()).toMatchObject({ Description: 'updated', MaxSessionDuration: 7200 });
    const { Role } = await iam.send(new UpdateRoleDescriptionCommand({ RoleName, Description: 'again' }));
    expect(Role).toMatchObject({ Description: 'again' });
    expect(Role).not.toHaveProperty('MaxSessionDuration');
    const PolicyDocument = trustOf({ AWS: account });
    await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument }));
    expect((await shown())?.AssumeRolePolicyDocument).toBe(encodeURIComponent(PolicyDocument));
  });
});

describe('DeleteRole', () => {
  it('wants its policies taken away first [aws: delete role with attached policy]', async () => {
    await create();
    const PolicyArn = 'arn:aws:iam::aws:policy/AmazonSQSFullAccess';
    await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
    const remove = () => iam.send(new DeleteRoleCommand({ RoleName }));
    await refused(remove(), deleteConflict('Cannot delete entity, must detach all policies first.'));
    await iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn }));
    await remove();
    await refused(shown(), noSuchEntity('The role with name worker cannot be found.'));
    await create();
    const PolicyDocument = policyText(allow('sqs:*'));
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'inline', PolicyDocument }));
    await refused(remove(), deleteConflict('Cannot delete entity, must delete policies first.'));
  });

  it('refuses what is not there [aws: role errors]', async () => {
    const missing = noSuchEntity('The role with name worker cannot be found.');
    await refused(iam.send(new DeleteRoleCommand({ RoleName })), missing);
    await refused(iam.send(new UpdateRoleCommand({ RoleName, Description: 'x' })), missing);
  });
});
