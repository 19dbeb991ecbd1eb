import type { Sender } from '../delivery.ts';
import { answerChallenge, takeLogin } from './challenge.ts';
import type { HttpClient } from './httpClient.ts';
import { outcomeOf, permanently } from './outcome.ts';

/** The sender of `http` and `https`. */
export function createHttpSender(client: HttpClient): Sender {
  return async (delivery, context) => {
    if (!URL.canParse(delivery.endpoint)) return permanently('The endpoint is not a URL.');
    const url = new URL(delivery.endpoint);
    const login = takeLogin(url);
    const isRaw = delivery.raw && delivery.kind === 'notification';
    const headers = { ...context.headers, 'content-type': context.contentType };
    const post = { url, headers, body: isRaw ? delivery.message : context.envelope(), signal: context.signal };
    const answer = await client.post(post);
    const challenge = answer.kind === 'answered' && answer.status === 401 && answer.headers['www-authenticate'];
    if (login === undefined || typeof challenge !== 'string') return outcomeOf(answer);
    const path = `${url.pathname}${url.search}`;
    const authorization = answerChallenge(challenge, login, { method: 'POST', path });
    if (authorization === undefined) return outcomeOf(answer);
    return outcomeOf(await client.post({ ...post, headers: { ...headers, authorization } }));
  };
}
