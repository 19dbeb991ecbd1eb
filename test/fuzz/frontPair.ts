/**
 * The same bytes to two HTTP servers: a bare one of Node, and one with the front before it. What they took for requests,
 * what they wrote, and whether they ended the connection must be the same.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Front } from '../../src/aws/front/front.ts';
import { type EdgeLimits, edgeLimits } from '../../src/aws/limits.ts';
import { httpOptions } from '../../src/aws/listener.ts';
import type { ReceivedRequest, RequestHeaders } from '../../src/aws/received.ts';
import { refuseConnection } from '../../src/aws/refuseConnection.ts';
import { refusalOfHead } from '../../src/aws/requestHead.ts';

/** Small, so that what is generated goes beyond them often. */
export const limits: EdgeLimits = {
  ...edgeLimits,
  headersMaxBytes: 1024,
  headersMax: 12,
  urlMaxBytes: 200,
  bodyMaxBytes: 2000,
};
/** For larger ones there is no room, so that Node decides about them. */
const heldMaxBytes = 1500;

/** The bytes of one connection, as they come, each a character; then it is left open, or ended by the client. */
export interface Conversation {
  readonly chunks: readonly string[];
  readonly isEnded: boolean;
}

export interface Outcome {
  /** Complete requests: method, URL, headers, and body. */
  readonly requests: readonly string[];
  /** All that was written, without what differs each time. */
  readonly written: string;
  readonly fate: 'open' | 'ended' | 'destroyed';
}

/** A side of the pair, told of a new connection by `accept`. */
export interface Side {
  readonly accept: (socket: Socket) => void;
  readonly seen: WeakMap<object, Seen>;
}

/** Requests of one connection: those whose heads Node has read, and all that are complete. */
interface Seen {
  readonly begun: IncomingMessage[];
  readonly requests: string[];
}

/** All of them, or this does not compile. */
const areRead: Readonly<Record<keyof RequestHeaders, true>> = {
  authorization: true,
  'content-type': true,
  host: true,
  origin: true,
  referer: true,
  'user-agent': true,
  'x-amz-target': true,
};
const readHeaders = Object.keys(areRead) as (keyof RequestHeaders)[];

function describe(request: Omit<ReceivedRequest, 'socket'>, body: Buffer): string {
  const { method, url, headers, rawHeaders } = request;
  const read = readHeaders.map((name) => headers[name]);
  return JSON.stringify([method, url, read, rawHeaders, body.toString('latin1')]);
}

/** Paths tell how they are answered: at once or later, and whether the connection goes on. */
function answerTo(url: string, requests: readonly string[], send: (body: string, isLast: boolean) => void): void {
  const body = `${requests.length} ${url.length}`;
  const answer = () => send(body, url.includes('last'));
  if (url.includes('slow')) setImmediate(answer);
  else answer();
}

const answerHeaders = (body: string) => ['Content-Type', 'text/plain', 'Content-Length', String(body.length)];

function nodeHandler(seen: WeakMap<object, Seen>) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = [];
    const refusal = refusalOfHead(request, limits);
    const { begun = [], requests = [] } = seen.get(request.socket) ?? {};
    begun.push(request);
    request.on('error', () => {});
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      requests.push(`${describe(request, Buffer.concat(chunks))}${refusal?.code ?? ''}`);
      answerTo(request.url ?? '', requests, (body, isLast) => {
        if (isLast) response.shouldKeepAlive = false;
        response.writeHead(refusal?.httpStatus ?? 200, answerHeaders(body));
        response.end(body);
      });
    });
  };
}

function httpServer(seen: WeakMap<object, Seen>): Server {
  const server = createServer(httpOptions(limits), nodeHandler(seen));
  server.maxHeadersCount = limits.headersMax + 1;
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => refuseConnection(error, socket as Socket));
  return server;
}

export function nodeSide(): Side {
  const seen = new WeakMap<object, Seen>();
  const server = httpServer(seen);
  return { seen, accept: (socket) => void server.emit('connection', socket) };
}

