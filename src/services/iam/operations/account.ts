import type { GroupDetail, ManagedPolicyDetail, RoleDetail, UserDetail } from '#aws/generated/iam';
import type { Account } from '../accounts.ts';
import { awsPolicies } from '../awsPolicies.ts';
import { shownDocument } from '../documents.ts';
import { entityAlreadyExists, noSuchEntity } from '../errors.ts';
import * as limits from '../limits.ts';
import { type Paged, pageEnd, pageOf } from '../paging.ts';
import type { GroupRecord, HolderRecord, LastUsedRecord, PolicyRecord, RoleRecord, UserRecord } from '../records.ts';
import type { IamTable } from '../service.ts';
import {
  listedPolicy,
  listedUser,
  listedVersion,
  policyArn,
  shownAttached,
  shownGroup,
  shownRole,
  shownUser,
  type Usage,
  usages,
} from '../views.ts';

/** What is about the whole account. */
export const accountOperations = {
  GetAccountSummary: (_, { account }) => ({ SummaryMap: summaryOf(account) }),

  GetAccountAuthorizationDetails: async ({ Filter, ...paging }, { account, iam }) => {
    const page = pageOf(details(account, Filter), ({ key }) => key, paging as Paged);
    const roles = page.items.flatMap((item) => (item.kind === 'Role' ? [item.record] : []));
    const lastUsed = await Promise.all(roles.map(({ id }) => iam.lastUsed.get(`role/${id}`)));
    const used = usages(account);
    return {
      UserDetailList: page.items.flatMap((item) => (item.kind === 'User' ? [userDetail(account, item.record)] : [])),
      GroupDetailList: page.items.flatMap((item) => (item.kind === 'Group' ? [groupDetail(account, item.record)] : [])),
      RoleDetailList: roles.map((role, index) => roleDetail(account, role, lastUsed[index])),
      Policies: page.items.flatMap((item) =>
        item.kind === 'Policy' ? [policyDetail(account, item.record, used)] : [],
      ),
      ...pageEnd(page),
    };
  },

  CreateAccountAlias: ({ AccountAlias }, { account }) => {
    if (account.record.alias === AccountAlias) {
      throw entityAlreadyExists(`The account alias ${AccountAlias} already exists.`);
    }
    // An account has one alias at most; another takes its place.
    return account.commit(account.putRecord({ ...account.record, alias: AccountAlias }));
  },
  ListAccountAliases: (_, { account: { record } }) => ({
    AccountAliases: record.alias === undefined ? [] : [record.alias],
    IsTruncated: false,
  }),
  DeleteAccountAlias: ({ AccountAlias }, { account }) => {
    const { alias, ...record } = account.record;
    if (alias !== AccountAlias) throw noSuchEntity(`The account alias ${AccountAlias} cannot be found.`);
    return account.commit(account.putRecord(record));
  },
} satisfies IamTable;

/** Counts and quotas; what can't be made here is 0. */
function summaryOf(account: Account): { readonly [key: string]: number } {
  const versions = [...account.policies.values()].reduce((sum, policy) => sum + policy.versions.length, 0);
  return {
    ...{ Users: account.users.size, UsersQuota: limits.usersPerAccount },
    ...{ Groups: account.groups.size, GroupsQuota: limits.groupsPerAccount },
    ...{ Roles: account.roles.size, RolesQuota: limits.rolesPerAccount },
    ...{ Policies: account.policies.size, PoliciesQuota: limits.policiesPerAccount },
    ...{ PolicyVersionsInUse: versions, PolicyVersionsInUseQuota: 10_000 },
    ...{ VersionsPerPolicyQuota: limits.versionsPerPolicy, PolicySizeQuota: limits.managedPolicyCharacters },
    ...{ AccessKeysPerUserQuota: limits.accessKeysPerUser, GroupsPerUserQuota: limits.groupsPerUser },
    AttachedPoliciesPerUserQuota: limits.policiesPerEntity,
    AttachedPoliciesPerGroupQuota: limits.policiesPerEntity,
    AttachedPoliciesPerRoleQuota: limits.policiesPerEntity,
    UserPolicySizeQuota: limits.inlinePolicyCharacters.user,
    GroupPolicySizeQuota: limits.inlinePolicyCharacters.group,
    RolePolicySizeQuota: limits.inlinePolicyCharacters.role,
    AssumeRolePolicySizeQuota: limits.trustPolicyCharacters,
    AccountAccessKeysPresent: account.record.accessKeys.length > 0 ? 1 : 0,
    ...{ AccountMFAEnabled: 0, AccountPasswordPresent: 0, AccountSigningCertificatesPresent: 0 },
    ...{ MFADevices: 0, MFADevicesInUse: 0, Providers: 0, GlobalEndpointTokenVersion: 2 },
    ...{ InstanceProfiles: 0, InstanceProfilesQuota: 0, ServerCertificates: 0, ServerCertificatesQuota: 0 },
    SigningCertificatesPerUserQuota: 0,
  };
}

