import { rootArn } from './arn.ts';
import { noSuchEntity, notFound, validationError } from './errors.ts';
import type { HolderRecord, RoleRecord, UserRecord } from './records.ts';
import type { IamCall } from './service.ts';

/** Whom operations on "the user" mean when they name none: who calls. The account's root has keys and no record. */
export type Subject = { readonly kind: 'user'; readonly user: UserRecord } | { readonly kind: 'root' };

export function subjectOf(userName: string | undefined, { account, context }: IamCall): Subject {
  if (userName !== undefined) return { kind: 'user', user: findUser(userName, account) };
  const principal = context.caller?.principal;
  if (principal === undefined || principal.kind === 'root') return { kind: 'root' };
  if (principal.kind !== 'user') throw validationError('Must specify userName when calling with non-User credentials');
  const user = account.users.find(({ id }) => id === principal.userId);
  if (user === undefined) throw noSuchEntity(`The user with id ${principal.userId} cannot be found.`);
  return { kind: 'user', user };
}

type Account = IamCall['account'];

export function findUser(name: string, account: Account): UserRecord {
  const user = account.users.get(name);
  if (user === undefined) throw notFound('user', name);
  return user;
}

export function findGroup(name: string, account: Account): HolderRecord {
  const group = account.groups.get(name);
  if (group === undefined) throw notFound('group', name);
  return group;
}

export function findRole(name: string, account: Account): RoleRecord {
  const role = account.roles.get(name);
  if (role === undefined) throw notFound('role', name);
  return role;
}

export function callerArn({ account, context }: IamCall): string {
  return context.caller?.principal.arn ?? rootArn(account.id);
}
