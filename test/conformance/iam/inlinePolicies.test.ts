import {
  CreateGroupCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteGroupPolicyCommand,
  DeleteRolePolicyCommand,
  DeleteUserPolicyCommand,
  GetGroupPolicyCommand,
  GetRolePolicyCommand,
  GetUserPolicyCommand,
  type IAMClient,
  ListGroupPoliciesCommand,
  ListRolePoliciesCommand,
  ListUserPoliciesCommand,
  PutGroupPolicyCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  allow,
  type IdentityServer,
  limitExceeded,
  malformedPolicy,
  newAccount,
  noSuchEntity,
  policyText,
  refused,
  serviceTrust,
  startIdentityServer,
} from './identityServer.ts';

let server: IdentityServer;
let iam: IAMClient;
beforeAll(async () => {
  server = await startIdentityServer();
});
beforeEach(async () => {
  iam = server.iamClient(newAccount());
  await iam.send(new CreateUserCommand({ UserName: 'x' }));
  await iam.send(new CreateGroupCommand({ GroupName: 'x' }));
  await iam.send(new CreateRoleCommand({ RoleName: 'x', AssumeRolePolicyDocument: serviceTrust }));
});
afterAll(() => server.close());

const kinds = [
  {
    ...{ kind: 'user', limit: 2048 },
    put: (PolicyName: string, PolicyDocument: string, UserName = 'x') =>
      iam.send(new PutUserPolicyCommand({ UserName, PolicyName, PolicyDocument })),
    get: (PolicyName: string) => iam.send(new GetUserPolicyCommand({ UserName: 'x', PolicyName })),
    remove: (PolicyName: string) => iam.send(new DeleteUserPolicyCommand({ UserName: 'x', PolicyName })),
    list: (more: object = {}) => iam.send(new ListUserPoliciesCommand({ UserName: 'x', ...more })),
  },
  {
    ...{ kind: 'group', limit: 5120 },
    put: (PolicyName: string, PolicyDocument: string, GroupName = 'x') =>
      iam.send(new PutGroupPolicyCommand({ GroupName, PolicyName, PolicyDocument })),
    get: (PolicyName: string) => iam.send(new GetGroupPolicyCommand({ GroupName: 'x', PolicyName })),
    remove: (PolicyName: string) => iam.send(new DeleteGroupPolicyCommand({ GroupName: 'x', PolicyName })),
    list: (more: object = {}) => iam.send(new ListGroupPoliciesCommand({ GroupName: 'x', ...more })),
  },
  {
    ...{ kind: 'role', limit: 10240 },
    put: (PolicyName: string, PolicyDocument: string, RoleName = 'x') =>
      iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument })),
    get: (PolicyName: string) => iam.send(new GetRolePolicyCommand({ RoleName: 'x', PolicyName })),
    remove: (PolicyName: string) => iam.send(new DeleteRolePolicyCommand({ RoleName: 'x', PolicyName })),
    list: (more: object = {}) => iam.send(new ListRolePoliciesCommand({ RoleName: 'x', ...more })),
  },
] as const;

describe.each(kinds)('inline policies of a $kind', ({ kind, limit, put, get, remove, list }) => {
  it('are put, replaced, listed and deleted [aws: role inline policy lifecycle]', async () => {
    expect((await list()).PolicyNames).toEqual([]);
    await put('b', policyText(allow('sqs:*')));
    await put('a', policyText(allow('sns:*')));
    const replaced = policyText(allow('sqs:SendMessage', 'arn:aws:sqs:*:*:a b'));
    await put('b', replaced);
    expect((await list()).PolicyNames).toEqual(['a', 'b']);
    expect((await list({ MaxItems: 1 })).IsTruncated).toBe(true);
    const { PolicyDocument = '', PolicyName } = await get('b');
    expect(PolicyName).toBe('b');
    expect(PolicyDocument).toMatch(/^[\w.~%-]+$/);
    expect(decodeURIComponent(PolicyDocument)).toBe(replaced);
    await remove('b');
    expect((await list()).PolicyNames).toEqual(['a']);
    const missing = noSuchEntity(`The ${kind} policy with name b cannot be found.`);
    await refused(get('b'), missing);
    await refused(remove('b'), missing);
  });

  it('may have names that objects have [posthorn: names]', async () => {
    await refused(get('__proto__'), noSuchEntity(`The ${kind} policy with name __proto__ cannot be found.`));
    await put('__proto__', policyText(allow('sqs:*')));
    expect((await list()).PolicyNames).toEqual(['__proto__']);
    await remove('__proto__');
    expect((await list()).PolicyNames).toEqual([]);
  });

  it('refuse what is no policy, and holders that there are not [model: MalformedPolicyDocument]', async () => {
    await refused(put('p', '{"Version":"2012-10-17"}'), malformedPolicy(/./));
    const nobody = put('p', policyText(allow('sqs:*')), 'nobody');
    await refused(nobody, noSuchEntity(`The ${kind} with name nobody cannot be found.`));
  });

  it('have a size together [facts: IAM quotas]', async () => {
    const text = (length: number) => {
      const empty = policyText(allow('sqs:*', ['arn:aws:sqs:*:*:']));
      return policyText(allow('sqs:*', [`arn:aws:sqs:*:*:${'x'.repeat(length - empty.length)}`]));
    };
    await put('a', text(limit / 2));
    await put('b', text(limit / 2));
    const refusal = limitExceeded(`Maximum policy size of ${limit} bytes exceeded for ${kind} x`);
    await refused(put('b', text(limit / 2 + 1)), refusal);
  });
});
