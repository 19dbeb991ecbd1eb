import { newEntityId } from '#access';
import { rootArn } from '../arn.ts';
import { findUser, subjectOf } from '../caller.ts';
import { alreadyExists, deleteConflict, quotaExceeded } from '../errors.ts';
import { usersPerAccount } from '../limits.ts';
import { checkName, checkPath } from '../names.ts';
import { nameKey, pageEnd, pageOf } from '../paging.ts';
import { checkBoundary } from '../policies.ts';
import type { HolderRecord, UserRecord } from '../records.ts';
import type { IamTable } from '../service.ts';
import { withTags } from '../tags.ts';
import { listedUser, shownUser } from '../views.ts';

/** The operations on one kind of entity are in one file: there are twenty kinds of them, of a few lines each. */
export const userOperations = {
  CreateUser: async ({ UserName, Path = '/', PermissionsBoundary, Tags }, { account, now }) => {
    checkName('userName', UserName);
    checkPath(Path);
    if (account.users.has(UserName)) throw alreadyExists('User', UserName);
    if (account.users.size >= usersPerAccount) throw quotaExceeded('UsersPerAccount', usersPerAccount);
    const user: UserRecord = {
      ...{ name: UserName, path: Path, id: newEntityId('AIDA'), createdAt: now },
      ...{ inline: {}, attached: [], groupIds: [], accessKeys: [] },
      tags: withTags({}, Tags, 'insensitive'),
      ...(PermissionsBoundary !== undefined && { boundary: checkBoundary(account, PermissionsBoundary) }),
    };
    await account.commit(account.users.put(user));
    return { User: shownUser(account, user) };
  },

  GetUser: ({ UserName }, call) => {
    const { account } = call;
    const subject = subjectOf(UserName, call);
    if (subject.kind === 'user') return { User: shownUser(account, subject.user) };
    // The root has no name; AWS shows it so.
    const root = { Path: '/', UserName: 'root', UserId: account.id, Arn: rootArn(account.id), CreateDate: 0 };
    return { User: root };
  },

  ListUsers: ({ PathPrefix = '/', ...paging }, { account }) => {
    const users = account.users.sorted().filter(({ path }) => path.startsWith(PathPrefix));
    const page = pageOf(users, nameKey, paging);
    return { Users: page.items.map((user) => listedUser(account, user)), ...pageEnd(page) };
  },

  UpdateUser: ({ UserName, NewUserName = UserName, NewPath }, { account }) => {
    const user = findUser(UserName, account);
    if (NewPath !== undefined) checkPath(NewPath);
    if (NewUserName !== UserName) checkName('newUserName', NewUserName);
    // Another case of its own name is free.
    const isTaken = account.users.has(NewUserName) && NewUserName.toLowerCase() !== UserName.toLowerCase();
    if (isTaken) throw alreadyExists('User', NewUserName);
    const removed = account.users.remove(user);
    return account.commit(removed, account.users.put({ ...user, name: NewUserName, path: NewPath ?? user.path }));
  },

  DeleteUser: ({ UserName }, { account }) => {
    const user = findUser(UserName, account);
    if (user.groupIds.length > 0) throw deleteConflict('Cannot delete entity, must remove users from group first.');
    if (user.accessKeys.length > 0) throw deleteConflict('Cannot delete entity, must delete access keys first.');
    checkBare(user);
    return account.commit(account.users.remove(user));
  },
} satisfies IamTable;

/** What still has policies is not deleted. */
export function checkBare({ attached, inline }: HolderRecord): void {
  if (attached.length > 0) throw deleteConflict('Cannot delete entity, must detach all policies first.');
  if (Object.keys(inline).length > 0) throw deleteConflict('Cannot delete entity, must delete policies first.');
}
