import {
  AddUserToGroupCommand,
  AttachRolePolicyCommand,
  CreateAccountAliasCommand,
  CreateGroupCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteAccountAliasCommand,
  GetAccountAuthorizationDetailsCommand,
  GetAccountSummaryCommand,
  type IAMClient,
  ListAccountAliasesCommand,
  PutGroupPolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  allow,
  alreadyExists,
  type IdentityServer,
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
beforeEach(() => {
  iam = server.iamClient(newAccount());
});
afterAll(() => server.close());

const document = policyText(allow('sqs:*'));
const aws = 'arn:aws:iam::aws:policy/AmazonSQSFullAccess';

async function furnish(): Promise<void> {
  await iam.send(new CreateUserCommand({ UserName: 'alice', Tags: [{ Key: 'k', Value: 'v' }] }));
  await iam.send(new PutUserPolicyCommand({ UserName: 'alice', PolicyName: 'inline', PolicyDocument: document }));
  await iam.send(new CreateGroupCommand({ GroupName: 'Admins' }));
  await iam.send(new PutGroupPolicyCommand({ GroupName: 'Admins', PolicyName: 'inline', PolicyDocument: document }));
  await iam.send(new AddUserToGroupCommand({ GroupName: 'Admins', UserName: 'alice' }));
  await iam.send(new CreateRoleCommand({ RoleName: 'worker', AssumeRolePolicyDocument: serviceTrust }));
  await iam.send(new AttachRolePolicyCommand({ RoleName: 'worker', PolicyArn: aws }));
  await iam.send(new CreatePolicyCommand({ PolicyName: 'reader', PolicyDocument: document }));
}

describe('GetAccountSummary', () => {
  it('counts [model: GetAccountSummary]', async () => {
    await furnish();
    const { SummaryMap } = await iam.send(new GetAccountSummaryCommand({}));
    expect(SummaryMap).toMatchObject({
      ...{ Users: 1, Groups: 1, Roles: 1, Policies: 1, PolicyVersionsInUse: 1, UsersQuota: 5000, MFADevices: 0 },
      ...{ AccessKeysPerUserQuota: 2, VersionsPerPolicyQuota: 5, PolicySizeQuota: 6144, AccountAccessKeysPresent: 0 },
    });
  });
});

describe('GetAccountAuthorizationDetails', () => {
  it('tells everything [model: GetAccountAuthorizationDetails]', async () => {
    await furnish();
    const details = await iam.send(new GetAccountAuthorizationDetailsCommand({}));

    const encoded = [{ PolicyName: 'inline', PolicyDocument: expect.stringMatching(/^%7B/) }];
    expect(details.UserDetailList).toMatchObject([
      { UserName: 'alice', GroupList: ['Admins'], UserPolicyList: encoded, Tags: [{ Key: 'k', Value: 'v' }] },
    ]);
    expect(details.GroupDetailList).toMatchObject([{ GroupName: 'Admins', GroupPolicyList: encoded }]);
    expect(details.RoleDetailList).toMatchObject([
      { RoleName: 'worker', AttachedManagedPolicies: [{ PolicyArn: aws, PolicyName: 'AmazonSQSFullAccess' }] },
    ]);
    expect(details.Policies?.map(({ PolicyName }) => PolicyName)).toEqual(['AmazonSQSFullAccess', 'reader']);
    expect(details.Policies?.[1]?.PolicyVersionList).toMatchObject([{ VersionId: 'v1', IsDefaultVersion: true }]);
  });

  it('gives pages and kinds [model: GetAccountAuthorizationDetailsRequest.Filter]', async () => {
    await furnish();
    const roles = await iam.send(new GetAccountAuthorizationDetailsCommand({ Filter: ['Role'] }));
    expect(roles).toMatchObject({ UserDetailList: [], GroupDetailList: [], Policies: [], IsTruncated: false });
    let Marker: string | undefined;
    let found = 0;
    do {
      const page = await iam.send(new GetAccountAuthorizationDetailsCommand({ MaxItems: 1, Marker }));
      const { UserDetailList = [], GroupDetailList = [], RoleDetailList = [], Policies = [] } = page;
      found += UserDetailList.length + GroupDetailList.length + RoleDetailList.length + Policies.length;
      Marker = page.Marker;
    } while (Marker !== undefined);
    expect(found).toBe(5);
  });
});

describe('the alias of an account', () => {
  it('is made, listed and deleted [aws: account alias lifecycle]', async () => {
    const aliases = async () => (await iam.send(new ListAccountAliasesCommand({}))).AccountAliases;
    expect(await aliases()).toEqual([]);
    const AccountAlias = 'my-company';
    await iam.send(new CreateAccountAliasCommand({ AccountAlias }));
    await refused(
      iam.send(new CreateAccountAliasCommand({ AccountAlias })),
      alreadyExists('The account alias my-company already exists.'),
    );
    expect(await aliases()).toEqual([AccountAlias]);
    await iam.send(new DeleteAccountAliasCommand({ AccountAlias }));
    await refused(
      iam.send(new DeleteAccountAliasCommand({ AccountAlias })),
      noSuchEntity('The account alias my-company cannot be found.'),
    );
    expect(await aliases()).toEqual([]);
  });
});
