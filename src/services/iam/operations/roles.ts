import { newEntityId } from '#access';
import { findRole } from '../caller.ts';
import { characterCount, checkPolicy } from '../documents.ts';
import { alreadyExists, quotaExceeded } from '../errors.ts';
import { defaultMaxSessionSeconds, rolesPerAccount, trustPolicyCharacters } from '../limits.ts';
import { checkName, checkPath } from '../names.ts';
import { nameKey, pageEnd, pageOf } from '../paging.ts';
import { checkBoundary } from '../policies.ts';
import type { RoleRecord } from '../records.ts';
import type { IamTable } from '../service.ts';
import { withTags } from '../tags.ts';
import { createdRole, listedRole, shownRole } from '../views.ts';
import { checkBare } from './users.ts';

export const roleOperations = {
  CreateRole: async (input, { account, now }) => {
    const { RoleName, Path = '/', AssumeRolePolicyDocument, Description, PermissionsBoundary, Tags } = input;
    checkName('roleName', RoleName);
    checkPath(Path);
    checkTrustPolicy(AssumeRolePolicyDocument);
    if (account.roles.has(RoleName)) throw alreadyExists('Role', RoleName);
    if (account.roles.size >= rolesPerAccount) throw quotaExceeded('RolesPerAccount', rolesPerAccount);
    const role: RoleRecord = {
      ...{ name: RoleName, path: Path, id: newEntityId('AROA'), createdAt: now },
      ...{ inline: {}, attached: [], trustPolicy: AssumeRolePolicyDocument },
      maxSessionSeconds: input.MaxSessionDuration ?? defaultMaxSessionSeconds,
      tags: withTags({}, Tags, 'insensitive'),
      ...(Description !== undefined && { description: Description }),
      ...(PermissionsBoundary !== undefined && { boundary: checkBoundary(account, PermissionsBoundary) }),
    };
    await account.commit(account.roles.put(role));
    return { Role: createdRole(account, role) };
  },

  GetRole: async ({ RoleName }, { account, iam }) => {
    const role = findRole(RoleName, account);
    return { Role: shownRole(account, role, await iam.lastUsed.get(`role/${role.id}`)) };
  },

  ListRoles: ({ PathPrefix = '/', ...paging }, { account }) => {
    const roles = account.roles.sorted().filter(({ path }) => path.startsWith(PathPrefix));
    const page = pageOf(roles, nameKey, paging);
    return { Roles: page.items.map((role) => listedRole(account, role)), ...pageEnd(page) };
  },

  UpdateRole: async ({ RoleName, Description, MaxSessionDuration }, { account }) => {
    const role = findRole(RoleName, account);
    await account.commit(
      account.roles.put({
        ...role,
        ...(Description !== undefined && { description: Description }),
        ...(MaxSessionDuration !== undefined && { maxSessionSeconds: MaxSessionDuration }),
      }),
    );
    return {};
  },

  UpdateRoleDescription: async ({ RoleName, Description }, { account }) => {
    const role = { ...findRole(RoleName, account), description: Description };
    await account.commit(account.roles.put(role));
    return { Role: createdRole(account, role) };
  },

  UpdateAssumeRolePolicy: ({ RoleName, PolicyDocument }, { account }) => {
    const role = findRole(RoleName, account);
    checkTrustPolicy(PolicyDocument);
    return account.commit(account.roles.put({ ...role, trustPolicy: PolicyDocument }));
  },

  DeleteRole: async ({ RoleName }, { account, iam }) => {
    const role = findRole(RoleName, account);
    checkBare(role);
    await account.commit(account.roles.remove(role), iam.lastUsed.remove(`role/${role.id}`));
  },
} satisfies IamTable;

function checkTrustPolicy(document: string): void {
  checkPolicy(document, 'trust');
  if (characterCount(document) > trustPolicyCharacters) throw quotaExceeded('ACLSizePerRole', trustPolicyCharacters);
}