/** `held`: how many bodies have room at the moment; none must have when all connections are gone. */
export function frontSide(): Side & { readonly held: () => number; readonly taken: () => number } {
  const seen = new WeakMap<object, Seen>();
  const server = httpServer(seen);
  let held = 0;
  let taken = 0;
  const front = new Front({
    limits,
    serves: (path) => !path.startsWith('/page'),
    hold: (bytes) => {
      if (bytes > heldMaxBytes) return undefined;
      held += 1;
      return () => {
        held -= 1;
      };
    },
    onRequest: (request, { body = Buffer.alloc(0) }, reply) => {
      taken += 1;
      const { requests = [] } = seen.get(request.socket) ?? {};
      requests.push(describe(request, body));
      answerTo(request.url ?? '', requests, (text, isLast) => {
        if (!reply.isOpen) return;
        reply.send({ status: 200, headers: answerHeaders(text), body: text, bytes: text.length, isLast });
      });
    },
    handOver: (socket, bytes) => {
      socket.pause();
      socket.unshift(bytes);
      server.emit('connection', socket);
      socket.resume();
    },
  });
  return { seen, accept: (socket) => front.take(socket), held: () => held, taken: () => taken };
}

/** One end of a connection without a network: the server's socket, and what the client sees of it. */
class Wire extends Duplex {
  readonly written: Buffer[] = [];
  /** Grows whenever something happens. */
  activity = 0;

  constructor() {
    super({ allowHalfOpen: true, emitClose: true });
    this.on('error', () => {});
  }

  override _read(): void {
    // Bytes come when they come.
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.written.push(chunk);
    this.activity += 1;
    done();
  }

  override _final(done: () => void): void {
    this.activity += 1;
    done();
  }

  get fate(): Outcome['fate'] {
    if (this.writableFinished) return 'ended';
    return this.destroyed ? 'destroyed' : 'open';
  }
}

const quietTurns = 3;
/** Pieces that come in turns of their own; more of them come in the same one. */
const slowPiecesMax = 16;

/** Both sides get the same pieces; `patiently`, each one when everything before it is answered. */
export async function converse(side: Side, { chunks, isEnded }: Conversation, patiently = false): Promise<Outcome> {
  const { wire, requests } = connectTo(side);
  for (const chunk of chunks) {
    if (wire.destroyed || wire.writableEnded) break;
    wire.push(Buffer.from(chunk, 'latin1'));
    if (patiently) await quiet(wire, requests);
    else if (chunks.length <= slowPiecesMax) await nextTurn();
  }
  await quiet(wire, requests);
  if (isEnded && !wire.destroyed) {
    wire.push(null);
    await quiet(wire, requests);
  }
  const { fate } = wire;
  wire.destroy();
  await nextTurn();
  return { requests, written: normalized(Buffer.concat(wire.written).toString('latin1')), fate };
}

/** The same conversation with a cut more behind each of its requests, as far as Node sees any. */
export async function cutBehindRequests(side: Side, { chunks, isEnded }: Conversation): Promise<Conversation> {
  const { wire, begun } = connectTo(side);
  // From then on what is pushed is read at once.
  await nextTurn();
  const pieces: string[] = [];
  let complete = 0;
  for (const chunk of chunks) {
    let from = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      if (!wire.destroyed && !wire.writableEnded) wire.push(Buffer.from(chunk.slice(at, at + 1), 'latin1'));
      if (begun[complete]?.complete !== true) continue;
      complete += 1;
      pieces.push(chunk.slice(from, at + 1));
      from = at + 1;
    }
    if (from < chunk.length) pieces.push(chunk.slice(from));
  }
  wire.destroy();
  return { chunks: pieces, isEnded };
}

function connectTo(side: Side): Seen & { readonly wire: Wire } {
  const wire = new Wire();
  const seen: Seen = { begun: [], requests: [] };
  side.seen.set(wire, seen);
  side.accept(wire as unknown as Socket);
  return { wire, ...seen };
}

async function quiet(wire: Wire, requests: readonly string[]): Promise<void> {
  let before = -1;
  for (let turns = 0; turns < quietTurns; turns += 1) {
    await nextTurn();
    const now = wire.activity + requests.length;
    if (now !== before) turns = 0;
    before = now;
  }
}

export function normalized(text: string): string {
  return text
    .replace(/\r\nDate: [^\r]*/g, '')
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'ID');
}
