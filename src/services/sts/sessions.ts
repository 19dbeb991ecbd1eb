import { deflateRawSync } from 'node:zlib';
import {
  MalformedPolicy,
  newAccessKeyId,
  newSecretAccessKey,
  parsePolicy,
  type SessionPrincipal,
  sealSession,
} from '#access';
import type { Credentials, PolicyDescriptorType } from '#aws/generated/sts';
import { malformedPolicy, packedPolicyTooLarge, policyNotFound, validationError } from './errors.ts';
import { packedPolicyBytes, policyArnsMax, sessionPolicyCharacters } from './limits.ts';
import type { Sts } from './service.ts';
import type { SessionTags } from './sessionTags.ts';

/** Temporary credentials: an identity, sealed into a token together with what holds it back. */

export interface SessionPolicies {
  readonly policies?: readonly string[];
  readonly policyArns?: readonly string[];
}

interface PolicyInput {
  readonly Policy?: string | undefined;
  readonly PolicyArns?: readonly PolicyDescriptorType[] | undefined;
}

/** Refuses what is no policy, and managed policies that there aren't. */
export async function checkSessionPolicies(
  { principals }: Sts,
  input: PolicyInput,
  accountId: string,
): Promise<SessionPolicies> {
  const { Policy, PolicyArns = [] } = input;
  if (Policy !== undefined) checkPolicy(Policy);
  if (PolicyArns.length > policyArnsMax) {
    throw validationError(`The number of PolicyArns exceeds the limit of ${policyArnsMax}.`);
  }
  const policyArns = PolicyArns.map(({ arn = '' }) => arn);
  for (const arn of policyArns) {
    if (!(await principals.hasManagedPolicy(arn, accountId))) throw policyNotFound(arn);
  }
  return {
    ...(Policy !== undefined && { policies: [Policy] }),
    ...(policyArns.length > 0 && { policyArns }),
  };
}

function checkPolicy(text: string): void {
  if (text.length > sessionPolicyCharacters) {
    throw validationError(
      `1 validation error detected: Value at 'policy' failed to satisfy constraint: Member must have length less than or equal to ${sessionPolicyCharacters}`,
    );
  }
  try {
    parsePolicy(text, 'session');
  } catch (error) {
    if (error instanceof MalformedPolicy) throw malformedPolicy(error.message);
    throw error;
  }
}

/** How much of what there is for them policies and tags take, in percent; refuses more than all. */
export function packedSize(policies: SessionPolicies, tags: SessionTags): number {
  const isEmpty = Object.keys(policies).length === 0 && Object.keys(tags.tags).length === 0;
  if (isEmpty) return 0;
  const packed = deflateRawSync(Buffer.from(JSON.stringify([policies, tags.tags])));
  const percent = Math.ceil((100 * packed.length) / packedPolicyBytes);
  if (percent > 100) throw packedPolicyTooLarge(percent);
  return percent;
}

export interface NewSession extends SessionPolicies {
  readonly principal: SessionPrincipal;
  readonly seconds: number;
}

export function makeSession(sts: Sts, { principal, seconds, ...policies }: NewSession): Credentials {
  const issuedAt = sts.now();
  // AWS's expirations are whole seconds.
  const expiresAt = (Math.floor(issuedAt / 1000) + seconds) * 1000;
  const accessKeyId = newAccessKeyId('ASIA', principal.accountId);
  const secretAccessKey = newSecretAccessKey();
  const issued = {
    'aws:TokenIssueTime': new Date(Math.floor(issuedAt / 1000) * 1000).toISOString().replace('.000Z', 'Z'),
    // No MFA device can be made here.
    'aws:MultiFactorAuthPresent': 'false',
  };
  const session = {
    ...{ accessKeyId, secretAccessKey, issuedAt, expiresAt, ...policies },
    principal: { ...principal, context: { ...principal.context, ...issued } },
  };
  const SessionToken = sealSession(sts.sealer, session);
  return { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken, Expiration: expiresAt };
}
