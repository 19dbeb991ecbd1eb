/** Apple's push service, over HTTP/2, with a signed token (.p8) or with a certificate. */
import { X509Certificate } from 'node:crypto';
import type { Delivery, Outcome, PushTarget, Sender } from '../delivery.ts';
import type { AccessTokens, Grant } from './accessTokens.ts';
import type { ApnsAnswer, ApnsIdentity, ApnsSessions } from './apnsSessions.ts';
import { readPrivateKey, signJwt } from './jwt.ts';
import { apnsTokenMs, tokenMarginMs } from './limits.ts';
import { deadToken, delivered, failed, forNow, permanently } from './outcome.ts';
import { isObject, type JsonObject, mobileAttribute, parseObject, timeToLive } from './pushText.ts';

export interface ApnsOptions {
  readonly origin: string;
  readonly sessions: ApnsSessions;
  readonly tokens: AccessTokens;
  readonly now: () => number;
}

/** Who sends: a team by its key, or a certificate. */
type Signing =
  | { readonly kind: 'token'; readonly teamId: string; readonly keyId: string; readonly credential: string }
  | { readonly kind: 'certificate'; readonly cert: string; readonly key: string };

/**
 * Apple's reasons by which a token belongs to no device any more. One that is not for the topic is none of them: a slip in
 * the topic of one message would disable every endpoint.
 */
const deadReasons = ['BadDeviceToken', 'Unregistered', 'ExpiredToken'];
/** The signed token is to blame, and a new one will do. An invalid one would be as invalid when it is new. */
const staleReason = 'ExpiredProviderToken';

export function createApnsSender(options: ApnsOptions): Sender {
  return async (delivery, { platform, signal }) => {
    if (platform === undefined) return permanently('The endpoint or its platform application is gone.');
    const signing = signingOf(platform);
    if (signing === undefined)
      return permanently('The platform application has neither a signing key nor a certificate with its key.');
    const payload = composeApns(delivery.message);
    const path = `/3/device/${encodeURIComponent(platform.token)}`;
    const headers = apnsHeaders(delivery, platform, payload, options.now());
    const request = { path, body: JSON.stringify(payload), signal };
    if (signing.kind === 'certificate') {
      const { cert, key } = signing;
      const identity: ApnsIdentity = { origin: options.origin, name: cert, cert, key };
      return judge(await options.sessions.request(identity, { ...request, headers }));
    }
    const { teamId, keyId, credential } = signing;
    const identity: ApnsIdentity = { origin: options.origin, name: `${teamId} ${keyId}` };
    const attempt = async (isLast: boolean): Promise<Outcome> => {
      const grant = await options.tokens.get([teamId, keyId, credential], () => signToken(signing, options.now()));
      if (grant.kind === 'refused') return grant.outcome;
      const authorized = { ...headers, authorization: `bearer ${grant.token}` };
      const answer = await options.sessions.request(identity, { ...request, headers: authorized });
      if (isLast || !isStale(answer)) return judge(answer);
      options.tokens.forget([teamId, keyId, credential], grant.token);
      return attempt(true);
    };
    return attempt(false);
  };
}

/** What the publisher wrote for Apple's devices, or an alert with the text. */
export function composeApns(message: string): JsonObject {
  const given = parseObject(message);
  return given ?? { aps: { alert: message } };
}

export function apnsHeaders(
  delivery: Pick<Delivery, 'attributes' | 'messageId'>,
  { name, attributes }: Pick<PushTarget, 'name' | 'attributes'>,
  payload: JsonObject,
  now: number,
): Record<string, string> {
  const given = (what: string) => mobileAttribute(delivery, [name, 'APNS'], what);
  const isVoip = name.startsWith('APNS_VOIP');
  const pushType = given('PUSH_TYPE') ?? (isVoip ? 'voip' : isUnseen(payload) ? 'background' : 'alert');
  const topic = given('TOPIC') ?? attributes.ApplePlatformBundleID ?? topicOf(attributes.PlatformPrincipal);
  const seconds = timeToLive(delivery, [name, 'APNS']);
  const collapseId = given('COLLAPSE_ID');
  return {
    'apns-id': delivery.messageId,
    'apns-push-type': pushType,
    'apns-priority': given('PRIORITY') ?? (pushType === 'background' ? '5' : '10'),
    ...(topic !== undefined && { 'apns-topic': topic }),
    ...(seconds !== undefined && { 'apns-expiration': String(seconds === 0 ? 0 : Math.floor(now / 1000) + seconds) }),
    ...(collapseId !== undefined && { 'apns-collapse-id': collapseId }),
  };
}

/** Apple refuses an alert that shows nothing: it has to be called a background push. */
function isUnseen({ aps }: JsonObject): boolean {
  if (!isObject(aps) || aps['content-available'] !== 1) return false;
  return aps.alert === undefined && aps.badge === undefined && aps.sound === undefined;
}

/** The bundle id of a certificate stands in its subject. */
function topicOf(principal = ''): string | undefined {
  return /^UID=(.+)$/m.exec(readCertificate(principal)?.subject ?? '')?.[1];
}

function readCertificate(principal: string): X509Certificate | undefined {
  if (!isCertificate(principal)) return undefined;
  try {
    return new X509Certificate(principal);
  } catch {
    return undefined;
  }
}

function signingOf({ attributes }: PushTarget): Signing | undefined {
  const { PlatformPrincipal: principal = '', PlatformCredential: credential = '' } = attributes;
  if (isCertificate(principal)) {
    // TLS would refuse them in its own words, and at every attempt anew.
    const isUsable = readCertificate(principal) !== undefined && readPrivateKey(credential) !== undefined;
    return isUsable ? { kind: 'certificate', cert: principal, key: credential } : undefined;
  }
  const teamId = attributes.ApplePlatformTeamID;
  if (teamId === undefined || principal === '') return undefined;
  return { kind: 'token', teamId, keyId: principal, credential };
}

function isCertificate(principal: string): boolean {
  return principal.includes('-----BEGIN CERTIFICATE');
}

function signToken({ teamId, keyId, credential }: Extract<Signing, { kind: 'token' }>, now: number): Grant {
  const key = readPrivateKey(credential);
  if (key?.asymmetricKeyType !== 'ec') {
    return { kind: 'refused', outcome: permanently('The PlatformCredential is not the key of a .p8 file.') };
  }
  const token = signJwt({ iss: teamId, iat: Math.floor(now / 1000) }, key, { kid: keyId });
  return { kind: 'granted', token, expiresAt: now + apnsTokenMs + tokenMarginMs };
}

function isStale(answer: ApnsAnswer): boolean {
  return answer.kind === 'answered' && answer.status === 403 && reasonIn(answer.body) === staleReason;
}

function judge(answer: ApnsAnswer): Outcome {
  if (answer.kind === 'unreachable') return forNow(answer.reason);
  const { status, body, dwellTimeMs } = answer;
  if (status === 200) return delivered(status, body, dwellTimeMs);
  const why = reasonIn(body);
  const reason = `APNs answered with status ${status}${why === undefined ? '' : `: ${why}`}`;
  const isDead = status === 410 || (status === 400 && deadReasons.some((each) => each === why));
  return isDead ? deadToken(status, reason) : failed(status, reason);
}

function reasonIn(body: string): string | undefined {
  const reason = parseObject(body)?.reason;
  return typeof reason === 'string' ? reason : undefined;
}
