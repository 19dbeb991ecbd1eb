import type { Principal, Principals, Sealer, SessionPrincipal } from '#access';
import type { CallContext } from '#aws/contract';
import type { StsOperations } from '#aws/generated/sts';
import type { Issuers } from './issuers.ts';

/** What STS's operations work with. */
export interface Sts {
  /** IAM, as far as STS knows it. */
  readonly principals: Principals;
  readonly sealer: Sealer;
  readonly issuers: Issuers;
  readonly now: () => number;
  /**
   * Whether callers are known. While they are not, everybody is the root of an account and may assume whatever role: that
   * is what those who try things out expect.
   */
  readonly isEnforced: boolean;
}

export type StsOperation<Name extends keyof StsOperations> = (
  sts: Sts,
  input: StsOperations[Name]['input'],
  context: CallContext,
) => StsOperations[Name]['output'] | Promise<StsOperations[Name]['output']>;

export function callerOf({ caller, accountId }: CallContext): SessionPrincipal {
  const root: Principal = {
    ...{ kind: 'root', accountId, userId: accountId, context: {} },
    arn: `arn:aws:iam::${accountId}:root`,
  };
  return caller?.principal ?? root;
}

/** Whether who calls does so with temporary credentials. */
export function isSession({ kind, context }: Principal): boolean {
  return kind === 'assumed-role' || kind === 'federated-user' || context['aws:TokenIssueTime'] !== undefined;
}
