import {
  AttachGroupPolicyCommand,
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  CreateGroupCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteRolePermissionsBoundaryCommand,
  DeleteUserPermissionsBoundaryCommand,
  DetachGroupPolicyCommand,
  DetachRolePolicyCommand,
  DetachUserPolicyCommand,
  GetPolicyCommand,
  GetRoleCommand,
  GetUserCommand,
  type IAMClient,
  ListAttachedGroupPoliciesCommand,
  ListAttachedRolePoliciesCommand,
  ListAttachedUserPoliciesCommand,
  PutRolePermissionsBoundaryCommand,
  PutUserPermissionsBoundaryCommand,
} from '@aws-sdk/client-iam';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  allow,
  type IdentityServer,
  limitExceeded,
  newAccount,
  noSuchEntity,
  policyText,
  refused,
  serviceTrust,
  startIdentityServer,
  validationError,
} from './identityServer.ts';

let server: IdentityServer;
let account: string;
let iam: IAMClient;
let own: string;
beforeAll(async () => {
  server = await startIdentityServer();
});
beforeEach(async () => {
  account = newAccount();
  iam = server.iamClient(account);
  await iam.send(new CreateUserCommand({ UserName: 'x' }));
  await iam.send(new CreateGroupCommand({ GroupName: 'x' }));
  await iam.send(new CreateRoleCommand({ RoleName: 'x', AssumeRolePolicyDocument: serviceTrust }));
  own = `arn:aws:iam::${account}:policy/path/own`;
  const PolicyDocument = policyText(allow('sqs:*'));
  await iam.send(new CreatePolicyCommand({ PolicyName: 'own', Path: '/path/', PolicyDocument }));
});
afterAll(() => server.close());

const aws = 'arn:aws:iam::aws:policy/AmazonSNSFullAccess';

interface Kind {
  readonly kind: string;
  readonly quota: string;
  readonly attach: (arn: string, name?: string) => Promise<unknown>;
  readonly detach: (arn: string) => Promise<unknown>;
  readonly list: (
    more?: object,
  ) => Promise<{ AttachedPolicies?: { PolicyName?: string | undefined }[] | undefined; Marker?: string | undefined }>;
}

const kinds: readonly Kind[] = [
  {
    ...{ kind: 'user', quota: 'PoliciesPerUser' },
    attach: (PolicyArn, UserName = 'x') => iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn })),
    detach: (PolicyArn) => iam.send(new DetachUserPolicyCommand({ UserName: 'x', PolicyArn })),
    list: (more) => iam.send(new ListAttachedUserPoliciesCommand({ UserName: 'x', ...more })),
  },
  {
    ...{ kind: 'group', quota: 'PoliciesPerGroup' },
    attach: (PolicyArn, GroupName = 'x') => iam.send(new AttachGroupPolicyCommand({ GroupName, PolicyArn })),
    detach: (PolicyArn) => iam.send(new DetachGroupPolicyCommand({ GroupName: 'x', PolicyArn })),
    list: (more) => iam.send(new ListAttachedGroupPoliciesCommand({ GroupName: 'x', ...more })),
  },
  {
    ...{ kind: 'role', quota: 'PoliciesPerRole' },
    attach: (PolicyArn, RoleName = 'x') => iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn })),
    detach: (PolicyArn) => iam.send(new DetachRolePolicyCommand({ RoleName: 'x', PolicyArn })),
    list: (more) => iam.send(new ListAttachedRolePoliciesCommand({ RoleName: 'x', ...more })),
  },
];

describe.each(kinds)('managed policies of a $kind', ({ kind, quota, attach, detach, list }) => {
  it('are attached, listed and detached [aws: user managed policy lifecycle]', async () => {
    expect((await list()).AttachedPolicies).toEqual([]);
    // Twice is once.
    for (const arn of [own, aws, own]) await attach(arn);
    expect((await list()).AttachedPolicies).toEqual(
      expect.arrayContaining([
        { PolicyArn: own, PolicyName: 'own' },
        { PolicyArn: aws, PolicyName: 'AmazonSNSFullAccess' },
      ]),
    );
    const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn: own }));
    expect(Policy?.AttachmentCount).toBe(1);
    expect((await list({ PathPrefix: '/path/' })).AttachedPolicies).toEqual([{ PolicyArn: own, PolicyName: 'own' }]);
    const first = await list({ MaxItems: 1 });
    const second = await list({ Marker: first.Marker });
    expect([...(first.AttachedPolicies ?? []), ...(second.AttachedPolicies ?? [])]).toHaveLength(2);
    await detach(own);
    expect((await list()).AttachedPolicies).toEqual([{ PolicyArn: aws, PolicyName: 'AmazonSNSFullAccess' }]);
  });

  it('refuse what is not there [aws: role managed policy errors]', async () => {
    const nothing = `arn:aws:iam::${account}:policy/nonexistent`;
    await refused(attach(nothing), noSuchEntity(`Policy ${nothing} does not exist or is not attachable.`));
    await refused(detach(own), noSuchEntity(`Policy ${own} was not found.`));
    await refused(attach('longpolicynamebutnoarn'), validationError('ARN longpolicynamebutnoarn is not valid.'));
    await refused(attach(own, 'nobody'), noSuchEntity(`The ${kind} with name nobody cannot be found.`));
  });

  it('are ten at most [facts: IAM quotas]', async () => {
    const PolicyDocument = policyText(allow('sqs:*'));
    for (let index = 0; index < 10; index++) {
      const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName: `p${index}`, PolicyDocument }));
      await attach(Policy?.Arn ?? '');
    }
    await refused(attach(own), limitExceeded(`Cannot exceed quota for ${quota}: 10`));
  });
});

describe('permissions boundaries', () => {
  const shown = async () => {
    const { User } = await iam.send(new GetUserCommand({ UserName: 'x' }));
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: 'x' }));
    return [User?.PermissionsBoundary, Role?.PermissionsBoundary];
  };

  it('are set and taken away [model: PutUserPermissionsBoundary]', async () => {
    await iam.send(new PutUserPermissionsBoundaryCommand({ UserName: 'x', PermissionsBoundary: own }));
    await iam.send(new PutRolePermissionsBoundaryCommand({ RoleName: 'x', PermissionsBoundary: aws }));
    const boundary = (PermissionsBoundaryArn: string) => ({
      PermissionsBoundaryType: 'Policy',
      PermissionsBoundaryArn,
    });
    expect(await shown()).toEqual([boundary(own), boundary(aws)]);
    await iam.send(new DeleteUserPermissionsBoundaryCommand({ UserName: 'x' }));
    await iam.send(new DeleteRolePermissionsBoundaryCommand({ RoleName: 'x' }));
    expect(await shown()).toEqual([undefined, undefined]);
  });

  it('refuse what is not there [model: PutRolePermissionsBoundary]', async () => {
    const PermissionsBoundary = `arn:aws:iam::${account}:policy/nonexistent`;
    const refusal = noSuchEntity(`Scope ARN: ${PermissionsBoundary} does not exist or is not attachable.`);
    await refused(iam.send(new PutUserPermissionsBoundaryCommand({ UserName: 'x', PermissionsBoundary })), refusal);
    await refused(iam.send(new PutRolePermissionsBoundaryCommand({ RoleName: 'x', PermissionsBoundary })), refusal);
  });
});
