/** Who called, as CloudTrail writes it (CloudTrail User Guide, "userIdentity element"). */
import type { Principal, SessionPrincipal } from '#access';

export interface UserIdentity {
  readonly type:
    | 'Root'
    | 'IAMUser'
    | 'AssumedRole'
    | 'FederatedUser'
    | 'WebIdentityUser'
    | 'AWSAccount'
    | 'AWSService'
    | 'Unknown';
  readonly principalId?: string;
  readonly arn?: string;
  readonly accountId?: string;
  readonly accessKeyId?: string;
  readonly userName?: string;
  readonly identityProvider?: string;
  readonly sessionContext?: SessionContext;
  /** The service that called on their behalf. */
  readonly invokedBy?: string;
}

interface SessionContext {
  readonly sessionIssuer?: {
    readonly type: 'Role' | 'IAMUser' | 'Root';
    readonly principalId: string;
    readonly arn?: string;
    readonly accountId: string;
    readonly userName?: string;
  };
  readonly webIdFederationData?: { readonly federatedProvider: string };
  readonly sourceIdentity?: string;
  readonly attributes: { readonly creationDate: string; readonly mfaAuthenticated: string };
}

/** `accessKeyId`: empty where none is known. */
export function userIdentityOf(principal: Principal, accessKeyId: string): UserIdentity {
  const { kind, arn, accountId, userId } = principal;
  const whole = { principalId: userId, arn, accountId, ...(accessKeyId !== '' && { accessKeyId }) };
  switch (kind) {
    case 'anonymous':
      return { type: 'AWSAccount', principalId: '', accountId: 'ANONYMOUS_PRINCIPAL' };
    case 'service':
      return { type: 'AWSService', invokedBy: arn };
    case 'root':
      return { type: 'Root', ...whole, ...sessionOf(principal) };
    case 'user':
      return { type: 'IAMUser', ...whole, userName: lastName(arn), ...sessionOf(principal) };
    case 'assumed-role':
      return { type: 'AssumedRole', ...whole, ...sessionOf(principal) };
    case 'federated-user':
      return { type: 'FederatedUser', ...whole, ...sessionOf(principal) };
    default:
      return kind satisfies never;
  }
}

/** A caller in the records of another account: which account it was, and not who. */
export function foreignIdentity({ principalId = '', accountId = '', type, invokedBy }: UserIdentity): UserIdentity {
  if (type === 'WebIdentityUser') return { type, principalId };
  return { type: 'AWSAccount', principalId, accountId, ...(invokedBy !== undefined && { invokedBy }) };
}

/** Of one whose signature was refused: what the request claims. */
export function unknownIdentity(accessKeyId: string): UserIdentity {
  return { type: 'Unknown', ...(accessKeyId !== '' && { accessKeyId }) };
}

/** Who came with a token of an OpenID provider, as the answer to AssumeRoleWithWebIdentity tells. */
export function webIdentity(answer: unknown): UserIdentity | undefined {
  const { Provider, Audience = '', SubjectFromWebIdentityToken: subject } = (answer ?? {}) as Record<string, string>;
  if (Provider === undefined || subject === undefined) return undefined;
  const principalId = `${Provider}:${Audience}:${subject}`;
  return { type: 'WebIdentityUser', principalId, userName: subject, identityProvider: Provider };
}

/** The name by which LookupEvents finds someone. */
export function usernameOf({ type, userName, arn }: UserIdentity): string | undefined {
  if (type === 'Root') return 'root';
  return userName ?? (arn === undefined ? undefined : lastName(arn));
}

/** What comes with temporary credentials only. */
function sessionOf(principal: SessionPrincipal): { sessionContext?: SessionContext } {
  const { context } = principal;
  const creationDate = textOf(context['aws:TokenIssueTime']);
  if (creationDate === undefined) return {};
  const sessionIssuer = issuerOf(principal);
  const federatedProvider = textOf(context['aws:FederatedProvider']);
  const sourceIdentity = textOf(context['aws:SourceIdentity']);
  const mfaAuthenticated = textOf(context['aws:MultiFactorAuthPresent']) ?? 'false';
  return {
    sessionContext: {
      ...(sessionIssuer !== undefined && { sessionIssuer }),
      ...(federatedProvider !== undefined && { webIdFederationData: { federatedProvider } }),
      ...(sourceIdentity !== undefined && { sourceIdentity }),
      attributes: { creationDate, mfaAuthenticated },
    },
  };
}

function issuerOf(principal: SessionPrincipal): SessionContext['sessionIssuer'] {
  const { kind, roleArn, userId, accountId, issuedBy } = principal;
  if (kind === 'assumed-role' && roleArn !== undefined) {
    const principalId = userId.split(':', 1)[0] ?? userId;
    return { type: 'Role', principalId, arn: roleArn, accountId, userName: lastName(roleArn) };
  }
  if (kind !== 'federated-user' || issuedBy === undefined) return undefined;
  if (issuedBy !== accountId) return { type: 'IAMUser', principalId: issuedBy, accountId };
  return { type: 'Root', principalId: accountId, arn: `arn:aws:iam::${accountId}:root`, accountId };
}

/** Of `arn:aws:iam::A:user/path/N`: N. */
function lastName(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

function textOf(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
