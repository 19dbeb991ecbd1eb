import type { Socket } from 'node:net';
import { type AnswerTaker, ClientReply } from '../clientReply.ts';
import type { Answer, ReceivedRequest, RequestHeaders } from '../received.ts';
import { refuseConnection } from '../refuseConnection.ts';
import { headOf } from './answerHead.ts';
import type { Front } from './front.ts';
import { type Head, parseHead, readRawHeaders } from './parseHead.ts';

const nothing = Buffer.alloc(0);
/** Bytes behind a request that is being answered; with more, its client has to wait before it may go on. */
const aheadMaxBytes = 64 * 1024;
/** Pieces that a head may come in: each is looked at together with those before it. */
const headPiecesMax = 8;

/**
 * One connection, and one request at a time: those that a client sends ahead wait until the one before is answered. It is in
 * one of these modes:
 *
 * - *waiting*: no byte of a request is there. The first one must come soon, further ones within the keep-alive time.
 * - *reading*: a part of a request is there, of its head (in `#ahead`) or of its body (in `#body`).
 * - *answering*: a request was read; `#reply` takes its answer.
 * - *left*: ended, or handed over to Node. Nothing happens any more.
 */
export class FrontConnection implements AnswerTaker {
  readonly socket: Socket;
  readonly #front: Front;
  #mode: 'waiting' | 'reading' | 'answering' | 'left' = 'waiting';
  /** When the mode began, or something moved in it, whichever limit of time it has; by the front's clock. */
  #since: number;
  #wasUsed = false;
  /** What was read and belongs to no request yet. */
  #ahead: Buffer = nothing;
  #headPieces = 0;
  #startedAt = 0;
  #head: Head | undefined;
  /** Of a body that comes in pieces; has room for all of it. */
  #body: Buffer | undefined;
  #bodyRead = 0;
  #release: (() => void) | undefined;
  #reply: ClientReply | undefined;

  constructor(front: Front, socket: Socket) {
    this.#front = front;
    this.socket = socket;
    this.#since = front.now;
    socket.on('data', this.#onData).on('end', this.#onEnd).on('close', this.#onClose).on('error', ignore);
  }

  /** Nothing has been asked for that was not answered. */
  get isUnused(): boolean {
    return this.#mode === 'waiting' && this.socket.writableLength === 0;
  }

  get isOpen(): boolean {
    return this.#mode !== 'left' && !this.socket.destroyed;
  }

  /** Whether the client, or the network, has had its time. */
  overdue(): 'silently' | 'with-answer' | undefined {
    const { headersTimeoutMs, requestTimeoutMs, keepAliveMs, idleTimeoutMs } = this.#front.options.limits;
    const elapsed = this.#front.now - this.#since;
    // An answer that nobody reads, or an operation that does not end.
    if (this.#mode === 'answering' || this.socket.writableLength > 0) {
      return elapsed > idleTimeoutMs ? 'silently' : undefined;
    }
    if (this.#mode === 'waiting' && this.#wasUsed) return elapsed > keepAliveMs ? 'silently' : undefined;
    const limit = this.#head === undefined ? headersTimeoutMs : requestTimeoutMs;
    return elapsed > limit ? 'with-answer' : undefined;
  }

  destroy(): void {
    this.socket.destroy();
  }

  /** The request did not come in time, unless another reason is given. */
  refuse(reason = requestTimeout()): void {
    const socket = this.#leave();
    socket.on('error', ignore);
    refuseConnection(reason, socket);
  }

  /** The socket, with which this connection has nothing to do any more. */
  #leave(): Socket {
    const { socket } = this;
    this.#mode = 'left';
    this.#giveBack();
    this.#front.left(this);
    socket.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onClose).off('error', ignore);
    return socket;
  }

