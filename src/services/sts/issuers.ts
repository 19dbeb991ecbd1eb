import type { JSONWebKeySet, JWTPayload, JWTVerifyGetKey } from 'jose';
import { expiredToken, invalidIdentityToken, issuerUnreachable } from './errors.ts';
import { issuerClockSkewSeconds, issuerTimeoutMs } from './limits.ts';

/** Who may vouch for web identities. Its keys are given, or fetched from where it says that they are. */
export interface IssuerSettings {
  /** As tokens name it: `https://token.actions.githubusercontent.com`. */
  readonly issuer: string;
  /** Those that tokens must be for. */
  readonly audiences: readonly string[];
  readonly jwksUri?: string;
  readonly jwks?: JSONWebKeySet;
}

export interface WebIdentity {
  readonly issuer: string;
  readonly subject: string;
  /** The one that is configured, if the token is for several. */
  readonly audience: string;
  /** How the user has been authenticated; some issuers say so. */
  readonly methods?: readonly string[];
  readonly sourceIdentity?: string;
}

/** Loaded with the first token: most servers never see one. */
const loadJose = () => import('jose');
type Jose = Awaited<ReturnType<typeof loadJose>>;

/** AWS's; a token that says `none`, or that is signed by a shared secret, is nothing. */
const algorithms = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512'];

const noIssuer = 'No OpenIDConnect provider found in your account for';

export class Issuers {
  readonly #settings: ReadonlyMap<string, IssuerSettings>;
  readonly #keys = new Map<string, Promise<JWTVerifyGetKey>>();
  readonly #now: () => number;

  constructor(settings: readonly IssuerSettings[], now: () => number) {
    this.#settings = new Map(settings.map((each) => [withoutSlash(each.issuer), each]));
    this.#now = now;
  }

  /** Refuses a token that isn't one of a configured issuer, for one of its audiences, and valid now. */
  async verify(token: string): Promise<WebIdentity> {
    const jose = await loadJose();
    const { iss = '' } = claimsOf(jose, token);
    const settings = this.#settings.get(withoutSlash(iss));
    if (settings === undefined) throw invalidIdentityToken(`${noIssuer} ${iss}`);
    const keys = await this.#keysOf(settings);
    const { payload } = await jose
      .jwtVerify(token, keys, {
        ...{ algorithms, issuer: iss, clockTolerance: issuerClockSkewSeconds, currentDate: new Date(this.#now()) },
        requiredClaims: ['exp', 'iat', 'sub', 'aud'],
      })
      .catch((error: unknown) => refuse(jose, error, this.#now()));
    const audience = audiencesOf(payload).find((each) => settings.audiences.includes(each));
    if (audience === undefined) throw invalidIdentityToken('Incorrect token audience');
    return identityOf(payload, audience);
  }

  /** What a token says, whoever signed it: for servers that don't know their callers, and have no such issuer. */
  async readUnverified(token: string): Promise<WebIdentity> {
    const claims = claimsOf(await loadJose(), token);
    if (this.#settings.has(withoutSlash(claims.iss ?? ''))) return this.verify(token);
    return identityOf(claims, audiencesOf(claims)[0] ?? '');
  }

  #keysOf(settings: IssuerSettings): Promise<JWTVerifyGetKey> {
    const { issuer } = settings;
    const known = this.#keys.get(issuer);
    if (known !== undefined) return known;
    const found = findKeys(settings);
    this.#keys.set(issuer, found);
    // The next token tries again.
    found.catch(() => this.#keys.delete(issuer));
    return found;
  }
}

/** Without `https://`: what provider ARNs and condition keys begin with. */
export function hostOf(issuer: string): string {
  return withoutSlash(issuer).replace(/^https?:\/\//, '');
}

async function findKeys({ issuer, jwks, jwksUri }: IssuerSettings): Promise<JWTVerifyGetKey> {
  const { createLocalJWKSet, createRemoteJWKSet } = await loadJose();
  if (jwks !== undefined) return createLocalJWKSet(jwks);
  const uri = jwksUri ?? (await discover(issuer));
  return createRemoteJWKSet(new URL(uri), { timeoutDuration: issuerTimeoutMs });
}

async function discover(issuer: string): Promise<string> {
  const unreachable = (why: string) =>
    issuerUnreachable(`Couldn't retrieve verification key from your identity provider, ${issuer}: ${why}`);
  const url = `${withoutSlash(issuer)}/.well-known/openid-configuration`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(issuerTimeoutMs), redirect: 'error' }).catch(
    (error: Error) => {
      throw unreachable(error.message);
    },
  );
  const found = (await answer.json().catch(() => undefined)) as { jwks_uri?: unknown } | undefined;
  if (!answer.ok || typeof found?.jwks_uri !== 'string') throw unreachable('its configuration names no keys');
  return found.jwks_uri;
}

function claimsOf({ decodeJwt }: Jose, token: string): JWTPayload {
  try {
    return decodeJwt(token);
  } catch {
    throw invalidIdentityToken(
      'The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)',
    );
  }
}

function audiencesOf({ aud = [] }: JWTPayload): string[] {
  return typeof aud === 'string' ? [aud] : aud;
}

function identityOf(claims: JWTPayload, audience: string): WebIdentity {
  const { iss = '', sub = '', amr } = claims;
  const methods = Array.isArray(amr) ? amr.filter((each) => typeof each === 'string') : [];
  const sourceIdentity = claims['https://aws.amazon.com/source_identity'];
  return {
    ...{ issuer: iss, subject: sub, audience },
    ...(methods.length > 0 && { methods }),
    ...(typeof sourceIdentity === 'string' && { sourceIdentity }),
  };
}

function refuse({ errors }: Jose, error: unknown, now: number): never {
  if (error instanceof errors.JWTExpired) {
    const expiry = (error.payload.exp ?? 0) * 1000;
    throw expiredToken(
      `Token expired: current date/time ${Math.floor(now / 1000)} must be before the expiration date/time ${expiry / 1000}`,
    );
  }
  if (error instanceof errors.JWTClaimValidationFailed) {
    throw invalidIdentityToken(`Missing a required claim, or one that is not valid: ${error.claim}`);
  }
  // What has no kind of its own is about fetching the keys.
  const isAboutToken = error instanceof errors.JOSEError && error.code !== errors.JOSEError.code;
  if (!isAboutToken || error instanceof errors.JWKSTimeout)
    throw issuerUnreachable("Couldn't retrieve verification key from your identity provider");
  throw invalidIdentityToken('The token could not be verified: its signature or its form is not valid');
}

function withoutSlash(issuer: string): string {
  return issuer.replace(/\/+$/, '');
}
