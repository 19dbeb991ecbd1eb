/**
 * The HTTP side of the edge: reads a request, has it routed, decoded, called and encoded, and writes one answer.
 *
 * Everything that can go wrong with a request ends as an answer in the client's protocol; what nobody expected ends as an
 * InternalFailure with the request id that the log has, too. Nothing here awaits: an operation that answers at once is
 * answered within the same turn.
 */

import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Admission } from './admission.ts';
import { Connections } from './connections.ts';
import type { CallAudit, ServedService } from './contract.ts';
import { fallbackAccountId, fallbackRegion } from './credential.ts';
import { Exchange, type ExchangeSettings, type RequestMetric } from './exchange.ts';
import type { Faults } from './faults.ts';
import { Front, type FrontOptions, isApiPath } from './front/front.ts';
import type { Guard } from './guard.ts';
import { answerRequest } from './httpRequest.ts';
import { type EdgeLimits, edgeLimits } from './limits.ts';
import type { ReceivedBody, ReceivedRequest, Reply } from './received.ts';
import { refuseConnection } from './refuseConnection.ts';
import { rateExceeded, ratePerSecond } from './requestRates.ts';
import { buildRoutes } from './route.ts';
import { ServedTls } from './servedTls.ts';
import { throttled } from './throttled.ts';
import type { TlsOptions } from './tls.ts';
import { TlsEntrance } from './tlsEntrance.ts';

export interface ListenerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly services: readonly ServedService[];
  readonly limits?: Partial<EdgeLimits>;
  /** With it, the port speaks TLS only. */
  readonly tls?: TlsOptions;
  /** Requests per second and access key, and per second and address; unlimited unless given. */
  readonly requestRates?: { readonly perAccessKey?: number; readonly perAddress?: number };
  /** What queue URLs and the like begin with, where clients reach us by another name than they connect to. */
  readonly publicUrl?: string;
  /** Of requests whose credential names none; us-east-1 unless given. */
  readonly defaultRegion?: string;
  /** Of requests whose access key id is not one; 000000000000 unless given. */
  readonly defaultAccountId?: string;
  /** Sees every request that is not refused at once; true means that it answers it. */
  readonly admin?: (request: IncomingMessage, response: ServerResponse) => boolean;
  readonly faults?: Faults;
  /** With it, signatures are verified and policies decide; without, whoever reaches the port may do everything. */
  readonly guard?: Guard;
  /**
   * Takes a connection that was accepted, and not read, to another process; true if it does. `ended` is to be called when
   * the connection has ended there, or `serveHere` if it could not be taken after all.
   */
  readonly elsewhere?: (arrival: {
    readonly socket: Socket;
    readonly ended: () => void;
    readonly serveHere: () => void;
  }) => boolean;
  /** Told of every answered request. */
  readonly onRequest?: (metric: RequestMetric) => void;
  /** Keeps records of calls. */
  readonly audit?: CallAudit;
  readonly log: EdgeLog;
  /** Milliseconds that only ever grow; the process's unless given. */
  readonly clock?: () => number;
}

/** What the edge asks of a logger; pino's shape. */
export interface EdgeLog {
  error(details: object, text: string): void;
}

export interface Listener {
  readonly address: AddressInfo;
  /** `http://host:port` (or https) of the address, for people and tests. */
  readonly url: string;
  /** Undefined where the port speaks plain HTTP. */
  readonly tls: ServedTls | undefined;
  /** Answers a request that another process has read. */
  serve(request: ReceivedRequest, body: ReceivedBody, reply: Reply): void;
  /** Goes on with a connection that another process began to read. */
  adopt(socket: Duplex): void;
  /** Stops accepting, lets running requests finish for the grace time, and resolves when every connection is gone. */
  close(): Promise<void>;
}

