/** The answer to bytes that are no HTTP request, or too many or too late for one. The connection ends with it. */

import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { AwsError } from './contract.ts';
import { awsQuery } from './protocols/awsQuery/index.ts';

const reasons: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};

export function refuseConnection(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ERR_SSL_HTTP_REQUEST') {
    refusePlainHttp(socket);
    return;
  }
  // A broken connection leaves nobody to answer, and before a handshake's end nothing can be written; an answer that is
  // under way must not get a second head in its middle.
  if (!isOfHttp(error.code) || !socket.writable || isAnswering(socket)) {
    socket.destroy();
    return;
  }
  const status = statusOf(error.code);
  socket.end(answerOf(status, textOf(status)), () => socket.destroy());
}

/** The handshake has failed on a request in plain text; below TLS, its sender can still read why. */
function refusePlainHttp(socket: Socket): void {
  const raw = rawSocketOf(socket);
  if (raw?.writable) raw.end(answerOf(400, 'This port speaks TLS only: use https.'), () => socket.destroy());
  else socket.destroy();
}

function answerOf(status: number, text: string): string {
  const requestId = randomUUID();
  const refusal = new AwsError('MalformedHttpRequestException', text, { httpStatus: status });
  const { body, contentType } = awsQuery.encodeError(undefined, refusal, requestId);
  const head =
    `HTTP/1.1 ${status} ${reasons[status]}\r\nConnection: close\r\nDate: ${new Date().toUTCString()}\r\n` +
    `x-amzn-RequestId: ${requestId}\r\nContent-Type: ${contentType}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
  return head + body;
}

/**
 * Node hangs the response that it is writing, or is waiting for, on the socket. An answer to the bytes behind a request
 * would be taken for the answer to that request.
 */
function isAnswering(socket: Socket & { _httpMessage?: PendingResponse | null }): boolean {
  const pending = socket._httpMessage;
  return pending?.headersSent === true || pending?.req?.complete === true;
}

interface PendingResponse {
  readonly headersSent: boolean;
  readonly req?: { readonly complete: boolean };
}

/** Of the parser, or of a request that did not come; not of the socket or of TLS. */
function isOfHttp(code = ''): boolean {
  return code.startsWith('HPE_') || code.startsWith('ERR_HTTP_');
}

function statusOf(code: string | undefined): number {
  if (code === 'HPE_HEADER_OVERFLOW') return 431;
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 408;
  return 400;
}

function textOf(status: number): string {
  if (status === 431) return 'The headers of the request are too large.';
  if (status === 408) return 'The request did not arrive in time.';
  return 'The request is not valid HTTP.';
}

/** The connection below TLS. Node keeps it in a place without a name. */
export function rawSocketOf(socket: Socket & { _parent?: Socket | null }): Socket | undefined {
  return socket._parent ?? undefined;
}
