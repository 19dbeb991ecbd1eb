import type { EntityChange } from '#runtime';
import type { Account } from '../accounts.ts';
import { findGroup, findRole, findUser } from '../caller.ts';
import { policyNotFound, quotaExceeded } from '../errors.ts';
import { policiesPerEntity } from '../limits.ts';
import { type Paged, pageEnd, pageOf } from '../paging.ts';
import { attachablePolicy, checkBoundary, findPolicy } from '../policies.ts';
import type { HolderRecord } from '../records.ts';
import type { IamTable } from '../service.ts';
import { shownAttached } from '../views.ts';

/** Managed policies that are attached to users, groups and roles, and those that are the boundary of a user or a role. */
export const attachmentOperations = {
  AttachUserPolicy: ({ UserName, PolicyArn }, { account }) => {
    const user = findUser(UserName, account);
    return commit(account, attached(account, user, PolicyArn, 'PoliciesPerUser'), (each) => account.users.put(each));
  },
  AttachGroupPolicy: ({ GroupName, PolicyArn }, { account }) => {
    const group = findGroup(GroupName, account);
    return commit(account, attached(account, group, PolicyArn, 'PoliciesPerGroup'), (each) => account.groups.put(each));
  },
  AttachRolePolicy: ({ RoleName, PolicyArn }, { account }) => {
    const role = findRole(RoleName, account);
    return commit(account, attached(account, role, PolicyArn, 'PoliciesPerRole'), (each) => account.roles.put(each));
  },

  DetachUserPolicy: ({ UserName, PolicyArn }, { account }) =>
    account.commit(account.users.put(detached(account, findUser(UserName, account), PolicyArn))),
  DetachGroupPolicy: ({ GroupName, PolicyArn }, { account }) =>
    account.commit(account.groups.put(detached(account, findGroup(GroupName, account), PolicyArn))),
  DetachRolePolicy: ({ RoleName, PolicyArn }, { account }) =>
    account.commit(account.roles.put(detached(account, findRole(RoleName, account), PolicyArn))),

  ListAttachedUserPolicies: ({ UserName, ...rest }, { account }) => listed(account, findUser(UserName, account), rest),
  ListAttachedGroupPolicies: ({ GroupName, ...rest }, { account }) =>
    listed(account, findGroup(GroupName, account), rest),
  ListAttachedRolePolicies: ({ RoleName, ...rest }, { account }) => listed(account, findRole(RoleName, account), rest),

  PutUserPermissionsBoundary: ({ UserName, PermissionsBoundary }, { account }) => {
    const user = findUser(UserName, account);
    return account.commit(account.users.put({ ...user, boundary: checkBoundary(account, PermissionsBoundary) }));
  },
  PutRolePermissionsBoundary: ({ RoleName, PermissionsBoundary }, { account }) => {
    const role = findRole(RoleName, account);
    return account.commit(account.roles.put({ ...role, boundary: checkBoundary(account, PermissionsBoundary) }));
  },
  DeleteUserPermissionsBoundary: ({ UserName }, { account }) => {
    const { boundary: _, ...user } = findUser(UserName, account);
    return account.commit(account.users.put(user));
  },
  DeleteRolePermissionsBoundary: ({ RoleName }, { account }) => {
    const { boundary: _, ...role } = findRole(RoleName, account);
    return account.commit(account.roles.put(role));
  },
} satisfies IamTable;

/** Undefined if it is attached already, which is a success. */
function attached<T extends HolderRecord>(account: Account, holder: T, arn: string, quota: string): T | undefined {
  attachablePolicy(account, arn);
  if (holder.attached.includes(arn)) return undefined;
  if (holder.attached.length >= policiesPerEntity) throw quotaExceeded(quota, policiesPerEntity);
  return { ...holder, attached: [...holder.attached, arn] };
}

function commit<T>(
  account: Account,
  changed: T | undefined,
  put: (changed: T) => EntityChange,
): Promise<void> | undefined {
  return changed === undefined ? undefined : account.commit(put(changed));
}

function detached<T extends HolderRecord>(account: Account, holder: T, arn: string): T {
  findPolicy(account, arn);
  if (!holder.attached.includes(arn)) throw policyNotFound(arn);
  return { ...holder, attached: holder.attached.filter((each) => each !== arn) };
}

function listed(account: Account, holder: HolderRecord, options: Paged & { readonly PathPrefix?: string | undefined }) {
  const { PathPrefix = '/' } = options;
  const matching = shownAttached(account, holder)
    .filter(({ PolicyArn = '' }) => account.policy(PolicyArn)?.path.startsWith(PathPrefix))
    .sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
  const page = pageOf(matching, keyOf, options);
  return { AttachedPolicies: page.items, ...pageEnd(page) };
}

const keyOf = ({ PolicyArn = '' }: { readonly PolicyArn?: string | undefined }): string => PolicyArn;
