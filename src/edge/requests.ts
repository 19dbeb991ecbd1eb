/** Requests that the edge does not answer itself, and their answers, as fields of a frame. */
import { type Answer, type ReceivedBody, type ReceivedRequest, socketFacts } from '#aws';
import type { FrameReader, FrameWriter } from './frames.ts';

export function writeForwarded(frame: FrameWriter, request: ReceivedRequest, { body, startedAt }: ReceivedBody): void {
  const { method, url, headers, rawHeaders, socket } = request;
  frame.text(JSON.stringify({ method, url, headers, rawHeaders, socket: socketFacts(socket) }));
  // The clocks of two processes differ, so what has passed is told.
  frame.number(startedAt === undefined ? 0 : performance.now() - startedAt);
  frame.bytes(body ?? new Uint8Array(0));
}

export function readForwarded(frame: FrameReader): { request: ReceivedRequest; body: ReceivedBody } {
  const request = JSON.parse(frame.text()) as ReceivedRequest;
  const startedAt = performance.now() - frame.number();
  return { request, body: { body: frame.bytes(), startedAt } };
}

export function writeAnswer(frame: FrameWriter, { status, headers, body, bytes, isLast }: Answer): void {
  frame
    .number(status)
    .number(bytes)
    .number(isLast ? 1 : 0);
  frame.text(JSON.stringify(headers));
  if (typeof body === 'string') frame.text(body);
  else frame.bytes(body);
}

export function readAnswer(frame: FrameReader): Answer {
  const [status, bytes, isLast] = [frame.number(), frame.number(), frame.number() === 1];
  return { status, bytes, isLast, headers: JSON.parse(frame.text()) as string[], body: frame.text() };
}
