/**
 * Connections to Apple's push service. Apple wants few that live long: one for each certificate, and one for each team
 * that signs tokens, because a connection that sees a second team's token refuses it. Requests share it as HTTP/2 streams.
 */
import type { ClientHttp2Session } from 'node:http2';
import { answerBytes, apnsSessions, attemptMs, idleSessionMs } from './limits.ts';

type Http2 = Pick<typeof import('node:http2'), 'connect'>;

/** HTTP/2's CANCEL, of RFC 9113 section 7. */
const cancelCode = 0x8;

export interface ApnsIdentity {
  readonly origin: string;
  /** What keeps connections apart: a team and its key, or a certificate. */
  readonly name: string;
  readonly cert?: string;
  readonly key?: string;
}

export interface ApnsRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
}

export type ApnsAnswer =
  | { readonly kind: 'answered'; readonly status: number; readonly body: string; readonly dwellTimeMs: number }
  | { readonly kind: 'unreachable'; readonly reason: string };

export interface ApnsSessionOptions {
  readonly timeoutMs?: number | undefined;
  /** Of an authority that Node doesn't know, in front of a service other than Apple's. */
  readonly ca?: string | undefined;
}

export class ApnsSessions {
  /** The one that was used longest ago first. */
  readonly #sessions = new Map<string, ClientHttp2Session>();
  readonly #timeoutMs: number;
  readonly #ca: string | undefined;

  constructor({ timeoutMs = attemptMs, ca }: ApnsSessionOptions = {}) {
    this.#timeoutMs = timeoutMs;
    this.#ca = ca;
  }

  /** Never throws. */
  async request(identity: ApnsIdentity, request: ApnsRequest): Promise<ApnsAnswer> {
    // Loaded with the first notification: few servers have Apple's devices to notify.
    const http2 = await import('node:http2');
    if (request.signal.aborted) return { kind: 'unreachable', reason: 'The server is stopping.' };
    try {
      const session = this.#session(http2, identity);
      return await exchange(session, request, this.#timeoutMs);
    } catch (error) {
      return { kind: 'unreachable', reason: (error as Error).message };
    }
  }

  close(): void {
    for (const session of this.#sessions.values()) session.destroy();
    this.#sessions.clear();
  }

  #session(http2: Http2, identity: ApnsIdentity): ClientHttp2Session {
    const key = `${identity.origin} ${identity.name}`;
    const held = this.#sessions.get(key);
    this.#sessions.delete(key);
    const session = held === undefined || held.closed || held.destroyed ? this.#connect(http2, identity, key) : held;
    this.#sessions.set(key, session);
    const [[, oldest] = []] = this.#sessions;
    // What it is asked already it still answers.
    if (this.#sessions.size > apnsSessions && oldest !== undefined) oldest.close();
    return session;
  }

  #connect(http2: Http2, { origin, cert, key: privateKey }: ApnsIdentity, key: string): ClientHttp2Session {
    const session = http2.connect(origin, {
      ...(cert !== undefined && { cert }),
      ...(privateKey !== undefined && { key: privateKey }),
      ...(this.#ca !== undefined && { ca: this.#ca }),
    });
    const drop = () => {
      if (this.#sessions.get(key) === session) this.#sessions.delete(key);
    };
    // Streams tell of an error themselves; without a listener it would end the process.
    session.on('error', drop);
    session.on('close', drop);
    session.on('goaway', drop);
    session.setTimeout(idleSessionMs, () => session.close());
    return session;
  }
}

function exchange(
  session: ClientHttp2Session,
  { path, headers, body, signal }: ApnsRequest,
  timeoutMs: number,
): Promise<ApnsAnswer> {
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':method': 'POST', ':path': path, ...headers });
    let status: number | undefined;
    let text = '';
    const fail = (reason: Error) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      reject(reason);
    };
    const giveUp = (reason: string) => {
      stream.close(cancelCode);
      fail(new Error(reason));
    };
    const stop = () => giveUp('The server is stopping.');
    const timer = setTimeout(() => {
      giveUp(`There was no complete answer within ${timeoutMs} ms.`);
      // The next attempt had better have a new connection. What others have asked on this one may still be answered.
      if (session.connecting) session.destroy();
      else session.close();
    }, timeoutMs);
    signal.addEventListener('abort', stop, { once: true });
    stream.setEncoding('utf8');
    stream.on('response', (answer) => {
      status = answer[':status'];
    });
    stream.on('data', (chunk: string) => {
      text += chunk;
      if (text.length > answerBytes) stream.close(cancelCode);
    });
    stream.on('error', fail);
    stream.on('close', () => {
      if (status === undefined) return fail(new Error('The connection ended without an answer.'));
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      resolve({ kind: 'answered', status, body: text, dwellTimeMs: Math.round(performance.now() - startedAt) });
    });
    stream.end(body);
  });
}
