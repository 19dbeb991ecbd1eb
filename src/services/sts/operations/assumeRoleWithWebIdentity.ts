import type { Identity, SessionPrincipal } from '#access';
import type { CallContext } from '#aws/contract';
import type { StsOperations } from '#aws/generated/sts';
import { accessDenied } from '../errors.ts';
import { hostOf, type WebIdentity } from '../issuers.ts';
import { assumedRole, checkDuration, checkRoleArn, type Role, supposedRole } from '../roles.ts';
import type { Sts, StsOperation } from '../service.ts';
import { checkSessionPolicies, makeSession, packedSize } from '../sessions.ts';
import { isTrusted, resourceTagKeys } from '../trust.ts';

type Input = StsOperations['AssumeRoleWithWebIdentity']['input'];

const noTags = { tags: {}, transitiveKeys: [], inherited: {} };

/** Nobody signs this call: the token says who it is. */
export const assumeRoleWithWebIdentity: StsOperation<'AssumeRoleWithWebIdentity'> = async (sts, input, context) => {
  const { RoleArn, RoleSessionName, WebIdentityToken } = input;
  const { accountId } = checkRoleArn(RoleArn);
  const policies = await checkSessionPolicies(sts, input, accountId);
  const { issuers, isEnforced } = sts;
  const web = await (isEnforced ? issuers.verify(WebIdentityToken) : issuers.readUnverified(WebIdentityToken));
  const provider = `arn:aws:iam::${accountId}:oidc-provider/${hostOf(web.issuer)}`;
  const keys = { 'aws:FederatedProvider': provider, ...claimKeys(web) };
  const role = await allowedRole(sts, input, context, keys, web);
  const seconds = checkDuration(input.DurationSeconds, role, false);
  const size = packedSize(policies, noTags);
  const { AssumedRoleId, Arn } = assumedRole(role, RoleSessionName);
  const { sourceIdentity } = web;
  const principal: SessionPrincipal = {
    ...{ kind: 'assumed-role', accountId: role.accountId, arn: Arn, roleArn: role.arn, userId: AssumedRoleId },
    context: { ...keys, ...(sourceIdentity !== undefined && { 'aws:SourceIdentity': sourceIdentity }) },
  };
  return {
    Credentials: makeSession(sts, { principal, seconds, ...policies }),
    ...{ AssumedRoleUser: { AssumedRoleId, Arn }, SubjectFromWebIdentityToken: web.subject },
    ...{ Audience: web.audience, Provider: provider },
    ...(size > 0 && { PackedPolicySize: size }),
    ...(sourceIdentity !== undefined && { SourceIdentity: sourceIdentity }),
  };
};

/** `example.com:sub` and so on, by which trust policies pick whom they mean. */
function claimKeys({ issuer, subject, audience, methods }: WebIdentity): Record<string, string | readonly string[]> {
  const host = hostOf(issuer);
  return { [`${host}:sub`]: subject, [`${host}:aud`]: audience, ...(methods && { [`${host}:amr`]: methods }) };
}

async function allowedRole(
  sts: Sts,
  { RoleArn, RoleSessionName }: Input,
  { conditions }: CallContext,
  keys: Identity['principal']['context'],
  { sourceIdentity }: WebIdentity,
): Promise<Role> {
  const role = await sts.principals.findRole(RoleArn);
  if (!sts.isEnforced) return role ?? supposedRole(RoleArn);
  const principal = { kind: 'anonymous', accountId: '', arn: '', userId: '', context: keys } as const;
  const context = {
    ...{ ...conditions, 'sts:RoleSessionName': RoleSessionName },
    ...(role && resourceTagKeys(role)),
    ...(sourceIdentity !== undefined && { 'sts:SourceIdentity': sourceIdentity }),
  };
  const actions = ['sts:AssumeRoleWithWebIdentity', ...(sourceIdentity !== undefined ? ['sts:SetSourceIdentity'] : [])];
  // Whether the role is there is told to nobody.
  if (role === undefined || !isTrusted({ principal, policies: [] }, role, actions, context)) {
    throw accessDenied('Not authorized to perform sts:AssumeRoleWithWebIdentity');
  }
  return role;
}
