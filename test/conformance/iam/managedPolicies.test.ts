import {
  AttachUserPolicyCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  DetachUserPolicyCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  type IAMClient,
  ListEntitiesForPolicyCommand,
  ListPoliciesCommand,
  ListPolicyVersionsCommand,
  SetDefaultPolicyVersionCommand,
} from '@aws-sdk/client-iam';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  accessDenied,
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
  validationError,
} from './identityServer.ts';

let server: IdentityServer;
let account: string;
let iam: IAMClient;
let PolicyArn: string;
beforeAll(async () => {
  server = await startIdentityServer();
});
beforeEach(() => {
  account = newAccount();
  iam = server.iamClient(account);
  PolicyArn = `arn:aws:iam::${account}:policy/reader`;
});
afterAll(() => server.close());

const PolicyDocument = policyText(allow('sqs:ReceiveMessage', 'arn:aws:sqs:*:*:queue (1)'));
const create = (more: object = {}) =>
  iam.send(new CreatePolicyCommand({ PolicyName: 'reader', PolicyDocument, ...more }));
const addVersion = (SetAsDefault = false, text = PolicyDocument) =>
  iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: text, SetAsDefault }));
const versions = async () => {
  const { Versions = [] } = await iam.send(new ListPolicyVersionsCommand({ PolicyArn }));
  return Versions.map(({ VersionId, IsDefaultVersion }) => `${VersionId}${IsDefaultVersion ? ' default' : ''}`);
};

describe('CreatePolicy', () => {
  it('makes a policy, which GetPolicy tells more about [aws: policy lifecycle]', async () => {
    const { Policy } = await create({ Path: '/test/path/', Description: 'reads' });
    const Arn = `arn:aws:iam::${account}:policy/test/path/reader`;
    expect(Policy).toEqual({
      ...{ Arn, PolicyName: 'reader', Path: '/test/path/', DefaultVersionId: 'v1', IsAttachable: true },
      ...{
        AttachmentCount: 0,
        PermissionsBoundaryUsageCount: 0,
        PolicyId: expect.stringMatching(/^ANPA[A-Z2-7]{17}$/),
      },
      ...{ CreateDate: expect.any(Date), UpdateDate: expect.any(Date) },
    });
    const shown = await iam.send(new GetPolicyCommand({ PolicyArn: Arn }));
    expect(shown.Policy).toEqual({ ...Policy, Description: 'reads', Tags: [] });
  });

  it('refuses the name of another, under another path, too [aws: policy errors]', async () => {
    await create();
    const text = 'A policy called reader already exists. Duplicate names are not allowed.';
    await refused(create({ Path: '/other/' }), alreadyExists(text));
  });

  it('refuses what is no policy [aws: malformed policies]', async () => {
    const principal = policyText({ ...allow('sqs:*'), Principal: '*' });
    await refused(create({ PolicyDocument: '{' }), malformedPolicy(/./));
    const text = 'Policy document should not specify a principal.';
    await refused(create({ PolicyDocument: principal }), malformedPolicy(text));
  });

  it('counts 6,144 characters, white space not among them [facts: IAM quotas]', async () => {
    const resources = (count: number) => Array.from({ length: count }, (_, index) => `arn:aws:sqs:*:*:q${index}`);
    const text = (count: number) => JSON.stringify(JSON.parse(policyText(allow('sqs:*', resources(count)))), null, 8);
    await create({ PolicyDocument: text(250) });
    const call = create({ PolicyName: 'other', PolicyDocument: text(400) });
    await refused(call, limitExceeded('Cannot exceed quota for PolicySize: 6144'));
  });
});

