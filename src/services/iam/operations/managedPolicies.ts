import { newEntityId } from '#access';
import type { Account } from '../accounts.ts';
import { awsPolicies } from '../awsPolicies.ts';
import { characterCount, checkPolicy, shownDocument } from '../documents.ts';
import { deleteConflict, entityAlreadyExists, limitExceeded, notAttachable, quotaExceeded } from '../errors.ts';
import { managedPolicyCharacters, policiesPerAccount, versionsPerPolicy } from '../limits.ts';
import { checkName, checkPath } from '../names.ts';
import { nameKey, pageEnd, pageOf } from '../paging.ts';
import { findOwnPolicy, findPolicy, refuseAws } from '../policies.ts';
import type { PolicyRecord, PolicyVersionRecord } from '../records.ts';
import type { IamTable } from '../service.ts';
import { shownTags, withTags } from '../tags.ts';
import { listedPolicy, listedVersion, policyArn, usageOf, usages } from '../views.ts';

/** Managed policies and their versions. */
export const managedPolicyOperations = {
  CreatePolicy: async ({ PolicyName, Path = '/', PolicyDocument, Description, Tags }, { account, now }) => {
    checkName('policyName', PolicyName);
    checkPath(Path);
    checkDocument(PolicyDocument);
    if (account.policies.has(PolicyName)) {
      throw entityAlreadyExists(`A policy called ${PolicyName} already exists. Duplicate names are not allowed.`);
    }
    if (account.policies.size >= policiesPerAccount) throw quotaExceeded('PoliciesPerAccount', policiesPerAccount);
    const policy: PolicyRecord = {
      ...{ name: PolicyName, path: Path, id: newEntityId('ANPA'), createdAt: now, updatedAt: now },
      ...{ defaultVersionId: 'v1', nextVersion: 2 },
      versions: [{ versionId: 'v1', document: PolicyDocument, createdAt: now }],
      tags: withTags({}, Tags, 'sensitive'),
      ...(Description !== undefined && { description: Description }),
    };
    await account.commit(account.policies.put(policy));
    const created = listedPolicy(account, policy, undefined);
    return { Policy: Tags === undefined ? created : { ...created, Tags: shownTags(policy.tags) } };
  },

  GetPolicy: ({ PolicyArn }, { account }) => {
    const policy = findPolicy(account, PolicyArn);
    return {
      Policy: {
        ...listedPolicy(account, policy, usageOf(account, PolicyArn)),
        ...(policy.description !== undefined && { Description: policy.description }),
        Tags: shownTags(policy.tags),
      },
    };
  },

  ListPolicies: (
    { Scope = 'All', OnlyAttached = false, PathPrefix = '/', PolicyUsageFilter, ...paging },
    { account },
  ) => {
    const used = usages(account);
    const local = Scope === 'AWS' ? [] : account.policies.sorted();
    const all = Scope === 'Local' ? local : [...local, ...awsPolicies.values()];
    const matching = all.filter((policy) => {
      const usage = used.get(policyArn(account, policy));
      const counted = PolicyUsageFilter === 'PermissionsBoundary' ? usage?.boundary : usage?.attached;
      // Where a kind of use is asked for, those that are used so are meant.
      const isMeant = (!OnlyAttached && PolicyUsageFilter === undefined) || (counted ?? 0) > 0;
      return isMeant && policy.path.startsWith(PathPrefix);
    });
    // A customer's policy may have the name of one of AWS's.
    const keyOf = (policy: PolicyRecord) => `${nameKey(policy)} ${policy.id}`;
    const page = pageOf(
      matching.sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1)),
      keyOf,
      paging,
    );
    const shown = page.items.map((policy) => listedPolicy(account, policy, used.get(policyArn(account, policy))));
    return { Policies: shown, ...pageEnd(page) };
  },

  DeletePolicy: ({ PolicyArn }, call) => {
    const { account } = call;
    const policy = findOwnPolicy(PolicyArn, 'DeletePolicy', call);
    const { attached, boundary } = usageOf(account, PolicyArn);
    if (attached + boundary > 0) throw deleteConflict('Cannot delete a policy attached to entities.');
    if (policy.versions.length > 1) {
      throw deleteConflict(
        "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
      );
    }
    return account.commit(account.policies.remove(policy));
  },

  CreatePolicyVersion: async ({ PolicyArn, PolicyDocument, SetAsDefault = false }, call) => {
    const { account, now } = call;
    const policy = findOwnPolicy(PolicyArn, 'CreatePolicyVersion', call);
    checkDocument(PolicyDocument);
    if (policy.versions.length >= versionsPerPolicy) {
      throw limitExceeded(
        `A managed policy can have up to ${versionsPerPolicy} versions. Before you create a new version, you must delete an existing version.`,
      );
    }
    const version = { versionId: `v${policy.nextVersion}`, document: PolicyDocument, createdAt: now };
    const changed: PolicyRecord = {
      ...policy,
      ...(SetAsDefault && { defaultVersionId: version.versionId }),
      ...{ nextVersion: policy.nextVersion + 1, versions: [...policy.versions, version], updatedAt: now },
    };
    await account.commit(account.policies.put(changed));
    return { PolicyVersion: listedVersion(changed, version) };
  },

  GetPolicyVersion: ({ PolicyArn, VersionId }, { account }) => {
    const { policy, version } = findVersion(account, PolicyArn, VersionId);
    return { PolicyVersion: { ...listedVersion(policy, version), Document: shownDocument(version.document) } };
  },

  /** The newest first. */
  ListPolicyVersions: ({ PolicyArn, ...paging }, { account }) => {
    const policy = findPolicy(account, PolicyArn);
    const keyOf = ({ versionId }: PolicyVersionRecord) => String(1e9 - Number(versionId.slice(1)));
    const page = pageOf(policy.versions.toReversed(), keyOf, paging);
    return { Versions: page.items.map((version) => listedVersion(policy, version)), ...pageEnd(page) };
  },

  SetDefaultPolicyVersion: ({ PolicyArn, VersionId }, call) => {
    const { account, now } = call;
    const { policy } = findVersion(account, PolicyArn, VersionId);
    refuseAws(PolicyArn, 'SetDefaultPolicyVersion', call);
    return account.commit(account.policies.put({ ...policy, defaultVersionId: VersionId, updatedAt: now }));
  },

  DeletePolicyVersion: ({ PolicyArn, VersionId }, call) => {
    const { account } = call;
    const { policy } = findVersion(account, PolicyArn, VersionId);
    refuseAws(PolicyArn, 'DeletePolicyVersion', call);
    if (VersionId === policy.defaultVersionId) throw deleteConflict('Cannot delete the default version of a policy.');
    const versions = policy.versions.filter(({ versionId }) => versionId !== VersionId);
    return account.commit(account.policies.put({ ...policy, versions }));
  },

  ListEntitiesForPolicy: ({ PolicyArn, EntityFilter, PathPrefix = '/', PolicyUsageFilter, ...paging }, { account }) => {
    findPolicy(account, PolicyArn);
    const isMeant = ({ path, attached, boundary }: Holder): boolean => {
      const isAttached = attached.includes(PolicyArn) && PolicyUsageFilter !== 'PermissionsBoundary';
      const isBoundary = boundary === PolicyArn && PolicyUsageFilter !== 'PermissionsPolicy';
      return path.startsWith(PathPrefix) && (isAttached || isBoundary);
    };
    const kinds = [
      { kind: 'Group', records: account.groups.sorted() },
      { kind: 'Role', records: account.roles.sorted() },
      { kind: 'User', records: account.users.sorted() },
    ].filter(({ kind }) => EntityFilter === undefined || EntityFilter === kind);
    const found = kinds.flatMap(({ kind, records }) => records.filter(isMeant).map((record) => ({ kind, record })));
    const page = pageOf(found, ({ kind, record }) => `${kind} ${nameKey(record)}`, paging);
    const of = (kind: string) => page.items.filter((item) => item.kind === kind).map(({ record }) => record);
    return {
      PolicyGroups: of('Group').map(({ name, id }) => ({ GroupName: name, GroupId: id })),
      PolicyUsers: of('User').map(({ name, id }) => ({ UserName: name, UserId: id })),
      PolicyRoles: of('Role').map(({ name, id }) => ({ RoleName: name, RoleId: id })),
      ...pageEnd(page),
    };
  },
} satisfies IamTable;

type Holder = ReturnType<Account['groups']['sorted']>[number];

function checkDocument(document: string): void {
  checkPolicy(document, 'identity');
  if (characterCount(document) > managedPolicyCharacters) throw quotaExceeded('PolicySize', managedPolicyCharacters);
}

function findVersion(account: Account, arn: string, versionId: string) {
  const policy = account.policy(arn);
  const version = policy?.versions.find((each) => each.versionId === versionId);
  if (policy === undefined || version === undefined) throw notAttachable(`Policy ${arn} version ${versionId}`);
  return { policy, version };
}
