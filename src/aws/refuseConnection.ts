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
  // A reset leaves nobody to answer; an answer that is under way must not get a second head in its middle.
  if (error.code === 'ECONNRESET' || !socket.writable || isAnswering(socket)) {
    socket.destroy();
    return;
  }
  const status = statusOf(error.code);
  const requestId = randomUUID();
  const refusal = new AwsError('MalformedHttpRequestException', textOf(status), { httpStatus: status });
  const { body, contentType } = awsQuery.encodeError(undefined, refusal, requestId);
  const head =
    `HTTP/1.1 ${status} ${reasons[status]}\r\nConnection: close\r\nDate: ${new Date().toUTCString()}\r\n` +
    `x-amzn-RequestId: ${requestId}\r\nContent-Type: ${contentType}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
  socket.end(head + body, () => socket.destroy());
}

/** Node hangs the response that it is writing on the socket. */
function isAnswering(socket: Socket & { _httpMessage?: { headersSent: boolean } | null }): boolean {
  return socket._httpMessage?.headersSent === true;
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