type Detail =
  | { readonly key: string; readonly kind: 'User'; readonly record: UserRecord }
  | { readonly key: string; readonly kind: 'Group'; readonly record: GroupRecord }
  | { readonly key: string; readonly kind: 'Role'; readonly record: RoleRecord }
  | { readonly key: string; readonly kind: 'Policy'; readonly record: PolicyRecord };

/** Of AWS's policies those that are attached, as AWS gives them. */
function details(account: Account, filter: readonly string[] | undefined): Detail[] {
  const wants = (kind: string) => filter === undefined || filter.length === 0 || filter.includes(kind);
  const used = usages(account);
  const aws = [...awsPolicies].filter(([arn]) => used.has(arn)).map(([, policy]) => policy);
  const found: Detail[] = [];
  const add = <Kind extends Detail['kind']>(
    kind: Kind,
    records: readonly Extract<Detail, { kind: Kind }>['record'][],
  ) => {
    for (const record of records)
      found.push({ key: `${kind} ${record.name.toLowerCase()} ${record.id}`, kind, record } as Detail);
  };
  if (wants('User')) add('User', account.users.sorted());
  if (wants('Group')) add('Group', account.groups.sorted());
  if (wants('Role')) add('Role', account.roles.sorted());
  if (wants('LocalManagedPolicy')) add('Policy', account.policies.sorted());
  if (wants('AWSManagedPolicy')) add('Policy', aws);
  return found.sort((one, other) => (one.key < other.key ? -1 : 1));
}

function inlineOf({ inline }: HolderRecord) {
  return Object.entries(inline).map(([PolicyName, text]) => ({ PolicyName, PolicyDocument: shownDocument(text) }));
}

function userDetail(account: Account, user: UserRecord): UserDetail {
  const { PermissionsBoundary, Tags = [] } = shownUser(account, user);
  return {
    ...listedUser(account, user),
    ...{ UserPolicyList: inlineOf(user), AttachedManagedPolicies: shownAttached(account, user), Tags },
    GroupList: account.groupsOf(user).map(({ name }) => name),
    ...(PermissionsBoundary !== undefined && { PermissionsBoundary }),
  };
}

function groupDetail(account: Account, group: GroupRecord): GroupDetail {
  const attached = shownAttached(account, group);
  return { ...shownGroup(account, group), GroupPolicyList: inlineOf(group), AttachedManagedPolicies: attached };
}

function roleDetail(account: Account, role: RoleRecord, lastUsed: LastUsedRecord | undefined): RoleDetail {
  const { Description: _, MaxSessionDuration: __, Tags = [], ...shown } = shownRole(account, role, lastUsed);
  return {
    ...shown,
    ...{ Tags, InstanceProfileList: [], RolePolicyList: inlineOf(role) },
    AttachedManagedPolicies: shownAttached(account, role),
  };
}

function policyDetail(account: Account, policy: PolicyRecord, used: ReadonlyMap<string, Usage>): ManagedPolicyDetail {
  return {
    ...listedPolicy(account, policy, used.get(policyArn(account, policy))),
    ...(policy.description !== undefined && { Description: policy.description }),
    PolicyVersionList: policy.versions.map((version) => ({
      ...listedVersion(policy, version),
      Document: shownDocument(version.document),
    })),
  };
}
