import type { Identity } from '#access';
import type { Account, Accounts } from './accounts.ts';
import { arnOf, parseArn } from './arn.ts';
import { rolePolicies, rootPrincipal, tagContext, userIdentity } from './identities.ts';
import type { RoleRecord } from './records.ts';

const sessionPattern = /^arn:aws[\w-]*:sts::(\d{12}):assumed-role\/([\w+=,.@-]+)\/([\w+=,.@-]+)$/;
const rootPattern = /^arn:aws[\w-]*:iam::(\d{12}):root$/;

/**
 * Who an ARN names, with the policies of this moment: a root, a user, a role (in a session of that name) or a session of
 * one, which is taken to have no session policies. Undefined if there is no such user or role, and for federated users: what
 * these may do is in their tokens alone.
 */
export async function namedIdentity(
  accounts: Accounts,
  arn: string,
  sessionName: string,
): Promise<Identity | undefined> {
  const [, rootOf] = rootPattern.exec(arn) ?? [];
  if (rootOf !== undefined) return { principal: rootPrincipal(rootOf), policies: [] };
  const [, accountId, roleName, session] = sessionPattern.exec(arn) ?? [];
  if (accountId !== undefined && roleName !== undefined && session !== undefined) {
    const account = await accounts.open(accountId);
    return roleIdentity(account, account.roles.get(roleName), session);
  }
  const parsed = parseArn(arn);
  if (parsed === undefined || !/^\d{12}$/.test(parsed.accountId)) return undefined;
  const account = await accounts.open(parsed.accountId);
  const { name, path, type } = parsed;
  const user = type === 'user' ? account.users.get(name) : undefined;
  if (user?.path === path) return userIdentity(account, user);
  const role = type === 'role' ? account.roles.get(name) : undefined;
  return role?.path === path ? roleIdentity(account, role, sessionName) : undefined;
}

function roleIdentity(account: Account, role: RoleRecord | undefined, session: string): Identity | undefined {
  if (role === undefined) return undefined;
  const principal: Identity['principal'] = {
    kind: 'assumed-role',
    accountId: account.id,
    arn: `arn:aws:sts::${account.id}:assumed-role/${role.name}/${session}`,
    roleArn: arnOf('role', account.id, role),
    userId: `${role.id}:${session}`,
    context: tagContext(role.tags),
  };
  return { principal, ...rolePolicies(account, role) };
}
