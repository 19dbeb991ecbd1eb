/** Amazon Device Messaging: PlatformPrincipal is the client id, PlatformCredential its secret. */
import type { Delivery, Outcome, Sender } from '../delivery.ts';
import type { AccessTokens } from './accessTokens.ts';
import type { Answer, HttpClient } from './httpClient.ts';
import { requestToken } from './oauth.ts';
import { deadToken, delivered, failed, outcomeOf, permanently } from './outcome.ts';
import { parseObject, textsOf, timeToLive } from './pushText.ts';

export interface AdmOptions {
  readonly baseUrl: string;
  readonly client: HttpClient;
  readonly tokens: AccessTokens;
  readonly now: () => number;
}

const deadReasons = ['Unregistered', 'InvalidRegistrationId'];

export function createAdmSender({ baseUrl, client, tokens, now }: AdmOptions): Sender {
  return async (delivery, { platform, signal }) => {
    if (platform === undefined) return permanently('The endpoint or its platform application is gone.');
    const { PlatformPrincipal: id = '', PlatformCredential: secret = '' } = platform.attributes;
    const buyToken = () => {
      const form = { grant_type: 'client_credentials', scope: 'messaging:push', client_id: id, client_secret: secret };
      return requestToken({ client, url: new URL(`${baseUrl}/auth/O2/token`), form, signal, now: now() });
    };
    const url = new URL(`${baseUrl}/messaging/registrations/${encodeURIComponent(platform.token)}/messages`);
    const body = JSON.stringify(composeAdm(delivery));
    const attempt = async (isLast: boolean): Promise<Outcome> => {
      const grant = await tokens.get([id, secret], buyToken);
      if (grant.kind === 'refused') return grant.outcome;
      const headers = {
        authorization: `Bearer ${grant.token}`,
        'content-type': 'application/json',
        accept: 'application/json',
        'x-amzn-type-version': 'com.amazon.device.messaging.ADMMessage@1.0',
        'x-amzn-accept-type': 'com.amazon.device.messaging.ADMSendResult@1.0',
      };
      const answer = await client.post({ url, headers, body, signal });
      if (answer.kind !== 'answered' || answer.status !== 401) return judge(answer);
      tokens.forget([id, secret], grant.token);
      return isLast ? judge(answer) : attempt(true);
    };
    return attempt(false);
  };
}

/** What the publisher wrote for ADM, or any other text as data under `default`. */
export function composeAdm(delivery: Pick<Delivery, 'message' | 'attributes'>): object {
  const given = parseObject(delivery.message) ?? { data: { default: delivery.message } };
  const seconds = timeToLive(delivery, ['ADM']);
  return {
    ...given,
    ...(given.data !== undefined && { data: textsOf(given.data) }),
    ...(seconds !== undefined && { expiresAfter: seconds }),
  };
}

function judge(answer: Answer): Outcome {
  if (answer.kind === 'unreachable') return outcomeOf(answer);
  const { status, body, dwellTimeMs } = answer;
  if (status === 200) return delivered(status, body, dwellTimeMs);
  const why = parseObject(body)?.reason;
  const reason = `ADM answered with status ${status}${typeof why === 'string' ? `: ${why}` : ''}`;
  return status === 400 && deadReasons.some((dead) => dead === why)
    ? deadToken(status, reason)
    : failed(status, reason);
}
