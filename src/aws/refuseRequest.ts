/** Refuses a request that no exchange is begun for, in the protocol that it seems to speak. */

import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AwsError } from './contract.ts';
import type { ExchangeSettings } from './exchange.ts';
import { route } from './route.ts';

const emptyBody = Buffer.alloc(0);

/**
 * Reads the body to its end and throws it away, so that the client sees the answer and not a reset, and its connection
 * can be used again; a body that is announced or grows too large for that ends the connection.
 */
export function refuseRequest(
  settings: ExchangeSettings,
  request: IncomingMessage,
  response: ServerResponse,
  refusal: AwsError,
): void {
  const { discardedMaxBytes } = settings.limits;
  const startedAt = performance.now();
  // A client that leaves in the middle of its body wants no answer.
  request.on('error', () => {});
  if (Number(request.headers['content-length'] ?? 0) > discardedMaxBytes) {
    response.shouldKeepAlive = false;
    answer(settings, request, response, refusal, startedAt, 0);
    return;
  }
  let bodyBytes = 0;
  request.on('data', (chunk: Buffer) => {
    bodyBytes += chunk.length;
    if (bodyBytes > discardedMaxBytes) request.destroy();
  });
  request.on('end', () => answer(settings, request, response, refusal, startedAt, bodyBytes));
}

function answer(
  settings: ExchangeSettings,
  request: IncomingMessage,
  response: ServerResponse,
  refusal: AwsError,
  startedAt: number,
  requestBytes: number,
): void {
  if (response.headersSent || response.destroyed) return;
  if (settings.draining) response.shouldKeepAlive = false;
  const { method = 'GET', url = '/', headers } = request;
  const mark = url.indexOf('?');
  // Without the query: it may be the very thing that is too long.
  const path = mark === -1 ? url : url.slice(0, mark);
  const { protocol, contract } = route(settings.routes, { method, path, query: '', headers, body: emptyBody }, '');
  const requestId = randomUUID();
  const { status, contentType, queryError, body } = protocol.encodeError(contract, refusal, requestId);
  const answerBytes = Buffer.byteLength(body);
  response.writeHead(status, {
    'x-amzn-RequestId': requestId,
    'Content-Type': contentType,
    'Content-Length': answerBytes,
    ...(queryError !== undefined && { 'x-amzn-query-error': queryError }),
  });
  response.end(body);
  settings.onRequest?.({
    ...{ service: contract?.service ?? '', operation: '', protocol: protocol.name, status, errorCode: refusal.code },
    ...{ requestBytes, answerBytes, milliseconds: performance.now() - startedAt },
  });
}
