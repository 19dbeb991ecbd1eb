import { assert } from '#std/assert';
import type { Policy } from './policy.ts';
import { type Closeness, closeness } from './principals.ts';
import { RequestView } from './requestView.ts';
import type {
  AccessRequest,
  DecidedBy,
  DecideOptions,
  DecidingStatement,
  Decision,
  Identity,
  NamedPolicy,
} from './types.ts';
import { judge, silence, type Verdict } from './verdict.ts';

/** What each kind of policy says to a request. */
interface Sides {
  readonly identity: Verdict;
  readonly boundary: Verdict | undefined;
  readonly session: Verdict | undefined;
  readonly resource: Verdict;
}

/** The name under which a resource's policy appears in a decision. */
const resourcePolicyName = 'resource';

/** Whether who asks may do what is asked, and which statements say so. */
export function decide(
  identity: Identity,
  request: AccessRequest,
  resourcePolicy?: Policy,
  options: DecideOptions = {},
): Decision {
  const sides = askAll(identity, request, resourcePolicy);
  return explicitDeny(sides) ?? implicit(identity, request, sides, options);
}

function askAll(identity: Identity, request: AccessRequest, resourcePolicy: Policy | undefined): Sides {
  const { boundary, session } = identity;
  const view = new RequestView(request, identity);
  const resource = judgeResource(resourcePolicy, view);
  if (!hasPolicies(identity)) return { identity: silence, boundary: undefined, session: undefined, resource };
  return {
    identity: judge(identity.policies, view),
    boundary: boundary && judge([boundary], view),
    session: judgeSession(session, identity, view),
    resource,
  };
}

function judgeResource(policy: Policy | undefined, view: RequestView): Verdict {
  if (policy === undefined) return silence;
  assert(namesPrincipals(policy), 'the policy of a resource says who may');
  return judge([{ name: resourcePolicyName, policy }], view);
}

/** Without principals a policy would allow everyone what it allows. */
function namesPrincipals({ statements }: Policy): boolean {
  return statements.every(({ principals }) => principals !== undefined);
}

/** Root, services and the anonymous have no policies of their own. */
function hasPolicies({ principal: { kind } }: Identity): boolean {
  return kind === 'user' || kind === 'assumed-role' || kind === 'federated-user';
}

/** A federated user has what its session policies let through, and without any nothing. */
function judgeSession(
  policies: readonly NamedPolicy[] | undefined,
  { principal }: Identity,
  view: RequestView,
): Verdict | undefined {
  if (policies !== undefined) return judge(policies, view);
  return principal.kind === 'federated-user' ? silence : undefined;
}

/** One deny, wherever it stands, is enough. */
function explicitDeny({ identity, resource, boundary, session }: Sides): Decision | undefined {
  const by = identity.denies
    ? 'identity'
    : resource.denies
      ? 'resource'
      : boundary?.denies
        ? 'boundary'
        : session?.denies
          ? 'session'
          : undefined;
  if (by === undefined) return undefined;
  const statements = [identity, resource, boundary, session].flatMap((verdict) => verdict?.denies ?? []);
  return { effect: 'explicitDeny', by, statements };
}

function implicit(
  identity: Identity,
  request: AccessRequest,
  sides: Sides,
  { rule = 'resource', neverCrossAccount = false }: DecideOptions,
): Decision {
  const { kind, accountId } = identity.principal;
  const isSameAccount = accountId !== '' && accountId === request.resourceAccountId;
  if (!isSameAccount && neverCrossAccount) return refused('crossAccount', sides);
  // They have no policies: what is asked for has to know them.
  if (kind === 'service' || kind === 'anonymous') {
    return isAllowed(sides.resource) ? allowed('resource', sides.resource) : refused('resource', sides);
  }
  if (!isSameAccount) return acrossAccounts(identity, sides);
  if (rule === 'resource') return withinAccount(identity, sides);
  return byDelegation(identity, sides);
}

/** Both accounts have to agree; how close the resource's policy comes to the one who asks makes no difference. */
function acrossAccounts(identity: Identity, sides: Sides): Decision {
  const lacking = lackingOf(identity, sides);
  if (lacking !== undefined) return refused(lacking, sides);
  if (!isAllowed(sides.resource)) return refused('resource', sides);
  return allowed('crossAccount', sides.identity, sides.boundary, sides.session, sides.resource);
}

/** Either side is enough. */
function withinAccount(identity: Identity, sides: Sides): Decision {
  if (identity.principal.kind === 'root') return allowed('root', sides.resource);
  const lacking = lackingOf(identity, sides);
  if (lacking === undefined) return allowed('identity', sides.identity, sides.boundary, sides.session);
  return byResource(sides) ?? refused(silentSide(lacking, sides), sides);
}

/** Keys and roles: their policy has to speak, and other policies count if it leaves the matter to the account. */
function byDelegation(identity: Identity, sides: Sides): Decision {
  const direct = byResource(sides);
  if (direct !== undefined) return direct;
  const { closeness: named } = sides.resource;
  if (named === closeness.none) return refused('resource', sides);
  const lacking = lackingOf(identity, sides);
  if (lacking === undefined && named === closeness.account) {
    return allowed('identity', sides.identity, sides.boundary, sides.session, sides.resource);
  }
  return refused(silentSide(lacking ?? 'identity', sides), sides);
}

/** What a resource's policy gives without any other: to a user or a session everything, to a role within its bounds. */
function byResource({ resource, boundary, session }: Sides): Decision | undefined {
  if (resource.closeness === closeness.direct) return allowed('resource', resource);
  if (resource.closeness !== closeness.role) return undefined;
  return isOpen(boundary) && isOpen(session) ? allowed('resource', resource, boundary, session) : undefined;
}

/** Which of the policies on the side of the one who asks doesn't allow it; root needs none. */
function lackingOf({ principal }: Identity, { identity, boundary, session }: Sides): DecidedBy | undefined {
  if (principal.kind === 'root') return undefined;
  if (!isAllowed(identity)) return 'identity';
  if (!isOpen(boundary)) return 'boundary';
  return isOpen(session) ? undefined : 'session';
}

/** A role that the resource knows lacks a boundary or a session policy, not one of its own. */
function silentSide(lacking: DecidedBy, { resource, boundary }: Sides): DecidedBy {
  if (lacking !== 'identity') return lacking;
  if (resource.closeness === closeness.role) return isOpen(boundary) ? 'session' : 'boundary';
  return resource.closeness === closeness.account ? 'identity' : 'none';
}

function isAllowed({ closeness: named }: { readonly closeness: Closeness }): boolean {
  return named !== closeness.none;
}

/** Without a boundary there is no bound. */
function isOpen(verdict: Verdict | undefined): boolean {
  return verdict === undefined || isAllowed(verdict);
}

function allowed(by: DecidedBy, ...verdicts: readonly (Verdict | undefined)[]): Decision {
  return { effect: 'allowed', by, statements: allowsOf(verdicts) };
}

/** What did speak for the request is told too: it shows how far it came. */
function refused(by: DecidedBy, { identity, boundary, session, resource }: Sides): Decision {
  return { effect: 'implicitDeny', by, statements: allowsOf([identity, boundary, session, resource]) };
}

function allowsOf(verdicts: readonly (Verdict | undefined)[]): readonly DecidingStatement[] {
  let statements: readonly DecidingStatement[] | undefined;
  for (const verdict of verdicts) {
    const allows = verdict?.allows;
    if (allows !== undefined) statements = statements === undefined ? allows : [...statements, ...allows];
  }
  return statements ?? [];
}
