import type { RequestContext, SessionPrincipal } from '#access';
import type { CallContext } from '#aws/contract';
import type { StsOperations } from '#aws/generated/sts';
import { accessDenied, notAuthorized } from '../errors.ts';
import { assumedRole, checkDuration, checkRoleArn, type Role, supposedRole } from '../roles.ts';
import { callerOf, type Sts, type StsOperation } from '../service.ts';
import { checkSessionPolicies, makeSession, packedSize } from '../sessions.ts';
import { checkSessionTags, principalTagKeys, requestTagKeys, type SessionTags } from '../sessionTags.ts';
import { checkTrust, resourceTagKeys } from '../trust.ts';

type Input = StsOperations['AssumeRole']['input'];

export const assumeRole: StsOperation<'AssumeRole'> = async (sts, input, context) => {
  const { RoleArn, RoleSessionName } = input;
  // first: what is wrong with the request, whoever makes it
  const { accountId } = checkRoleArn(RoleArn);
  const caller = callerOf(context);
  const tags = checkSessionTags(input, caller);
  const policies = await checkSessionPolicies(sts, input, accountId);
  // then: whether the role may be assumed, which is not told apart from whether it is there
  const role = await allowedRole(sts, input, context, tags);
  const sourceIdentity = sourceIdentityOf(input, caller);
  const seconds = checkDuration(input.DurationSeconds, role, caller.kind === 'assumed-role');
  const size = packedSize(policies, tags);
  const { AssumedRoleId, Arn } = assumedRole(role, RoleSessionName);
  const principal: SessionPrincipal = {
    ...{ kind: 'assumed-role', accountId: role.accountId, arn: Arn, roleArn: role.arn, userId: AssumedRoleId },
    context: {
      ...principalTagKeys(tags),
      ...(sourceIdentity !== undefined && { 'aws:SourceIdentity': sourceIdentity }),
    },
    ...(tags.transitiveKeys.length > 0 && { transitiveTagKeys: tags.transitiveKeys }),
  };
  return {
    Credentials: makeSession(sts, { principal, seconds, ...policies }),
    AssumedRoleUser: { AssumedRoleId, Arn },
    ...(size > 0 && { PackedPolicySize: size }),
    ...(sourceIdentity !== undefined && { SourceIdentity: sourceIdentity }),
  };
};

async function allowedRole(sts: Sts, input: Input, context: CallContext, tags: SessionTags): Promise<Role> {
  const { RoleArn } = input;
  const role = await sts.principals.findRole(RoleArn);
  const { caller } = context;
  if (!sts.isEnforced || caller === undefined) return role ?? supposedRole(RoleArn);
  if (caller.principal.kind === 'root') throw accessDenied('Roles may not be assumed by root accounts.');
  // A federated user may only ask who it is.
  if (role === undefined || caller.principal.kind === 'federated-user') {
    throw notAuthorized(caller.principal.arn, 'sts:AssumeRole', RoleArn);
  }
  const actions = [
    'sts:AssumeRole',
    ...(Object.keys(tags.tags).length > 0 ? ['sts:TagSession'] : []),
    ...(input.SourceIdentity !== undefined ? ['sts:SetSourceIdentity'] : []),
  ];
  checkTrust(caller, role, actions, requestKeys(input, context, tags, role));
  return role;
}

function requestKeys(input: Input, { conditions }: CallContext, tags: SessionTags, role: Role): RequestContext {
  const { ExternalId, RoleSessionName, SourceIdentity } = input;
  return {
    ...conditions,
    ...requestTagKeys(tags),
    ...resourceTagKeys(role),
    'sts:RoleSessionName': RoleSessionName,
    ...(ExternalId !== undefined && { 'sts:ExternalId': ExternalId }),
    ...(SourceIdentity !== undefined && { 'sts:SourceIdentity': SourceIdentity }),
  };
}

/** Once it is set it goes on from role to role, and nothing takes its place. */
function sourceIdentityOf({ SourceIdentity }: Input, { arn, context }: SessionPrincipal): string | undefined {
  const inherited = context['aws:SourceIdentity'];
  if (typeof inherited !== 'string') return SourceIdentity;
  if (SourceIdentity !== undefined && SourceIdentity !== inherited) {
    throw accessDenied(`User: ${arn} is not authorized to change the source identity of its session`);
  }
  return inherited;
}
