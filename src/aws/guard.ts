/**
 * Who calls, and whether he may: the door of a server that enforces signatures.
 *
 * 1. The signature is read, the holder of its access key found, and the request verified with the holder's secret. A request
 *    without any is the anonymous's, whom only a resource's policy can allow anything.
 * 2. When the input is known, the service says what the call needs, and the policies decide.
 */
import {
  accessDeniedMessage,
  type CredentialHolder,
  type Decision,
  decide,
  type Identity,
  type RequestContext,
} from '#access';
import { type Access, AwsError, type CallContext, frontEndNamespace, type ServiceContract } from './contract.ts';
import type { RequestSocket } from './received.ts';
import {
  expiredToken,
  isRefused,
  missingToken,
  readSignature,
  type SignatureRefusal,
  type SignedRequest,
  SigningKeys,
  signatureError,
  unknownKey,
  verifySignature,
} from './sigv4/index.ts';

/** What the guard asks of IAM. */
export interface KeyHolders {
  credentialHolder(
    accessKeyId: string,
    sessionToken?: string,
  ): CredentialHolder | undefined | Promise<CredentialHolder | undefined>;
  /** A request with that key was accepted. */
  used(accessKeyId: string, region: string, service: string): void;
}

export interface GuardOptions {
  readonly holders: KeyHolders;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Who an unsigned request comes from by the certificate of its connection. */
  readonly clientIdentity?: (socket: RequestSocket) => Identity | undefined | Promise<Identity | undefined>;
  /** Refusals of signatures say what should have been signed. */
  readonly debug?: boolean;
  /** What is put behind the text of a refusal: a sealed explanation, for DecodeAuthorizationMessage. */
  readonly encodeRefusal?: (details: RefusedAccess) => string;
}

interface Called {
  readonly contract: ServiceContract;
  readonly operation: string;
}

/** Who a request comes from, and what of its claims was proved. */
export interface Authenticated {
  readonly identity: Identity;
  /** Empty where nothing was signed, whatever the request says. */
  readonly accessKeyId: string;
  /** That of the signature; absent where nothing was signed. */
  readonly region?: string;
}

export interface RefusedAccess {
  readonly caller: Identity;
  readonly access: Access;
  readonly decision: Decision;
}

const anonymous: Identity = {
  principal: { kind: 'anonymous', accountId: '', arn: '', userId: '', context: {} },
  policies: [],
};

/** What a request without a signature may ask for: a resource's policy, or the token in the request, decides. */
function knowsAnonymous(service: string, operation: string): boolean {
  return service === 'sqs' || service === 'sns' || (service === 'sts' && operation === 'AssumeRoleWithWebIdentity');
}

/** What stands at the door, be it this one or one that asks this one. */
export type RequestGuard = Pick<Guard, 'authenticate' | 'authorize'>;

export class Guard {
  readonly #options: GuardOptions;
  readonly #keys = new SigningKeys();

  constructor(options: GuardOptions) {
    this.#options = options;
  }

  /** Throws AWS's refusal. Not a promise if the holder of the key is in memory. */
  authenticate(
    request: SignedRequest,
    { contract, operation }: Called,
    socket: RequestSocket,
  ): Authenticated | Promise<Authenticated> {
    const { holders, now } = this.#options;
    const signature = readSignature(request, { service: contract.service, now: now() });
    const refuse = (refusal: SignatureRefusal): never => {
      throw signatureError(refusal, contract);
    };
    if (isRefused(signature)) {
      if (signature.refused !== 'missingToken') return refuse(signature);
      const unsigned = (known: Identity | undefined): Authenticated => {
        const identity = known ?? (knowsAnonymous(contract.service, operation) ? anonymous : refuse(signature));
        return { identity, accessKeyId: '' };
      };
      const known = this.#options.clientIdentity?.(socket);
      return known instanceof Promise ? known.then(unsigned) : unsigned(known);
    }
    const { accessKeyId, sessionToken, region, service } = signature;
    const verify = (holder: CredentialHolder | undefined): Authenticated => {
      if (holder === undefined) return refuse(unknownKey);
      const { debug = false } = this.#options;
      const refusal = verifySignature(signature, request, holder.secretAccessKey, { keys: this.#keys, debug });
      if (refusal !== undefined) return refuse(refusal);
      if (holder.expiresAt !== undefined && holder.expiresAt <= now()) return refuse(expiredToken);
      holders.used(accessKeyId, region, service);
      return { identity: holder.identity, accessKeyId, region };
    };
    const holder = holders.credentialHolder(accessKeyId, sessionToken);
    return holder instanceof Promise ? holder.then(verify) : verify(holder);
  }

  /** Throws AccessDenied for the first that the caller may not. */
  authorize(needed: readonly Access[], context: CallContext, contract: ServiceContract): void {
    const caller = context.caller ?? anonymous;
    for (const access of needed) {
      const decision = decideAccess(access, caller, context.conditions);
      if (decision.effect === 'allowed') continue;
      throw this.#denied({ access, caller, decision }, contract);
    }
  }

  #denied({ access, caller, decision }: RefusedAccess, contract: ServiceContract): AwsError {
    if (caller.principal.kind === 'anonymous') return signatureError(missingToken, contract);
    const text = accessDeniedMessage(decision, requestOf(access), caller.principal, access.rule);
    const encoded = this.#options.encodeRefusal?.({ access, caller, decision });
    return accessDenied(
      encoded === undefined ? text : `${text}. Encoded authorization failure message: ${encoded}`,
      contract,
    );
  }
}

export function decideAccess(access: Access, caller: Identity, conditions?: RequestContext): Decision {
  const { policy, rule, neverCrossAccount, isGranted = false } = access;
  const decision = decide(caller, requestOf(access, conditions), policy, {
    ...(rule !== undefined && { rule }),
    ...(neverCrossAccount !== undefined && { neverCrossAccount }),
  });
  if (!isGranted || decision.effect !== 'implicitDeny') return decision;
  return { effect: 'allowed', by: 'resource', statements: [] };
}

function requestOf({ action, resource, resourceAccountId, context: own }: Access, conditions: RequestContext = own) {
  // Most services add nothing, and what is copied would be looked through anew.
  const isAlone = conditions === own || Object.keys(own).length === 0;
  return { action, resource, resourceAccountId, context: isAlone ? conditions : { ...conditions, ...own } };
}

/** SNS has a name of its own for it; the services born with AWS JSON answer 400. */
function accessDenied(message: string, contract: ServiceContract): AwsError {
  const isBornJson = !contract.protocols.includes('query') && !contract.queryCompatible;
  return new AwsError('AccessDeniedException', message, {
    queryCode: contract.service === 'sns' ? 'AuthorizationError' : 'AccessDenied',
    httpStatus: isBornJson ? 400 : 403,
    shapeNamespace: frontEndNamespace,
  });
}