describe('GetPolicy', () => {
  it('refuses what is not there, and what is no ARN [aws: policy errors]', async () => {
    const get = (arn: string) => iam.send(new GetPolicyCommand({ PolicyArn: arn }));
    await refused(get(PolicyArn), noSuchEntity(`Policy ${PolicyArn} was not found.`));
    await refused(get('longpolicynamebutnoarn'), validationError('ARN longpolicynamebutnoarn is not valid.'));
    await create();
    const elsewhere = `arn:aws:iam::${account}:policy/path/reader`;
    await refused(get(elsewhere), noSuchEntity(`Policy ${elsewhere} was not found.`));
  });

  it('knows policies of AWS [aws: get aws managed policy]', async () => {
    const arn = 'arn:aws:iam::aws:policy/AmazonSQSFullAccess';
    const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn: arn }));
    expect(Policy).toMatchObject({ Arn: arn, PolicyId: 'ANPAI65L554VRJ33ECQS6', DefaultVersionId: 'v1' });
    const { PolicyVersion } = await iam.send(new GetPolicyVersionCommand({ PolicyArn: arn, VersionId: 'v1' }));
    expect(JSON.parse(decodeURIComponent(PolicyVersion?.Document ?? '')).Statement[0].Action).toEqual(['sqs:*']);
    const remove = iam.send(new DeletePolicyCommand({ PolicyArn: arn }));
    await refused(remove, accessDenied(/is not authorized to perform: iam:DeletePolicy on resource: policy arn:aws/));
  });
});

describe('versions', () => {
  it('are listed newest first, and one is the default [aws: policy version set default]', async () => {
    await create();
    const other = policyText(allow('sqs:*'));
    const { PolicyVersion } = await addVersion(true, other);
    expect(PolicyVersion).toEqual({ VersionId: 'v2', IsDefaultVersion: true, CreateDate: expect.any(Date) });
    await addVersion();
    expect(await versions()).toEqual(['v3', 'v2 default', 'v1']);
    await iam.send(new SetDefaultPolicyVersionCommand({ PolicyArn, VersionId: 'v1' }));
    expect(await versions()).toEqual(['v3', 'v2', 'v1 default']);
    const second = await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId: 'v2' }));
    expect(decodeURIComponent(second.PolicyVersion?.Document ?? '')).toBe(other);
    expect((await iam.send(new GetPolicyCommand({ PolicyArn }))).Policy?.DefaultVersionId).toBe('v1');
  });

  it('are written in the encoding of URLs [aws: user inline policy encoding]', async () => {
    await create();
    const { PolicyVersion } = await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId: 'v1' }));
    expect(PolicyVersion?.Document).toMatch(/^[\w.~%-]+$/);
    expect(decodeURIComponent(PolicyVersion?.Document ?? '')).toBe(PolicyDocument);
  });

  it('are five at most, and numbers are not used again [aws: policy version limit]', async () => {
    await create();
    for (let index = 0; index < 4; index++) await addVersion();
    const text =
      'A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.';
    await refused(addVersion(), limitExceeded(text));
    await iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId: 'v3' }));
    expect((await addVersion()).PolicyVersion?.VersionId).toBe('v6');
    expect(await versions()).toEqual(['v6', 'v5', 'v4', 'v2', 'v1 default']);
  });

  it('refuse what is not there, and to delete the default [aws: policy version errors]', async () => {
    await create();
    const missing = (arn: string, version: string) =>
      noSuchEntity(`Policy ${arn} version ${version} does not exist or is not attachable.`);
    const nothing = `arn:aws:iam::${account}:policy/Nothing`;
    const get = (arn: string, VersionId: string) =>
      iam.send(new GetPolicyVersionCommand({ PolicyArn: arn, VersionId }));
    await refused(get(nothing, 'v1'), missing(nothing, 'v1'));
    await refused(get(PolicyArn, 'v9'), missing(PolicyArn, 'v9'));
    const remove = (VersionId: string) => iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId }));
    await refused(remove('v9'), missing(PolicyArn, 'v9'));
    await refused(remove('v1'), deleteConflict('Cannot delete the default version of a policy.'));
    const setDefault = iam.send(new SetDefaultPolicyVersionCommand({ PolicyArn, VersionId: 'v4' }));
    await refused(setDefault, missing(PolicyArn, 'v4'));
    await refused(get(PolicyArn, '1'), validationError(/at 'versionId' failed to satisfy constraint/));
  });
});

