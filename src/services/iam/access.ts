import { accountIdOfKey, type RequestContext } from '#access';
import type { Access, CallContext } from '#aws/contract';
import type { Account } from './accounts.ts';
import { type ArnType, arnOf } from './arn.ts';

type Input = Readonly<Record<string, unknown>>;

/** Lists are about all entities of a kind; AWS names them so. */
const listed: Readonly<Record<string, string>> = {
  ListUsers: 'user/',
  ListGroups: 'group/',
  ListRoles: 'role/',
};

/** These name a user, or mean who calls. */
const ofCaller = new Set([
  ...['GetUser', 'CreateAccessKey', 'ListAccessKeys', 'UpdateAccessKey', 'DeleteAccessKey'],
  ...['GetLoginProfile', 'DeleteLoginProfile', 'ListMFADevices', 'ListSSHPublicKeys'],
  ...['ListServiceSpecificCredentials', 'ListSigningCertificates'],
]);

/** What a call of IAM needs to be allowed: the action, on which entity, under which keys. */
export function accessOf(account: Account, operation: string, input: Input, context: CallContext): Access {
  return {
    action: `iam:${operation}`,
    resource: resourceOf(account, operation, input, context),
    resourceAccountId: account.id,
    context: conditionKeys(account, input),
  };
}

function resourceOf(account: Account, operation: string, input: Input, { caller }: CallContext): string {
  const all = listed[operation];
  if (all !== undefined) return `arn:aws:iam::${account.id}:${all}`;
  if (typeof input.GroupName === 'string') return entityArn(account, 'group', input.GroupName, input.Path);
  if (typeof input.RoleName === 'string') return entityArn(account, 'role', input.RoleName, input.Path);
  if (typeof input.UserName === 'string') return entityArn(account, 'user', input.UserName, input.Path);
  if (typeof input.PolicyArn === 'string') return input.PolicyArn;
  if (typeof input.PolicySourceArn === 'string') return input.PolicySourceArn;
  if (operation === 'CreatePolicy') return entityArn(account, 'policy', String(input.PolicyName), input.Path);
  if (ofCaller.has(operation) && caller?.principal.kind === 'user') return caller.principal.arn;
  if (operation === 'GetAccessKeyLastUsed' && accountIdOfKey(String(input.AccessKeyId)) === account.id) {
    const owner = account.users.find(({ accessKeys }) =>
      accessKeys.some(({ accessKeyId }) => accessKeyId === input.AccessKeyId),
    );
    if (owner !== undefined) return arnOf('user', account.id, owner);
  }
  return '*';
}

/** With the path of the entity that is there, or of the one that is to be made. */
function entityArn(account: Account, type: ArnType, name: string, path: unknown): string {
  const tables = { user: account.users, group: account.groups, role: account.roles, policy: account.policies };
  const known = path === undefined ? tables[type].get(name) : undefined;
  return arnOf(type, account.id, known ?? { path: typeof path === 'string' ? path : '/', name });
}

function conditionKeys(account: Account, input: Input): RequestContext {
  const tags = Array.isArray(input.Tags) ? (input.Tags as readonly { Key: string; Value: string }[]) : [];
  const keys = Array.isArray(input.TagKeys) ? (input.TagKeys as readonly string[]) : tags.map(({ Key }) => Key);
  const policyArn = typeof input.PolicyArn === 'string' ? { 'iam:PolicyARN': input.PolicyArn } : {};
  const boundary = boundaryOf(account, input);
  return {
    ...Object.fromEntries(tags.map(({ Key, Value }) => [`aws:RequestTag/${Key}`, Value])),
    ...(keys.length > 0 && { 'aws:TagKeys': keys }),
    ...policyArn,
    ...(boundary !== undefined && { 'iam:PermissionsBoundary': boundary }),
    ...resourceTags(account, input),
  };
}

/** The boundary that is to be set, or the one that the entity has. */
function boundaryOf(account: Account, input: Input): string | undefined {
  if (typeof input.PermissionsBoundary === 'string') return input.PermissionsBoundary;
  return holderOf(account, input)?.boundary;
}

function resourceTags(account: Account, input: Input): RequestContext {
  const tags = Object.entries(holderOf(account, input)?.tags ?? {});
  return Object.fromEntries(
    tags.flatMap(([key, value]) => [
      [`aws:ResourceTag/${key}`, value],
      [`iam:ResourceTag/${key}`, value],
    ]),
  );
}

function holderOf(account: Account, { GroupName, RoleName, UserName }: Input) {
  if (typeof GroupName === 'string') return account.groups.get(GroupName);
  if (typeof RoleName === 'string') return account.roles.get(RoleName);
  return typeof UserName === 'string' ? account.users.get(UserName) : undefined;
}
