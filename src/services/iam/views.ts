import type { AttachedPolicy, Group, Policy, PolicyVersion, Role, User } from '#aws/generated/iam';
import type { Account } from './accounts.ts';
import { arnOf, awsAccount } from './arn.ts';
import { awsPolicies } from './awsPolicies.ts';
import { shownDocument } from './documents.ts';
import type {
  GroupRecord,
  HolderRecord,
  LastUsedRecord,
  PolicyRecord,
  PolicyVersionRecord,
  RoleRecord,
  UserRecord,
} from './records.ts';
import { shownTags } from './tags.ts';

/** Records as the API shows them. Listings show less than the operations on one entity, as AWS's do. */

export function listedUser(account: Account, user: UserRecord): User {
  return {
    ...{ Path: user.path, UserName: user.name, UserId: user.id },
    ...{ Arn: arnOf('user', account.id, user), CreateDate: user.createdAt },
  };
}

export function shownUser(account: Account, user: UserRecord): User {
  return { ...listedUser(account, user), ...shownBoundary(user), ...tagsIfAny(user) };
}

export function shownGroup(account: Account, group: GroupRecord): Group {
  return {
    ...{ Path: group.path, GroupName: group.name, GroupId: group.id },
    ...{ Arn: arnOf('group', account.id, group), CreateDate: group.createdAt },
  };
}

/** As it is created: without the duration of its sessions. */
export function createdRole(account: Account, role: RoleRecord): Role {
  return {
    ...{ Path: role.path, RoleName: role.name, RoleId: role.id },
    ...{ Arn: arnOf('role', account.id, role), CreateDate: role.createdAt },
    AssumeRolePolicyDocument: shownDocument(role.trustPolicy),
    ...(role.description !== undefined && { Description: role.description }),
    ...shownBoundary(role),
    ...tagsIfAny(role),
  };
}

export function listedRole(account: Account, role: RoleRecord): Role {
  const { Tags: _, PermissionsBoundary: __, ...created } = createdRole(account, role);
  return { ...created, MaxSessionDuration: role.maxSessionSeconds };
}

export function shownRole(account: Account, role: RoleRecord, lastUsed: LastUsedRecord | undefined): Role {
  return {
    ...createdRole(account, role),
    MaxSessionDuration: role.maxSessionSeconds,
    RoleLastUsed: lastUsed === undefined ? {} : { LastUsedDate: lastUsed.at, Region: lastUsed.region },
  };
}

/** How often a policy is attached, and how often it is a boundary. */
export interface Usage {
  attached: number;
  boundary: number;
}

export function usageOf(account: Account, arn: string): Usage {
  const usage: Usage = { attached: 0, boundary: 0 };
  for (const { attached, boundary } of account.holders()) {
    if (attached.includes(arn)) usage.attached += 1;
    if (boundary === arn) usage.boundary += 1;
  }
  return usage;
}

/** Of all policies at once, by ARN; those that are not used are not in it. */
export function usages(account: Account): ReadonlyMap<string, Usage> {
  const found = new Map<string, Usage>();
  const at = (arn: string): Usage => {
    const usage = found.get(arn) ?? { attached: 0, boundary: 0 };
    found.set(arn, usage);
    return usage;
  };
  for (const { attached, boundary } of account.holders()) {
    for (const arn of attached) at(arn).attached += 1;
    if (boundary !== undefined) at(boundary).boundary += 1;
  }
  return found;
}

export function policyArn(account: Account, policy: PolicyRecord): string {
  const aws = arnOf('policy', awsAccount, policy);
  return awsPolicies.get(aws) === policy ? aws : arnOf('policy', account.id, policy);
}

export function listedPolicy(account: Account, policy: PolicyRecord, usage: Usage | undefined): Policy {
  return {
    ...{ PolicyName: policy.name, PolicyId: policy.id, Arn: policyArn(account, policy), Path: policy.path },
    ...{ DefaultVersionId: policy.defaultVersionId, IsAttachable: true },
    ...{ AttachmentCount: usage?.attached ?? 0, PermissionsBoundaryUsageCount: usage?.boundary ?? 0 },
    ...{ CreateDate: policy.createdAt, UpdateDate: policy.updatedAt },
  };
}

export function listedVersion(policy: PolicyRecord, version: PolicyVersionRecord): PolicyVersion {
  return {
    VersionId: version.versionId,
    IsDefaultVersion: version.versionId === policy.defaultVersionId,
    CreateDate: version.createdAt,
  };
}

export function shownAttached(account: Account, { attached }: HolderRecord): AttachedPolicy[] {
  return attached.map((arn) => ({
    PolicyArn: arn,
    PolicyName: account.policy(arn)?.name ?? arn.slice(arn.lastIndexOf('/') + 1),
  }));
}

function shownBoundary({ boundary }: HolderRecord): Pick<User, 'PermissionsBoundary'> {
  if (boundary === undefined) return {};
  return { PermissionsBoundary: { PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn: boundary } };
}

function tagsIfAny({ tags }: HolderRecord): Pick<User, 'Tags'> {
  return Object.keys(tags).length === 0 ? {} : { Tags: shownTags(tags) };
}