describe('DeletePolicy', () => {
  it('wants it detached and without other versions [model: DeletePolicy]', async () => {
    await create();
    await iam.send(new CreateUserCommand({ UserName: 'alice' }));
    await iam.send(new AttachUserPolicyCommand({ UserName: 'alice', PolicyArn }));
    await addVersion();
    const remove = () => iam.send(new DeletePolicyCommand({ PolicyArn }));
    await refused(remove(), deleteConflict('Cannot delete a policy attached to entities.'));
    await iam.send(new DetachUserPolicyCommand({ UserName: 'alice', PolicyArn }));
    const text =
      "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.";
    await refused(remove(), deleteConflict(text));
    await iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId: 'v2' }));
    await remove();
    await refused(remove(), noSuchEntity(`Policy ${PolicyArn} was not found.`));
  });
});

describe('ListPolicies', () => {
  const names = async (input: object) =>
    (await iam.send(new ListPoliciesCommand(input))).Policies?.map(({ PolicyName }) => PolicyName);

  it('gives those of a scope, a path, and a use [model: ListPoliciesRequest]', async () => {
    await create();
    await create({ PolicyName: 'writer', Path: '/writers/' });
    expect(await names({ Scope: 'Local' })).toEqual(['reader', 'writer']);
    expect(await names({ Scope: 'Local', PathPrefix: '/writers/' })).toEqual(['writer']);
    expect(await names({ Scope: 'AWS' })).toContain('AdministratorAccess');
    expect(await names({})).toEqual(expect.arrayContaining(['reader', 'AmazonSNSFullAccess']));
    await iam.send(new CreateUserCommand({ UserName: 'alice', PermissionsBoundary: PolicyArn }));
    const writer = `arn:aws:iam::${account}:policy/writers/writer`;
    await iam.send(new AttachUserPolicyCommand({ UserName: 'alice', PolicyArn: writer }));
    expect(await names({ OnlyAttached: true })).toEqual(['writer']);
    expect(await names({ PolicyUsageFilter: 'PermissionsBoundary' })).toEqual(['reader']);
    const { Policies = [] } = await iam.send(new ListPoliciesCommand({ Scope: 'Local' }));
    expect(Policies).toMatchObject([
      { AttachmentCount: 0, PermissionsBoundaryUsageCount: 1 },
      { AttachmentCount: 1, PermissionsBoundaryUsageCount: 0 },
    ]);
  });

  it('gives pages that together are all, each once [model: ListPoliciesResponse]', async () => {
    // The name of one of AWS's.
    await create({ PolicyName: 'AmazonSQSFullAccess' });
    const found: string[] = [];
    let Marker: string | undefined;
    do {
      const page = await iam.send(new ListPoliciesCommand({ MaxItems: 2, Marker }));
      found.push(...(page.Policies ?? []).map(({ Arn = '' }) => Arn));
      Marker = page.Marker;
    } while (Marker !== undefined);
    const { Policies = [] } = await iam.send(new ListPoliciesCommand({}));
    expect(found).toEqual(Policies.map(({ Arn }) => Arn));
    expect(new Set(found).size).toBe(found.length);
  });
});

describe('ListEntitiesForPolicy', () => {
  it('tells who has it, and how [model: ListEntitiesForPolicy]', async () => {
    await create();
    await iam.send(new CreateUserCommand({ UserName: 'alice' }));
    await iam.send(new AttachUserPolicyCommand({ UserName: 'alice', PolicyArn }));
    const role = { RoleName: 'worker', AssumeRolePolicyDocument: serviceTrust, PermissionsBoundary: PolicyArn };
    await iam.send(new CreateRoleCommand(role));
    const entities = (more: object = {}) => iam.send(new ListEntitiesForPolicyCommand({ PolicyArn, ...more }));
    const named = { UserName: 'alice', UserId: expect.stringMatching(/^AIDA/) };
    const all = await entities();
    expect(all).toMatchObject({ PolicyUsers: [named], PolicyRoles: [{ RoleName: 'worker' }], PolicyGroups: [] });
    expect((await entities({ EntityFilter: 'Role' })).PolicyUsers).toEqual([]);
    const usage = await entities({ PolicyUsageFilter: 'PermissionsPolicy' });
    expect(usage).toMatchObject({ PolicyUsers: [named], PolicyRoles: [] });
    const first = await entities({ MaxItems: 1 });
    expect(first).toMatchObject({ IsTruncated: true, PolicyRoles: [{ RoleName: 'worker' }], PolicyUsers: [] });
    expect((await entities({ Marker: first.Marker })).PolicyUsers).toEqual([named]);
  });
});
