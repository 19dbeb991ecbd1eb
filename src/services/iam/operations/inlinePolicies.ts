import { findGroup, findRole, findUser } from '../caller.ts';
import { characterCount, checkPolicy, shownDocument } from '../documents.ts';
import { type EntityWord, inlinePolicyNotFound, limitExceeded } from '../errors.ts';
import { inlinePolicyCharacters } from '../limits.ts';
import { checkName } from '../names.ts';
import { type Paged, pageEnd, pageOf } from '../paging.ts';
import type { HolderRecord } from '../records.ts';
import type { IamTable } from '../service.ts';

/** Policies that belong to one user, group or role. */
export const inlinePolicyOperations = {
  PutUserPolicy: ({ UserName, PolicyName, PolicyDocument }, { account }) => {
    const user = findUser(UserName, account);
    return account.commit(account.users.put(withPolicy('user', user, PolicyName, PolicyDocument)));
  },
  PutGroupPolicy: ({ GroupName, PolicyName, PolicyDocument }, { account }) => {
    const group = findGroup(GroupName, account);
    return account.commit(account.groups.put(withPolicy('group', group, PolicyName, PolicyDocument)));
  },
  PutRolePolicy: ({ RoleName, PolicyName, PolicyDocument }, { account }) => {
    const role = findRole(RoleName, account);
    return account.commit(account.roles.put(withPolicy('role', role, PolicyName, PolicyDocument)));
  },

  GetUserPolicy: ({ UserName, PolicyName }, { account }) => {
    const user = findUser(UserName, account);
    return { UserName: user.name, PolicyName, PolicyDocument: shownDocument(textOf('user', user, PolicyName)) };
  },
  GetGroupPolicy: ({ GroupName, PolicyName }, { account }) => {
    const group = findGroup(GroupName, account);
    return { GroupName: group.name, PolicyName, PolicyDocument: shownDocument(textOf('group', group, PolicyName)) };
  },
  GetRolePolicy: ({ RoleName, PolicyName }, { account }) => {
    const role = findRole(RoleName, account);
    return { RoleName: role.name, PolicyName, PolicyDocument: shownDocument(textOf('role', role, PolicyName)) };
  },

  DeleteUserPolicy: ({ UserName, PolicyName }, { account }) =>
    account.commit(account.users.put(withoutPolicy('user', findUser(UserName, account), PolicyName))),
  DeleteGroupPolicy: ({ GroupName, PolicyName }, { account }) =>
    account.commit(account.groups.put(withoutPolicy('group', findGroup(GroupName, account), PolicyName))),
  DeleteRolePolicy: ({ RoleName, PolicyName }, { account }) =>
    account.commit(account.roles.put(withoutPolicy('role', findRole(RoleName, account), PolicyName))),

  ListUserPolicies: ({ UserName, ...paging }, { account }) => listed(findUser(UserName, account), paging),
  ListGroupPolicies: ({ GroupName, ...paging }, { account }) => listed(findGroup(GroupName, account), paging),
  ListRolePolicies: ({ RoleName, ...paging }, { account }) => listed(findRole(RoleName, account), paging),
} satisfies IamTable;

function withPolicy<T extends HolderRecord>(kind: EntityWord, holder: T, policyName: string, document: string): T {
  checkName('policyName', policyName);
  checkPolicy(document, 'identity');
  const inline = Object.fromEntries([...Object.entries(holder.inline), [policyName, document]]);
  const limit = inlinePolicyCharacters[kind];
  if (Object.values(inline).reduce((sum, text) => sum + characterCount(text), 0) > limit) {
    throw limitExceeded(`Maximum policy size of ${limit} bytes exceeded for ${kind} ${holder.name}`);
  }
  return { ...holder, inline };
}

/** Names like `__proto__` are legal: only what is its own is there. */
function textOf(kind: EntityWord, { inline }: HolderRecord, policyName: string): string {
  const text = Object.hasOwn(inline, policyName) ? inline[policyName] : undefined;
  if (text === undefined) throw inlinePolicyNotFound(kind, policyName);
  return text;
}

function withoutPolicy<T extends HolderRecord>(kind: EntityWord, holder: T, policyName: string): T {
  textOf(kind, holder, policyName);
  const inline = Object.fromEntries(Object.entries(holder.inline).filter(([name]) => name !== policyName));
  return { ...holder, inline };
}

function listed({ inline }: HolderRecord, paging: Paged) {
  const page = pageOf(Object.keys(inline).sort(), (name) => name, paging);
  return { PolicyNames: page.items, ...pageEnd(page) };
}
