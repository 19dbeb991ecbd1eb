import { accessDeniedMessage, decide, type Identity, type RequestContext } from '#access';
import { accessDenied } from './errors.ts';
import type { Role } from './roles.ts';

/**
 * Whether a role lets itself be assumed: its trust policy has to say so, and who asks may need to be allowed by its own
 * policies, too. Refuses otherwise; `actions` beyond the first are what the request asks for besides.
 */
export function checkTrust(identity: Identity, role: Role, actions: readonly string[], context: RequestContext): void {
  for (const action of actions) {
    const request = { action, resource: role.arn, resourceAccountId: role.accountId, context };
    const decision = decide(identity, request, role.trustPolicy, { rule: 'trust' });
    if (decision.effect === 'allowed') continue;
    throw accessDenied(accessDeniedMessage(decision, request, identity.principal, 'trust'));
  }
}

export function isTrusted(
  identity: Identity,
  role: Role,
  actions: readonly string[],
  context: RequestContext,
): boolean {
  return actions.every((action) => {
    const request = { action, resource: role.arn, resourceAccountId: role.accountId, context };
    return decide(identity, request, role.trustPolicy, { rule: 'trust' }).effect === 'allowed';
  });
}

/** A role's tags, as requests about it are decided by them. */
export function resourceTagKeys({ tags }: Role): RequestContext {
  return Object.fromEntries(
    Object.entries(tags).flatMap(([key, value]) => [
      [`aws:ResourceTag/${key}`, value],
      [`iam:ResourceTag/${key}`, value],
    ]),
  );
}
