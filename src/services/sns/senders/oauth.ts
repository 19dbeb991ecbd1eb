import type { Outcome } from '../delivery.ts';
import type { Grant } from './accessTokens.ts';
import type { Answer, HttpClient } from './httpClient.ts';
import { failed, forNow, outcomeOf } from './outcome.ts';
import { parseObject } from './pushText.ts';

export interface TokenRequest {
  readonly client: HttpClient;
  readonly url: URL;
  readonly form: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly now: number;
}

/** Asks a token endpoint (RFC 6749, sections 4 and 5). */
export async function requestToken({ client, url, form, signal, now }: TokenRequest): Promise<Grant> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return grantOf(await client.post({ url, headers, body: new URLSearchParams(form).toString(), signal }), now);
}

function grantOf(answer: Answer, now: number): Grant {
  if (answer.kind === 'unreachable') return refused(outcomeOf(answer));
  const body = parseObject(answer.body);
  if (answer.status !== 200) {
    const error = typeof body?.error === 'string' ? `: ${body.error}` : '';
    return refused(failed(answer.status, `The access token was refused with status ${answer.status}${error}`));
  }
  const { access_token: token, expires_in: seconds } = body ?? {};
  if (typeof token !== 'string') return refused(forNow('The answer to the request for an access token holds none.'));
  return { kind: 'granted', token, expiresAt: now + (typeof seconds === 'number' ? seconds : 0) * 1000 };
}

function refused(outcome: Outcome): Grant {
  return { kind: 'refused', outcome };
}
