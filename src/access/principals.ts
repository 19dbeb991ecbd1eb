import type { Effect, Principal } from './types.ts';

/** A Principal or NotPrincipal element: `everyone`, or the names of each type. */
export interface PrincipalNames {
  readonly everyone: boolean;
  readonly aws: readonly string[];
  readonly service: readonly string[];
  readonly federated: readonly string[];
}

/**
 * How close a policy names the one who asks, in rising order. An account named alone only lets its administrators decide;
 * a role may be held back by its boundary; what is given directly is held back by explicit denies alone.
 */
export const closeness = { none: 0, account: 1, role: 2, direct: 3 } as const;
export type Closeness = (typeof closeness)[keyof typeof closeness];

/** `isBounded`: the one who asks has a permissions boundary. */
export type PrincipalTest = (principal: Principal, isBounded: boolean) => Closeness;

const accountPattern = /^\d{12}$/;
const rootPattern = /^arn:aws[a-z-]*:iam::(\d{12}):root$/;
const identityPattern =
  /^arn:aws[a-z-]*:(?:iam::\d{12}:(?:user|role)\/[\w+=,.@/-]+|sts::\d{12}:(?:assumed-role\/[\w+=,.@-]+\/[\w+=,.@-]+|federated-user\/[\w+=,.@-]+))$/;
/** What AWS puts in the place of a user or role that has been deleted. */
const uniqueIdPattern = /^A[A-Z0-9]{15,127}$/;

export function isAwsPrincipal(name: string): boolean {
  return [accountPattern, rootPattern, identityPattern, uniqueIdPattern].some((pattern) => pattern.test(name));
}

export function compilePrincipals(names: PrincipalNames): PrincipalTest {
  const { everyone } = names;
  if (everyone) return () => closeness.direct;
  const accounts = accountsOf(names);
  const aws = new Set(names.aws);
  const services = new Set(names.service);
  const federated = new Set(names.federated);
  return (principal) => {
    const { kind, accountId, arn, roleArn, userId } = principal;
    if (kind === 'service') return services.has(arn) ? closeness.direct : closeness.none;
    const provider = federated.size > 0 ? providerOf(principal) : undefined;
    const isFederated = provider !== undefined && federated.has(provider);
    if (kind === 'anonymous') return isFederated ? closeness.direct : closeness.none;
    if (kind === 'root') return accounts.has(accountId) ? closeness.direct : closeness.none;
    if (aws.has(arn) || aws.has(userId)) return closeness.direct;
    if (isFederated || (roleArn !== undefined && (aws.has(roleArn) || aws.has(roleIdOf(userId)))))
      return closeness.role;
    return accounts.has(accountId) ? closeness.account : closeness.none;
  };
}

/**
 * NotPrincipal is read in the safer of two ways. A Deny spares only those who are named whole: the user or the session,
 * its role, and their account; and never one who has a permissions boundary, which AWS documents as it is. An Allow leaves
 * out everyone who is named in part.
 */
export function compileNotPrincipals(names: PrincipalNames, effect: Effect): PrincipalTest {
  const isNamedWhole = compileWhole(names);
  const closenessOf = compilePrincipals(names);
  return (principal, isBounded) => {
    const isNamed = closenessOf(principal, isBounded) !== closeness.none;
    const isSpared = effect === 'Deny' ? isNamedWhole(principal) && !isBounded : isNamed;
    return isSpared ? closeness.none : closeness.direct;
  };
}

function compileWhole(names: PrincipalNames): (principal: Principal) => boolean {
  const accounts = accountsOf(names);
  const aws = new Set(names.aws);
  const services = new Set(names.service);
  const federated = new Set(names.federated);
  return (principal) => {
    const { kind, accountId, arn, roleArn, userId } = principal;
    if (names.everyone) return true;
    if (kind === 'service') return services.has(arn);
    if (kind === 'anonymous') return federated.has(providerOf(principal) ?? '');
    if (!accounts.has(accountId)) return false;
    if (kind === 'root') return true;
    const isRoleNamed = roleArn === undefined || aws.has(roleArn) || aws.has(roleIdOf(userId));
    return isRoleNamed && (aws.has(arn) || aws.has(userId));
  };
}

/** An account is named by its number or by the ARN of its root; both mean the same. */
function accountsOf({ aws }: PrincipalNames): ReadonlySet<string> {
  return new Set(
    aws.flatMap((name) => (accountPattern.test(name) ? [name] : (rootPattern.exec(name)?.slice(1, 2) ?? []))),
  );
}

function providerOf({ context }: Principal): string | undefined {
  const provider = context['aws:FederatedProvider'];
  return typeof provider === 'string' ? provider : undefined;
}

/** `AROA...` of `AROA...:session`. */
function roleIdOf(userId: string): string {
  return userId.split(':', 1)[0] ?? userId;
}
