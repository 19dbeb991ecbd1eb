/**
 * What IAM and STS tell each other, and the edge, about credentials: the keys of a user, and the sessions that STS makes
 * of an identity. A session is nowhere stored: its token holds everything, sealed, and is opened when it is used.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Policy } from './policy.ts';
import type { Identity, Principal } from './types.ts';

/** Who holds an access key. */
export interface CredentialHolder {
  readonly secretAccessKey: string;
  readonly identity: Identity;
  /** Milliseconds; of a session, which the caller has to compare with the moment. */
  readonly expiresAt?: number;
  /** The token that has to come with the key. */
  readonly sessionToken?: string;
}

/** Seals bytes so that nobody else can read or make them; the context is bound to what it was sealed for. */
export interface Sealer {
  seal(plain: Uint8Array, context: string): Buffer;
  open(sealed: Uint8Array, context: string): Buffer;
}

/** The principal of a session, with what is no key of the policy language. */
export interface SessionPrincipal extends Principal {
  /** Of its session tags, those that go on to the role that it assumes. */
  readonly transitiveTagKeys?: readonly string[];
  /** Of a federated user: the id of the user who asked for it, or the account's id for its root. */
  readonly issuedBy?: string;
}

/** Temporary credentials, as their token holds them. */
export interface Session {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly principal: SessionPrincipal;
  /** The texts of its session policies; absent when it has none, which is not the same as an empty list. */
  readonly policies?: readonly string[];
  /** Managed policies as session policies, by ARN: looked up when they are used. */
  readonly policyArns?: readonly string[];
}

/** A role, as STS has to know it. */
export interface AssumableRole {
  readonly arn: string;
  readonly accountId: string;
  readonly name: string;
  /** `AROA...` */
  readonly roleId: string;
  readonly trustPolicy: Policy;
  readonly maxSessionSeconds: number;
  readonly tags: Readonly<Record<string, string>>;
}

/** What STS asks of IAM. */
export interface Principals {
  findRole(arn: string): Promise<AssumableRole | undefined>;
  /** Whether the account has a managed policy of that ARN; AWS's own are every account's. */
  hasManagedPolicy(arn: string, accountId: string): Promise<boolean>;
  /** The account that the key belongs to, whatever its state. */
  accountOfKey(accessKeyId: string): Promise<string | undefined>;
}

const sessionPurpose = 'sts-session';

export function sealSession(sealer: Sealer, session: Session): string {
  return sealer.seal(deflateRawSync(Buffer.from(JSON.stringify(session))), sessionPurpose).toString('base64');
}

/** Undefined unless it is a token that was sealed here. */
export function openSession(sealer: Sealer, token: string): Session | undefined {
  const sealed = Buffer.from(token, 'base64');
  // Node reads past what is no base64; a token has one form.
  if (sealed.toString('base64') !== token) return undefined;
  try {
    return JSON.parse(inflateRawSync(sealer.open(sealed, sessionPurpose)).toString()) as Session;
  } catch {
    return undefined;
  }
}
