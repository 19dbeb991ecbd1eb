/** Requests that `node:http` read the head of: their bodies, and the way back. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AwsError } from './contract.ts';
import { Exchange, type ExchangeSettings } from './exchange.ts';
import type { Answer, Reply } from './received.ts';

/**
 * Reads the body, then calls, or refuses with `refusal`. What is refused is read to its end first, so that the client sees the
 * answer and not a reset, and its connection can be used again; a body that is announced or grows too large for that ends
 * the connection.
 */
export function answerRequest(
  settings: ExchangeSettings,
  request: IncomingMessage,
  response: ServerResponse,
  refusal: AwsError | undefined,
): void {
  const { bodyMaxBytes, discardedMaxBytes } = settings.limits;
  const startedAt = performance.now();
  // A client that leaves in the middle of its body wants no answer; without a listener the error would be thrown.
  request.on('error', () => {});
  const exchangeOf = (bytes: number, body?: Buffer) =>
    new Exchange(settings, request, { body, bytes, startedAt }, new HttpReply(response));
  if (Number(request.headers['content-length'] ?? 0) > discardedMaxBytes) {
    response.shouldKeepAlive = false;
    if (refusal === undefined) exchangeOf(0).refuseTooLarge();
    else exchangeOf(0).refuse(refusal);
    return;
  }
  let chunks: Buffer[] = [];
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > discardedMaxBytes) request.destroy();
    if (bytes > bodyMaxBytes || refusal !== undefined) chunks = [];
    else chunks.push(chunk);
  });
  request.on('end', () => {
    if (refusal !== undefined) exchangeOf(bytes).refuse(refusal);
    else if (bytes > bodyMaxBytes) exchangeOf(bytes).refuseTooLarge();
    else exchangeOf(bytes, chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, bytes)).call();
  });
}

class HttpReply implements Reply {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  get isOpen(): boolean {
    return !this.#response.headersSent && !this.#response.destroyed;
  }

  get gone(): boolean {
    return this.#response.destroyed && !this.#response.writableEnded;
  }

  onGone(listener: () => void): void {
    const response = this.#response;
    if (this.gone) {
      process.nextTick(listener);
      return;
    }
    // `close` also follows an answer that was written; then the client had what it waited for.
    response.once('close', () => {
      if (!response.writableEnded) listener();
    });
  }

  send({ status, headers, body, isLast }: Answer): void {
    if (isLast) this.#response.shouldKeepAlive = false;
    this.#response.writeHead(status, headers as string[]);
    this.#response.end(body);
  }
}