export async function startListener(options: ListenerOptions): Promise<Listener> {
  const limits: EdgeLimits = { ...edgeLimits, ...options.limits };
  const clock = options.clock ?? (() => performance.now());
  const settings = exchangeSettings(options, limits, clock);
  const { admin, log } = options;
  const tls = options.tls && (await ServedTls.open(options.tls, log));
  const connections = new Connections(limits);
  const admission = new Admission(options.requestRates?.perAddress, limits, clock);
  const server = createServer(httpOptions(limits), (request, response) => {
    connections.used(request.socket);
    // Answers of pages don't say that they are the last, so a client would keep the connection, and the server with it.
    response.once('finish', () => settings.draining && setImmediate(() => server.closeIdleConnections()));
    const refusal = admission.refusalOf(request, response);
    if (refusal !== undefined || !admin?.(request, response)) answerRequest(settings, request, response, refusal);
  });
  // One more than are taken: Node drops what is above without a word, and the request would look like a smaller one.
  server.maxHeadersCount = limits.headersMax + 1;
  server.timeout = limits.idleTimeoutMs;
  const dropped = dropLog(log, clock);
  const entrance = openEntrance(server, tls, { settings, connections, admission });
  const { elsewhere } = options;
  // Who takes it elsewhere must find it unread.
  Object.assign(server, { pauseOnConnect: elsewhere !== undefined });
  server.on('connection', (socket) => {
    const leave = connections.admit(socket);
    if (typeof leave === 'string') {
      socket.destroy();
      dropped(leave, socket.remoteAddress);
      return;
    }
    const serveHere = () => {
      if (socket.destroyed) {
        leave();
        return;
      }
      socket.once('close', leave);
      entrance.take(socket);
      if (elsewhere !== undefined) socket.resume();
    };
    if (elsewhere?.({ socket, ended: leave, serveHere }) !== true) serveHere();
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => refuseConnection(error, socket as Socket));
  await listen(server, options.host, options.port).catch((error: unknown) => {
    tls?.close();
    throw error;
  });
  // Running out of descriptors while accepting is told here; without a listener it would end the process.
  server.on('error', (error) => log.error({ err: error }, 'the listener failed to accept a connection'));
  const address = server.address() as AddressInfo;
  let closed: Promise<void> | undefined;
  return {
    ...{ address, tls },
    url: `${tls === undefined ? 'http' : 'https'}://${hostOf(address)}:${address.port}`,
    serve: entrance.serve,
    adopt: entrance.adopt,
    close: () => {
      tls?.close();
      closed ??= close(server, settings, connections, entrance);
      return closed;
    },
  };
}

interface EntranceSurroundings {
  readonly settings: ExchangeSettings;
  readonly connections: Connections;
  readonly admission: Admission;
}

interface Entrance {
  /** Begins to read a connection. */
  take(socket: Socket): void;
  /** Goes on with one by Node's HTTP. */
  adopt(socket: Duplex): void;
  serve: FrontOptions['onRequest'];
  /** Ends connections that wait for a request; what is being answered ends with its answer. */
  close(): void;
  /** Ends all of them. */
  destroy(): void;
}

/** Puts TLS and the front before Node's own reader of connections, which gets those that the front gives away. */
function openEntrance(
  server: Server,
  tls: ServedTls | undefined,
  { settings, connections, admission }: EntranceSurroundings,
): Entrance {
  const serve: FrontOptions['onRequest'] = (request, body, reply) => {
    const exchange = new Exchange(settings, request, body, reply);
    if (admission.isTooFast(request.socket)) exchange.refuse(rateExceeded());
    else exchange.call();
  };
  const [standard] = server.listeners('connection');
  if (standard === undefined) throw new Error('an HTTP server listens to its own connections');
  server.off('connection', standard as (socket: Socket) => void);
  const adopt = (socket: Duplex) => {
    connections.unused(socket);
    standard.call(server, socket);
  };
  const front = new Front({
    limits: settings.limits,
    onRequest: serve,
    serves: isApiPath,
    hold: (bytes) => admission.bodies.hold(bytes),
    handOver: (socket, bytes) => {
      // Paused, so that the bytes wait for the next reader.
      socket.pause();
      socket.unshift(bytes);
      adopt(socket);
      socket.resume();
    },
  });
  const greeter = tls && new TlsEntrance(tls.settings, settings.limits, (socket) => front.take(socket));
  tls?.onRenewed((keys) => greeter?.renew(keys));
  return {
    take: (socket) => (greeter ?? front).take(socket),
    ...{ adopt, serve },
    close: () => {
      greeter?.close();
      front.close();
    },
    destroy: () => front.destroy(),
  };
}

function exchangeSettings(options: ListenerOptions, limits: EdgeLimits, clock: () => number): ExchangeSettings {
  const { services, requestRates } = options;
  const perAccessKey = requestRates?.perAccessKey;
  const rates = perAccessKey === undefined ? undefined : ratePerSecond(perAccessKey, limits.ratedClientsMax);
  return {
    routes: buildRoutes(rates === undefined ? services : services.map((each) => throttled(each, rates, clock))),
    limits,
    defaultRegion: options.defaultRegion ?? fallbackRegion,
    defaultAccountId: options.defaultAccountId ?? fallbackAccountId,
    publicUrl: options.publicUrl?.replace(/\/+$/, ''),
    onRequest: options.onRequest,
    audit: options.audit,
    faults: options.faults,
    guard: options.guard,
    log: options.log,
    draining: false,
  };
}

export function httpOptions(limits: EdgeLimits): ServerOptions {
  return {
    maxHeaderSize: limits.headersMaxBytes,
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveMs,
    connectionsCheckingInterval: Math.min(5000, limits.headersTimeoutMs, limits.requestTimeoutMs),
    noDelay: true,
    // A missing one is refused with the rest of the head, and with a body that SDKs can read.
    requireHostHeader: false,
    insecureHTTPParser: false,
  };
}

function hostOf({ family, address }: AddressInfo): string {
  return family === 'IPv6' ? `[${address}]` : address;
}

/** Connections that are ended unheard come by the thousand; the log has one line a minute of them. */
function dropLog(log: EdgeLog, clock: () => number): (limit: 'total' | 'perAddress', address?: string) => void {
  let connections = 0;
  let nextAt = Number.NEGATIVE_INFINITY;
  return (limit, address) => {
    connections += 1;
    const now = clock();
    if (now < nextAt) return;
    log.error({ connections, limit, address }, 'connections beyond the limit were ended');
    connections = 0;
    nextAt = now + 60_000;
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: 1024 }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function close(
  server: Server,
  settings: ExchangeSettings,
  connections: Connections,
  entrance: Entrance,
): Promise<void> {
  settings.draining = true;
  settings.faults?.stop();
  entrance.close();
  return new Promise((resolve, reject) => {
    const grace = setTimeout(() => {
      entrance.destroy();
      server.closeAllConnections();
    }, settings.limits.closeGraceMs);
    const closed = (error?: Error) => {
      clearTimeout(grace);
      entrance.destroy();
      if (error === undefined) resolve();
      else reject(error);
    };
    server.close(closed);
    server.closeIdleConnections();
    connections.endUnused();
    // Node waits for processes, too, that connections were given to, and for ever if those have died since.
    connections.ended().then(() => closed(), closed);
  });
}
