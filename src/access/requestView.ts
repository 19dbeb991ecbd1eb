import type { AccessRequest, Identity, Principal, RequestContext } from './types.ts';

/** The name of a key as a policy writes it, and as it is compared. */
export interface ContextKey {
  readonly written: string;
  readonly lower: string;
}

type ContextValue = string | readonly string[];

const principalTypes = {
  anonymous: 'Anonymous',
  root: 'Account',
  user: 'User',
  'assumed-role': 'AssumedRole',
  'federated-user': 'FederatedUser',
  service: undefined,
} as const satisfies Record<Principal['kind'], string | undefined>;

/** The keys that follow from who asks and for what, and need not be in a context. */
const derivedKeys: Readonly<Record<string, (principal: Principal, request: AccessRequest) => string | undefined>> = {
  'aws:principalarn': (principal) => (isNamed(principal) ? (principal.roleArn ?? principal.arn) : undefined),
  'aws:principalaccount': ({ accountId, kind }) => (kind === 'service' ? undefined : accountId || undefined),
  'aws:principaltype': ({ kind }) => principalTypes[kind],
  'aws:principalisawsservice': ({ kind }) => String(kind === 'service'),
  'aws:principalservicename': ({ kind, arn }) => (kind === 'service' ? arn : undefined),
  'aws:userid': ({ kind, userId }) => (kind === 'anonymous' ? 'anonymous' : userId || undefined),
  'aws:username': ({ kind, arn }) => (kind === 'user' ? arn.slice(arn.lastIndexOf('/') + 1) : undefined),
  'aws:resourceaccount': (_principal, { resourceAccountId }) => resourceAccountId || undefined,
};

/** One request as statements look at it. */
export class RequestView {
  readonly request: AccessRequest;
  readonly principal: Principal;
  /** Whether a permissions boundary holds back the principal. */
  readonly isBounded: boolean;
  /** Actions are compared without regard to case. */
  readonly action: string;

  constructor(request: AccessRequest, { principal, boundary }: Pick<Identity, 'principal' | 'boundary'>) {
    this.request = request;
    this.principal = principal;
    this.isBounded = boundary !== undefined;
    this.action = request.action.toLowerCase();
  }

  /** What the request says wins, so that a simulation can suppose another caller. */
  valueOf(key: ContextKey): ContextValue | undefined {
    return (
      find(this.request.context, key) ??
      find(this.principal.context, key) ??
      (Object.hasOwn(derivedKeys, key.lower) ? derivedKeys[key.lower]?.(this.principal, this.request) : undefined)
    );
  }
}

export function contextKey(written: string): ContextKey {
  return { written, lower: written.toLowerCase() };
}

function isNamed({ kind }: Principal): boolean {
  return kind !== 'anonymous' && kind !== 'service';
}

/** Contexts are small and short-lived; to look at each name costs less than an index of them. */
function find(context: RequestContext, { written, lower }: ContextKey): ContextValue | undefined {
  // As a rule both sides write a key as the documentation does.
  if (Object.hasOwn(context, written)) return context[written];
  for (const name of Object.keys(context)) {
    if (name.length === lower.length && name.toLowerCase() === lower) return context[name];
  }
  return undefined;
}
