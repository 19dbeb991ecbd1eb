import { findRole, findUser } from '../caller.ts';
import { type Paged, pageEnd, pageOf } from '../paging.ts';
import { findOwnPolicy, findPolicy } from '../policies.ts';
import type { IamTable } from '../service.ts';
import { shownTags, type Tags, withoutTags, withTags } from '../tags.ts';

/** Tags of users, roles and customers' policies; groups have none. */
export const taggingOperations = {
  TagUser: ({ UserName, Tags }, { account }) => {
    const user = findUser(UserName, account);
    return account.commit(account.users.put({ ...user, tags: withTags(user.tags, Tags, 'insensitive') }));
  },
  UntagUser: ({ UserName, TagKeys }, { account }) => {
    const user = findUser(UserName, account);
    return account.commit(account.users.put({ ...user, tags: withoutTags(user.tags, TagKeys, 'insensitive') }));
  },
  ListUserTags: ({ UserName, ...paging }, { account }) => listed(findUser(UserName, account).tags, paging),

  TagRole: ({ RoleName, Tags }, { account }) => {
    const role = findRole(RoleName, account);
    return account.commit(account.roles.put({ ...role, tags: withTags(role.tags, Tags, 'insensitive') }));
  },
  UntagRole: ({ RoleName, TagKeys }, { account }) => {
    const role = findRole(RoleName, account);
    return account.commit(account.roles.put({ ...role, tags: withoutTags(role.tags, TagKeys, 'insensitive') }));
  },
  ListRoleTags: ({ RoleName, ...paging }, { account }) => listed(findRole(RoleName, account).tags, paging),

  TagPolicy: ({ PolicyArn, Tags }, call) => {
    const policy = findOwnPolicy(PolicyArn, 'TagPolicy', call);
    const tags = withTags(policy.tags, Tags, 'sensitive');
    return call.account.commit(call.account.policies.put({ ...policy, tags }));
  },
  UntagPolicy: ({ PolicyArn, TagKeys }, call) => {
    const policy = findOwnPolicy(PolicyArn, 'UntagPolicy', call);
    const tags = withoutTags(policy.tags, TagKeys, 'sensitive');
    return call.account.commit(call.account.policies.put({ ...policy, tags }));
  },
  ListPolicyTags: ({ PolicyArn, ...paging }, { account }) => listed(findPolicy(account, PolicyArn).tags, paging),
} satisfies IamTable;

function listed(tags: Tags, paging: Paged) {
  const page = pageOf(shownTags(tags), ({ Key }) => Key, paging);
  return { Tags: page.items, ...pageEnd(page) };
}
