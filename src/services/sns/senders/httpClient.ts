/**
 * Posts to addresses that others name, within bounds: one deadline for all of it, no redirect followed, no more of the
 * answer read than `answerBytes`, a few connections per endpoint kept. It never throws; what went wrong is an answer too.
 */
import http, { type IncomingHttpHeaders } from 'node:http';
import https from 'node:https';
import { type AddressGuard, AddressRefused } from './addressGuard.ts';
import { answerBytes, attemptMs, idleSocketMs, idleSocketsPerEndpoint, socketsPerEndpoint } from './limits.ts';

export interface Post {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
}

export type Answer =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly headers: IncomingHttpHeaders;
      readonly body: string;
      readonly dwellTimeMs: number;
    }
  | { readonly kind: 'unreachable'; readonly permanent: boolean; readonly reason: string };

export interface HttpClientOptions {
  /** Without one every address may be reached. */
  readonly guard?: AddressGuard | undefined;
  readonly timeoutMs?: number | undefined;
}

export class HttpClient {
  readonly #guard: AddressGuard | undefined;
  readonly #timeoutMs: number;
  readonly #agents: { readonly 'http:': http.Agent; readonly 'https:': https.Agent };

  constructor({ guard, timeoutMs = attemptMs }: HttpClientOptions = {}) {
    this.#guard = guard;
    this.#timeoutMs = timeoutMs;
    const pool = {
      keepAlive: true,
      maxSockets: socketsPerEndpoint,
      maxFreeSockets: idleSocketsPerEndpoint,
      // A connection in use only hears of it; one that waits is closed.
      timeout: idleSocketMs,
    };
    this.#agents = { 'http:': new http.Agent(pool), 'https:': new https.Agent(pool) };
  }

  async post(post: Post): Promise<Answer> {
    const { protocol, hostname } = post.url;
    if (protocol !== 'http:' && protocol !== 'https:') {
      return { kind: 'unreachable', permanent: true, reason: `${protocol} is neither http nor https.` };
    }
    const refusal = this.#guard?.refusalOf(hostname);
    if (refusal !== undefined) return { kind: 'unreachable', permanent: true, reason: refusal.message };
    const controller = new AbortController();
    const stop = () => controller.abort(new Error('The server is stopping.'));
    if (post.signal.aborted) stop();
    post.signal.addEventListener('abort', stop, { once: true });
    const expire = () => controller.abort(new Error(`There was no complete answer within ${this.#timeoutMs} ms.`));
    const timer = setTimeout(expire, this.#timeoutMs);
    try {
      const answer = await this.#attempt(post, this.#agents[protocol], controller.signal);
      // The connection was from the pool, and the other end had closed it already: that says nothing about the endpoint.
      return answer === 'stale' ? await this.#attempt(post, undefined, controller.signal) : answer;
    } catch (error) {
      return unreachable(error, controller.signal);
    } finally {
      clearTimeout(timer);
      post.signal.removeEventListener('abort', stop);
    }
  }

  close(): void {
    this.#agents['http:'].destroy();
    this.#agents['https:'].destroy();
  }

  /** Without an agent the connection is a new one, which can't be stale. */
  #attempt(post: Post, agent: http.Agent, signal: AbortSignal): Promise<Answer | 'stale'>;
  #attempt(post: Post, agent: undefined, signal: AbortSignal): Promise<Answer>;
  #attempt({ url, headers, body }: Post, agent: http.Agent | undefined, signal: AbortSignal) {
    const startedAt = performance.now();
    return new Promise<Answer | 'stale'>((resolve, reject) => {
      const request = (url.protocol === 'https:' ? https : http).request(url, {
        ...{ method: 'POST', agent: agent ?? false, signal },
        headers: { ...headers, 'content-length': Buffer.byteLength(body) },
        ...(this.#guard !== undefined && { lookup: this.#guard.lookup }),
      });
      let hasAnswer = false;
      request.on('response', (response) => {
        hasAnswer = true;
        const { statusCode: status = 0, headers: answerHeaders } = response;
        readSome(response, (text) => {
          const dwellTimeMs = Math.round(performance.now() - startedAt);
          resolve({ kind: 'answered', status, headers: answerHeaders, body: text, dwellTimeMs });
        });
      });
      request.on('error', (error: NodeJS.ErrnoException) => {
        const isReset = error.code === 'ECONNRESET' || error.code === 'EPIPE';
        // The status counts, whatever becomes of the rest.
        if (hasAnswer) return;
        if (agent !== undefined && request.reusedSocket && isReset && !signal.aborted) resolve('stale');
        else reject(error);
      });
      // An answer that switches protocols gives neither of the two.
      request.on('close', () => {
        if (!hasAnswer) reject(new Error('The connection ended without an answer.'));
      });
      request.end(body);
    });
  }
}

/** Calls back once, at the end, at the limit, or when the connection is lost: the status has been told by then. */
function readSome(response: http.IncomingMessage, done: (text: string) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= answerBytes) chunks.push(chunk);
    else response.destroy();
  });
  response.on('error', () => undefined);
  response.on('close', () => done(Buffer.concat(chunks).toString()));
}

function unreachable(error: unknown, signal: AbortSignal): Answer {
  // Node's own words for it are only that it was aborted.
  const cause = signal.aborted ? signal.reason : error;
  const { message = '', code = '' } = cause as NodeJS.ErrnoException;
  // Several addresses were tried, and each has failed in its way.
  const first = cause instanceof AggregateError ? (cause.errors[0] as Error | undefined) : undefined;
  const reason = message || first?.message || code || 'The request failed.';
  return { kind: 'unreachable', permanent: cause instanceof AddressRefused, reason };
}
