import { newEntityId } from '#access';
import { findGroup, findUser } from '../caller.ts';
import { alreadyExists, deleteConflict, quotaExceeded } from '../errors.ts';
import { groupsPerAccount, groupsPerUser } from '../limits.ts';
import { checkName, checkPath } from '../names.ts';
import { nameKey, pageEnd, pageOf } from '../paging.ts';
import type { GroupRecord } from '../records.ts';
import type { IamTable } from '../service.ts';
import { listedUser, shownGroup } from '../views.ts';
import { checkBare } from './users.ts';

/** Groups, and who is in them. A user knows its groups by their ids, so that they can be renamed. */
export const groupOperations = {
  CreateGroup: async ({ GroupName, Path = '/' }, { account, now }) => {
    checkName('groupName', GroupName);
    checkPath(Path);
    if (account.groups.has(GroupName)) throw alreadyExists('Group', GroupName);
    if (account.groups.size >= groupsPerAccount) throw quotaExceeded('GroupsPerAccount', groupsPerAccount);
    const group: GroupRecord = {
      ...{ name: GroupName, path: Path, id: newEntityId('AGPA'), createdAt: now },
      ...{ inline: {}, attached: [], tags: {} },
    };
    await account.commit(account.groups.put(group));
    return { Group: shownGroup(account, group) };
  },

  GetGroup: ({ GroupName, ...paging }, { account }) => {
    const group = findGroup(GroupName, account);
    const page = pageOf(account.membersOf(group), nameKey, paging);
    return {
      Group: shownGroup(account, group),
      Users: page.items.map((user) => listedUser(account, user)),
      ...pageEnd(page),
    };
  },

  ListGroups: ({ PathPrefix = '/', ...paging }, { account }) => {
    const groups = account.groups.sorted().filter(({ path }) => path.startsWith(PathPrefix));
    const page = pageOf(groups, nameKey, paging);
    return { Groups: page.items.map((group) => shownGroup(account, group)), ...pageEnd(page) };
  },

  UpdateGroup: ({ GroupName, NewGroupName = GroupName, NewPath }, { account }) => {
    const group = findGroup(GroupName, account);
    if (NewPath !== undefined) checkPath(NewPath);
    if (NewGroupName !== GroupName) checkName('newGroupName', NewGroupName);
    const isTaken = account.groups.has(NewGroupName) && NewGroupName.toLowerCase() !== GroupName.toLowerCase();
    if (isTaken) throw alreadyExists('Group', NewGroupName);
    const removed = account.groups.remove(group);
    return account.commit(removed, account.groups.put({ ...group, name: NewGroupName, path: NewPath ?? group.path }));
  },

  DeleteGroup: ({ GroupName }, { account }) => {
    const group = findGroup(GroupName, account);
    if (account.membersOf(group).length > 0) {
      throw deleteConflict('Cannot delete entity, must remove users from group first.');
    }
    checkBare(group);
    return account.commit(account.groups.remove(group));
  },

  AddUserToGroup: ({ GroupName, UserName }, { account }) => {
    const user = findUser(UserName, account);
    const { id } = findGroup(GroupName, account);
    if (user.groupIds.includes(id)) return;
    if (user.groupIds.length >= groupsPerUser) throw quotaExceeded('GroupsPerUser', groupsPerUser);
    return account.commit(account.users.put({ ...user, groupIds: [...user.groupIds, id] }));
  },

  /** Who isn't in the group is removed, too. */
  RemoveUserFromGroup: ({ GroupName, UserName }, { account }) => {
    const user = findUser(UserName, account);
    const { id } = findGroup(GroupName, account);
    if (!user.groupIds.includes(id)) return;
    return account.commit(account.users.put({ ...user, groupIds: user.groupIds.filter((each) => each !== id) }));
  },

  ListGroupsForUser: ({ UserName, ...paging }, { account }) => {
    const page = pageOf(account.groupsOf(findUser(UserName, account)), nameKey, paging);
    return { Groups: page.items.map((group) => shownGroup(account, group)), ...pageEnd(page) };
  },
} satisfies IamTable;
