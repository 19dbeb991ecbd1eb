/** Firebase Cloud Messaging, HTTP v1: a signed claim of the service account buys an access token, which opens the rest. */
import type { Outcome, Sender } from '../delivery.ts';
import type { AccessTokens, Grant } from './accessTokens.ts';
import { composeFcm } from './fcmMessage.ts';
import type { Answer, HttpClient } from './httpClient.ts';
import { readPrivateKey, signJwt } from './jwt.ts';
import { requestToken } from './oauth.ts';
import { deadToken, delivered, failed, outcomeOf, permanently } from './outcome.ts';
import { isObject, parseObject } from './pushText.ts';

export interface FcmOptions {
  readonly baseUrl: string;
  readonly client: HttpClient;
  /** For the token's address, which the credential names: who may register an application may write it. */
  readonly guardedClient: HttpClient;
  readonly tokens: AccessTokens;
  readonly now: () => number;
}

interface ServiceAccount {
  readonly projectId: string;
  readonly email: string;
  readonly privateKey: string;
  readonly privateKeyId: string | undefined;
  readonly tokenUri: string;
}

const scope = 'https://www.googleapis.com/auth/firebase.messaging';
const defaultTokenUri = 'https://oauth2.googleapis.com/token';
const claimSeconds = 3_600;

export function createFcmSender(options: FcmOptions): Sender {
  const { baseUrl, client, tokens } = options;
  return async (delivery, { platform, signal }) => {
    if (platform === undefined) return permanently('The endpoint or its platform application is gone.');
    const credential = platform.attributes.PlatformCredential ?? '';
    const account = readServiceAccount(credential);
    if (account === undefined) return permanently('The PlatformCredential is not the JSON key of a service account.');
    const url = new URL(`${baseUrl}/v1/projects/${encodeURIComponent(account.projectId)}/messages:send`);
    const body = JSON.stringify(composeFcm(delivery, platform.token));
    const attempt = async (isLast: boolean): Promise<Outcome> => {
      const grant = await tokens.get([credential], () => buyToken(account, options, signal));
      if (grant.kind === 'refused') return grant.outcome;
      const headers = { authorization: `Bearer ${grant.token}`, 'content-type': 'application/json; charset=UTF-8' };
      const answer = await client.post({ url, headers, body, signal });
      if (answer.kind !== 'answered' || answer.status !== 401) return judge(answer);
      // It may have been withdrawn before its time.
      tokens.forget([credential], grant.token);
      return isLast ? judge(answer) : attempt(true);
    };
    return attempt(false);
  };
}

async function buyToken(account: ServiceAccount, options: FcmOptions, signal: AbortSignal): Promise<Grant> {
  const key = readPrivateKey(account.privateKey);
  if (key?.asymmetricKeyType !== 'rsa') return refused('The private_key of the service account is no RSA key.');
  if (!URL.canParse(account.tokenUri)) return refused('The token_uri of the service account is no URL.');
  const now = options.now();
  const issuedAt = Math.floor(now / 1000);
  const times = { iat: issuedAt, exp: issuedAt + claimSeconds };
  const claims = { iss: account.email, scope, aud: account.tokenUri, ...times };
  const assertion = signJwt(claims, key, account.privateKeyId === undefined ? {} : { kid: account.privateKeyId });
  const form = { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion };
  return requestToken({ client: options.guardedClient, url: new URL(account.tokenUri), form, signal, now });
}

function refused(reason: string): Grant {
  return { kind: 'refused', outcome: permanently(reason) };
}

function judge(answer: Answer): Outcome {
  if (answer.kind === 'unreachable') return outcomeOf(answer);
  const { status, body, dwellTimeMs } = answer;
  if (status === 200) return delivered(status, body, dwellTimeMs);
  const { code, message } = errorOf(body);
  const reason = [`FCM answered with status ${status}`, code, message].filter((part) => part !== '').join(': ');
  // An invalid argument is the token if FCM names it, else the publisher's payload.
  const isDead = code === 'UNREGISTERED' || (code === 'INVALID_ARGUMENT' && /registration token/i.test(message));
  return isDead ? deadToken(status, reason) : failed(status, reason);
}

/** FCM's own code stands in the details, beside the general one. */
function errorOf(body: string): { code: string; message: string } {
  const error = parseObject(body)?.error;
  if (!isObject(error)) return { code: '', message: '' };
  const details = Array.isArray(error.details) ? error.details.filter(isObject) : [];
  const code = details.map(({ errorCode }) => errorCode).find((each) => typeof each === 'string') ?? error.status;
  return {
    code: typeof code === 'string' ? code : '',
    message: typeof error.message === 'string' ? error.message : '',
  };
}

function readServiceAccount(credential: string): ServiceAccount | undefined {
  const key = parseObject(credential);
  const { project_id: projectId, client_email: email, private_key: privateKey } = key ?? {};
  if (typeof projectId !== 'string' || typeof email !== 'string' || typeof privateKey !== 'string') return undefined;
  const { private_key_id: id, token_uri: uri } = key ?? {};
  const privateKeyId = typeof id === 'string' ? id : undefined;
  return { projectId, email, privateKey, privateKeyId, tokenUri: typeof uri === 'string' ? uri : defaultTokenUri };
}
