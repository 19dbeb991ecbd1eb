/** Who may do what: the policy language, and the decision that policies give. */
export { accessDeniedMessage } from './accessDenied.ts';
export {
  accountIdOfKey,
  newAccessKeyId,
  newEntityId,
  newSecretAccessKey,
} from './accessKeyIds.ts';
export {
  type AssumableRole,
  type CredentialHolder,
  openSession,
  type Principals,
  type Sealer,
  type Session,
  type SessionPrincipal,
  sealSession,
} from './credentials.ts';
export { decide } from './decide.ts';
export { parsePolicy } from './parsePolicy.ts';
export { MalformedPolicy, type Policy, type PolicyKind } from './policy.ts';
export type {
  AccessRequest,
  DecidedBy,
  DecideOptions,
  DecidingStatement,
  Decision,
  Identity,
  NamedPolicy,
  Principal,
  RequestContext,
  ResourceRule,
} from './types.ts';
