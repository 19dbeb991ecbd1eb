/** Who appears in the tables, and short ways to write policies. */
import {
  type AccessRequest,
  type DecideOptions,
  type Decision,
  decide,
  type Identity,
  type NamedPolicy,
  type PolicyKind,
  type Principal,
  parsePolicy,
  type RequestContext,
} from '#access';

export const home = '111122223333';
export const away = '444455556666';

function principal(kind: Principal['kind'], arn: string, userId: string, rest: Partial<Principal> = {}): Principal {
  const accountId = /:(\d{12}):/.exec(arn)?.[1] ?? '';
  return { kind, accountId, arn, userId, context: {}, ...rest };
}

export const cast = {
  alice: principal('user', `arn:aws:iam::${home}:user/staff/alice`, 'AIDAALICEALICEALICEA'),
  bob: principal('user', `arn:aws:iam::${home}:user/bob`, 'AIDABOBBOBBOBBOBBOBB'),
  root: principal('root', `arn:aws:iam::${home}:root`, home),
  session: principal('assumed-role', `arn:aws:sts::${home}:assumed-role/worker/s1`, 'AROAWORKERWORKERWORK:s1', {
    roleArn: `arn:aws:iam::${home}:role/jobs/worker`,
  }),
  federated: principal('federated-user', `arn:aws:sts::${home}:federated-user/fay`, `${home}:fay`),
  stranger: principal('user', `arn:aws:iam::${away}:user/stranger`, 'AIDASTRANGERSTRANGER'),
  strangeRoot: principal('root', `arn:aws:iam::${away}:root`, away),
  strangeSession: principal('assumed-role', `arn:aws:sts::${away}:assumed-role/guest/s2`, 'AROAGUESTGUESTGUESTG:s2', {
    roleArn: `arn:aws:iam::${away}:role/guest`,
  }),
  anonymous: principal('anonymous', 'anonymous', ''),
  webIdentity: principal('anonymous', 'anonymous', '', {
    context: { 'aws:FederatedProvider': `arn:aws:iam::${home}:oidc-provider/idp.example.com` },
  }),
  topics: principal('service', 'sns.amazonaws.com', ''),
} as const satisfies Record<string, Principal>;

export type CastName = keyof typeof cast;

export type StatementJson = Readonly<Record<string, unknown>>;

/** A statement that allows everything, as far as it isn't told otherwise. */
export function allow(members: StatementJson = {}): StatementJson {
  return { Effect: 'Allow', ...defaults(members), ...members };
}

export function deny(members: StatementJson = {}): StatementJson {
  return { Effect: 'Deny', ...defaults(members), ...members };
}

function defaults({ NotAction, NotResource }: StatementJson): StatementJson {
  return { ...(NotAction === undefined && { Action: '*' }), ...(NotResource === undefined && { Resource: '*' }) };
}

export function policyText(statements: readonly StatementJson[], version = '2012-10-17'): string {
  return JSON.stringify({ Version: version, Statement: statements });
}

export function named(name: string, statements: readonly StatementJson[], kind: PolicyKind = 'identity'): NamedPolicy {
  return { name, policy: parsePolicy(policyText(statements), kind) };
}

/** One line of a table: who asks for what, and which policies there are. All but the caller has a default. */
export interface Situation {
  readonly who: CastName | Principal;
  readonly action?: string;
  readonly resource?: string;
  readonly owner?: string;
  readonly context?: RequestContext;
  readonly identity?: readonly StatementJson[];
  readonly boundary?: readonly StatementJson[];
  readonly session?: readonly StatementJson[];
  readonly attached?: readonly StatementJson[];
  readonly attachedVersion?: string;
  readonly options?: DecideOptions;
}

export const queue = `arn:aws:sqs:us-east-2:${home}:queue1`;

export function requestOf({ action, resource, owner, context }: Situation): AccessRequest {
  return {
    action: action ?? 'sqs:SendMessage',
    resource: resource ?? queue,
    resourceAccountId: owner ?? home,
    context: context ?? {},
  };
}

export function decideOn(situation: Situation): Decision {
  const { who, identity, boundary, session, attached, attachedVersion, options } = situation;
  const caller: Identity = {
    principal: typeof who === 'string' ? cast[who] : who,
    policies: identity === undefined || identity.length === 0 ? [] : [named('inline:own', identity)],
    ...(boundary && { boundary: named('boundary', boundary) }),
    ...(session && { session: [named('session', session, 'session')] }),
  };
  const kind = options?.rule === 'key' ? 'key' : options?.rule === 'trust' ? 'trust' : 'resource';
  const resourcePolicy = attached && parsePolicy(policyText(attached, attachedVersion), kind);
  return decide(caller, requestOf(situation), resourcePolicy, options);
}

/** `allowed identity`, `implicitDeny none` and so on. */
export function outcome(situation: Situation): string {
  const { effect, by } = decideOn(situation);
  return `${effect} ${by}`;
}