  /** The answer is on its way. */
  answered({ status, headers, body, bytes, isLast }: Answer): void {
    const { socket } = this;
    this.#reply = undefined;
    this.#giveBack();
    const head = headOf(status, headers, isLast, this.#front.options.limits.keepAliveMs);
    this.#since = this.#front.now;
    this.#mode = isLast ? 'left' : 'waiting';
    const isTaken = write(socket, head, body, bytes);
    if (isLast) {
      socket.end(() => socket.destroy());
      return;
    }
    if (this.#ahead.length > 0 || socket.isPaused()) this.#goOn(isTaken);
  }

  readonly #onData = (chunk: Buffer): void => {
    // Behind the last answer nothing is heard any more.
    if (this.#mode === 'left') return;
    // What is being read has its time from the first byte on, however many follow.
    if (this.#mode !== 'reading') this.#since = this.#front.now;
    if (this.#mode === 'answering') this.#keep(chunk);
    else if (this.#head !== undefined) this.#takeBody(this.#head.contentLength, chunk);
    else this.#read(this.#ahead.length === 0 ? chunk : Buffer.concat([this.#ahead, chunk]));
  };

  /** As Node's HTTP does: a client that sends no more wants no more, and half a request is a wrong one. */
  readonly #onEnd = (): void => {
    if (this.#mode === 'reading') this.refuse(unfinishedRequest());
    else this.socket.end();
  };

  readonly #onClose = (): void => {
    this.#mode = 'left';
    this.#giveBack();
    this.#front.left(this);
    this.#reply?.left();
    this.#reply = undefined;
  };

  /** A client may send requests ahead, but not without end. */
  #keep(chunk: Buffer): void {
    this.#ahead = this.#ahead.length === 0 ? chunk : Buffer.concat([this.#ahead, chunk]);
    if (this.#ahead.length > aheadMaxBytes) this.socket.pause();
  }

  /** With what came while the last request was answered; not in the same turn, in which others may be waiting. */
  #goOn(isTaken: boolean): void {
    const next = () => {
      if (this.#mode !== 'waiting' || !this.isOpen) return;
      const ahead = this.#ahead;
      this.#ahead = nothing;
      this.socket.resume();
      if (ahead.length > 0) this.#read(ahead);
    };
    if (isTaken) setImmediate(next);
    else this.socket.once('drain', next);
  }

  /** The room that the body had beside those of others. */
  #giveBack(): void {
    this.#release?.();
    this.#release = undefined;
  }

  #read(bytes: Buffer): void {
    const { limits, serves, hold } = this.#front.options;
    const head = parseHead(bytes, limits);
    if (head === 'incomplete' && this.#headPieces < headPiecesMax) {
      this.#mode = 'reading';
      this.#ahead = bytes;
      this.#headPieces += 1;
      return;
    }
    this.#release = typeof head === 'object' && serves(head.url) ? hold(head.contentLength) : undefined;
    if (this.#release === undefined || typeof head === 'string') {
      this.#handOver(bytes);
      return;
    }
    this.#mode = 'reading';
    this.#ahead = nothing;
    this.#headPieces = 0;
    this.#head = head;
    this.#startedAt = performance.now();
    this.#bodyRead = 0;
    this.#takeBody(head.contentLength, bytes.subarray(head.end));
  }

  /** One piece is the body as it is. The first of several makes room for all, so that each is copied once, when it comes. */
  #takeBody(length: number, chunk: Buffer): void {
    const missing = length - this.#bodyRead;
    if (chunk.length > missing) this.#keep(chunk.subarray(missing));
    const part = chunk.length > missing ? chunk.subarray(0, missing) : chunk;
    if (part.length === length) {
      this.#answer(part);
      return;
    }
    // Many clients send the head by itself, and then a body in one piece.
    if (part.length === 0) return;
    this.#body ??= Buffer.allocUnsafe(length);
    this.#bodyRead += part.copy(this.#body, this.#bodyRead);
    if (this.#bodyRead === length) this.#answer(this.#body);
  }

  #answer(body: Buffer): void {
    const request = new FrontRequest(this.#head as Head, this.socket);
    this.#head = undefined;
    this.#body = undefined;
    this.#mode = 'answering';
    this.#wasUsed = true;
    const reply = new ClientReply(this);
    this.#reply = reply;
    this.#front.options.onRequest(request, { body, startedAt: this.#startedAt }, reply);
  }

  #handOver(bytes: Buffer): void {
    this.#front.options.handOver(this.#leave(), bytes);
  }
}

class FrontRequest implements ReceivedRequest {
  readonly method = 'POST';
  readonly url: string;
  readonly headers: RequestHeaders;
  readonly socket: Socket;
  readonly #head: string;

  constructor({ url, headers, text }: Head, socket: Socket) {
    this.url = url;
    this.headers = headers;
    this.#head = text;
    this.socket = socket;
  }

  /** Made for who asks: where nobody checks signatures, nobody does. */
  get rawHeaders(): readonly string[] {
    return readRawHeaders(this.#head);
  }
}

/** A text goes with the head in one write; bytes right behind it, uncopied. Gives what `socket.write` does. */
function write(socket: Socket, head: string, body: string | Buffer, bytes: number): boolean {
  if (typeof body === 'string') return socket.write(head + body, bytes === body.length ? 'latin1' : 'utf8');
  socket.cork();
  socket.write(head, 'latin1');
  const isTaken = socket.write(body);
  socket.uncork();
  return isTaken;
}

function ignore(): void {
  // `close` follows, and says all that matters.
}

/** What Node's parser says of a request that ends in its middle. */
function unfinishedRequest(): NodeJS.ErrnoException {
  return Object.assign(new Error('Invalid EOF state'), { code: 'HPE_INVALID_EOF_STATE' });
}

/** What Node's HTTP says of its own connections. */
function requestTimeout(): NodeJS.ErrnoException {
  return Object.assign(new Error('Request timeout'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
}
