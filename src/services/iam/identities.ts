import {
  type Identity,
  type NamedPolicy,
  type Principal,
  parsePolicy,
  type RequestContext,
  type Session,
} from '#access';
import type { Account } from './accounts.ts';
import { arnOf, rootArn } from './arn.ts';
import type { HolderRecord, PolicyRecord, RoleRecord, UserRecord } from './records.ts';
import type { Tags } from './tags.ts';

/** Who an entity is to the policy language, and which policies speak for it. */

export function rootPrincipal(accountId: string): Principal {
  return { kind: 'root', accountId, arn: rootArn(accountId), userId: accountId, context: {} };
}

export function userIdentity(account: Account, user: UserRecord): Identity {
  const groups = account.groupsOf(user).flatMap((group) => policiesOf(account, group));
  const principal: Principal = {
    kind: 'user',
    accountId: account.id,
    arn: arnOf('user', account.id, user),
    userId: user.id,
    context: { 'aws:username': user.name, ...tagContext(user.tags) },
  };
  return { principal, policies: [...policiesOf(account, user), ...groups], ...boundaryOf(account, user) };
}

/** What a role allows, for whoever has assumed it. */
export function rolePolicies(account: Account, role: RoleRecord): Pick<Identity, 'policies' | 'boundary'> {
  return { policies: policiesOf(account, role), ...boundaryOf(account, role) };
}

/**
 * Who uses a session, with the policies of this moment; undefined when the role or the user has been deleted since. The
 * principal is the one that the session was made for.
 */
export function sessionIdentity(account: Account, session: Session): Identity | undefined {
  const { principal } = session;
  const limits = sessionPolicies(account, session);
  switch (principal.kind) {
    case 'root':
      return { principal, policies: [] };
    case 'assumed-role': {
      const roleId = principal.userId.split(':')[0];
      const role = account.roles.find(({ id }) => id === roleId);
      if (role === undefined) return undefined;
      const context = { ...tagContext(role.tags, principal.context), ...principal.context };
      return { principal: { ...principal, context }, ...rolePolicies(account, role), ...limits };
    }
    case 'user': {
      const user = account.users.find(({ id }) => id === principal.userId);
      if (user === undefined) return undefined;
      const { principal: present, ...rest } = userIdentity(account, user);
      return { principal: { ...present, context: { ...present.context, ...principal.context } }, ...rest };
    }
    case 'federated-user':
      return federatedIdentity(account, session, limits.session ?? []);
    default:
      return undefined;
  }
}

/** What a federated user may do is what both its session policies and the one who asked for it may; without any, nothing. */
function federatedIdentity(
  account: Account,
  { principal }: Session,
  session: readonly NamedPolicy[],
): Identity | undefined {
  if (principal.issuedBy === account.id) return { principal, policies: [everything], session };
  const issuer = account.users.find(({ id }) => id === principal.issuedBy);
  if (issuer === undefined) return undefined;
  const { policies, boundary } = userIdentity(account, issuer);
  return { principal, policies, ...(boundary && { boundary }), session };
}

/** The root of an account has no policies, and may do everything. */
const everything: NamedPolicy = {
  name: 'root',
  get policy() {
    return parsePolicy(
      '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}',
      'identity',
    );
  },
};

function sessionPolicies(account: Account, { policies, policyArns }: Session): Pick<Identity, 'session'> {
  if (policies === undefined && policyArns === undefined) return {};
  const inline = (policies ?? []).map((text) => ({ name: 'session', policy: parsePolicy(text, 'session') }));
  return { session: [...inline, ...(policyArns ?? []).flatMap((arn) => managedPolicy(account, arn))] };
}

export function policiesOf(account: Account, holder: HolderRecord): NamedPolicy[] {
  const inline = Object.entries(holder.inline).map(([name, text]) => ({
    name: `inline:${name}`,
    policy: parsePolicy(text, 'identity'),
  }));
  return [...inline, ...holder.attached.flatMap((arn) => managedPolicy(account, arn))];
}

/** A boundary whose policy is gone allows nothing: a policy without effect stands for it. */
function boundaryOf(account: Account, { boundary }: HolderRecord): Pick<Identity, 'boundary'> {
  if (boundary === undefined) return {};
  return { boundary: managedPolicy(account, boundary)[0] ?? { name: boundary, policy: nothing() } };
}

const nothing = () =>
  parsePolicy('{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}', 'identity');

function managedPolicy(account: Account, arn: string): NamedPolicy[] {
  const record = account.policy(arn);
  return record === undefined ? [] : [{ name: arn, policy: parsePolicy(defaultDocument(record), 'identity') }];
}

export function defaultDocument({ versions, defaultVersionId }: PolicyRecord): string {
  const version = versions.find(({ versionId }) => versionId === defaultVersionId);
  if (version === undefined) throw new Error('assertion failed: a policy has its default version');
  return version.document;
}

/** But for the tags that a session has in the place of them, whatever their case. */
export function tagContext(tags: Tags, session: RequestContext = {}): RequestContext {
  const replaced = new Set(Object.keys(session).map((key) => key.toLowerCase()));
  const keys = Object.entries(tags).map(([key, value]) => [`aws:PrincipalTag/${key}`, value] as const);
  return Object.fromEntries(keys.filter(([key]) => !replaced.has(key.toLowerCase())));
}
