import type { SessionPrincipal } from '#access';
import { decide } from '#access';
import { accessDenied, notAuthorized } from '../errors.ts';
import { defaultSessionSeconds, rootSessionSeconds } from '../limits.ts';
import { callerOf, isSession, type StsOperation } from '../service.ts';
import { checkSessionPolicies, makeSession, packedSize } from '../sessions.ts';
import { checkSessionTags, principalTagKeys, requestTagKeys } from '../sessionTags.ts';

/** Somebody whom the caller knows, who may do what both the caller and the session's policies allow. */
export const getFederationToken: StsOperation<'GetFederationToken'> = async (sts, input, context) => {
  const { Name, DurationSeconds } = input;
  const caller = callerOf(context);
  if (isSession(caller)) throw accessDenied('Cannot call GetFederationToken with session credentials');
  const tags = checkSessionTags(input, caller);
  const policies = await checkSessionPolicies(sts, input, caller.accountId);
  const size = packedSize(policies, tags);
  const { accountId } = caller;
  const arn = `arn:aws:sts::${accountId}:federated-user/${Name}`;
  if (context.caller !== undefined && Object.keys(tags.tags).length > 0) {
    const keys = { ...context.conditions, ...requestTagKeys(tags) };
    const request = { action: 'sts:TagSession', resource: arn, resourceAccountId: accountId, context: keys };
    if (decide(context.caller, request).effect !== 'allowed') throw notAuthorized(caller.arn, 'sts:TagSession', arn);
  }
  const asked = DurationSeconds ?? defaultSessionSeconds;
  const seconds = caller.kind === 'root' ? Math.min(asked, rootSessionSeconds) : asked;
  const FederatedUserId = `${accountId}:${Name}`;
  const principal: SessionPrincipal = {
    ...{ kind: 'federated-user', accountId, arn, userId: FederatedUserId },
    ...{ context: principalTagKeys(tags), issuedBy: caller.userId },
  };
  return {
    Credentials: makeSession(sts, { principal, seconds, ...policies }),
    FederatedUser: { FederatedUserId, Arn: arn },
    PackedPolicySize: size,
  };
};
