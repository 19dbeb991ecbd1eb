import type { Principals, Sealer } from '#access';
import type { Access, CallContext, ServedService } from '#aws/contract';
import { sts as contract, type StsOperations } from '#aws/generated/sts';
import { accessOf } from './access.ts';
import { missingToken } from './errors.ts';
import { type IssuerSettings, Issuers } from './issuers.ts';
import { assumeRole } from './operations/assumeRole.ts';
import { assumeRoleWithWebIdentity } from './operations/assumeRoleWithWebIdentity.ts';
import { decodeAuthorizationMessage } from './operations/decodeAuthorizationMessage.ts';
import { getAccessKeyInfo } from './operations/getAccessKeyInfo.ts';
import { getCallerIdentity } from './operations/getCallerIdentity.ts';
import { getFederationToken } from './operations/getFederationToken.ts';
import { getSessionToken } from './operations/getSessionToken.ts';
import type { Sts, StsOperation } from './service.ts';

export { encodeAuthorizationMessage } from './authorizationMessage.ts';
export type { IssuerSettings } from './issuers.ts';

/** What is absent here is answered UnsupportedOperation by the edge. */
const operations: { readonly [Name in keyof StsOperations]?: StsOperation<Name> } = {
  AssumeRole: assumeRole,
  AssumeRoleWithWebIdentity: assumeRoleWithWebIdentity,
  DecodeAuthorizationMessage: decodeAuthorizationMessage,
  GetAccessKeyInfo: getAccessKeyInfo,
  GetCallerIdentity: getCallerIdentity,
  GetFederationToken: getFederationToken,
  GetSessionToken: getSessionToken,
};

/** What nobody signs: the token in it says who calls. Whatever else comes without a signature is refused. */
const unsigned: ReadonlySet<string> = new Set<keyof StsOperations>(['AssumeRoleWithWebIdentity']);

export interface StsOptions {
  /** IAM, as far as STS knows it. */
  readonly principals: Principals;
  readonly sealer: Sealer;
  /** Milliseconds. */
  readonly now: () => number;
  /** Whether callers are known by their signatures. */
  readonly isEnforced: boolean;
  /** Whose web identities are taken. */
  readonly issuers?: readonly IssuerSettings[];
}

export interface RunningSts {
  readonly service: ServedService;
  /** What a call has to be allowed; undefined if nothing, or if the operation decides itself. */
  accessOf(operation: string, input: object, context: CallContext): Access | undefined;
}

export function createSts({ issuers = [], now, ...options }: StsOptions): RunningSts {
  const sts: Sts = { ...options, now, issuers: new Issuers(issuers, now) };
  return { service: { contract, operations: bind(sts) }, accessOf };
}

/** Each operation takes its own input, which the codecs made by the contract. */
function bind(sts: Sts): ServedService['operations'] {
  const bound = Object.entries(operations).map(([name, operation]) => {
    const perform = operation as (sts: Sts, input: never, context: CallContext) => unknown;
    const call = (input: never, context: CallContext) => {
      if (context.caller?.principal.kind === 'anonymous' && !unsigned.has(name)) throw missingToken();
      return perform(sts, input, context);
    };
    return [name, call] as const;
  });
  return Object.fromEntries(bound);
}
