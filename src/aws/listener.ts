/**
 * The HTTP side of the edge: reads a request, has it routed, decoded, called and encoded, and writes one answer.
 *
 * Everything that can go wrong with a request ends as an answer in the client's protocol; what nobody expected ends as an
 * InternalFailure with the request id that the log has, too. Nothing here awaits: an operation that answers at once is
 * answered within the same turn.
 */

import type { IncomingMessage, Server, ServerOptions, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Admission } from './admission.ts';
import { Connections } from './connections.ts';
import type { CallAudit, ServedService } from './contract.ts';
import { fallbackAccountId, fallbackRegion } from './credential.ts';
import { Exchange, type ExchangeSettings, type RequestMetric } from './exchange.ts';
import type { Faults } from './faults.ts';
import { Front } from './front/front.ts';
import type { Guard } from './guard.ts';
import { answerRequest } from './httpRequest.ts';
import { type EdgeLimits, edgeLimits } from './limits.ts';
import { refuseConnection } from './refuseConnection.ts';
import { rateExceeded, ratePerSecond } from './requestRates.ts';
import { buildRoutes } from './route.ts';
import { throttled } from './throttled.ts';
import type { TlsOptions } from './tls.ts';
import { createEdgeServer, type EdgeServer, rawSocketOf } from './tlsServer.ts';

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
  /** Stops accepting, lets running requests finish for the grace time, and resolves when every connection is gone. */
  close(): Promise<void>;
}

export async function startListener(options: ListenerOptions): Promise<Listener> {
  const limits: EdgeLimits = { ...edgeLimits, ...options.limits };
  const clock = options.clock ?? (() => performance.now());
  const settings = exchangeSettings(options, limits, clock);
  const { admin, tls, log } = options;
  const connections = new Connections(limits.connectionsPerAddressMax);
  const admission = new Admission(options.requestRates?.perAddress, limits, clock);
  const edge = await createEdgeServer({
    ...{ http: httpOptions(limits), limits, tls, log },
    onRequest: (request, response) => {
      connections.used(request.socket);
      const refusal = admission.refusalOf(request, response);
      if (refusal !== undefined || !admin?.(request, response)) answerRequest(settings, request, response, refusal);
    },
  });
  const { server } = edge;
  // One more than are taken: Node drops what is above without a word, and the request would look like a smaller one.
  server.maxHeadersCount = limits.headersMax + 1;
  server.maxConnections = limits.connectionsMax;
  server.timeout = limits.idleTimeoutMs;
  const dropped = dropLog(log, clock);
  // What comes over TLS goes to Node alone.
  const front = tls === undefined ? openFront(server, { settings, connections, admission }) : undefined;
  server.prependListener('connection', (socket) => {
    if (connections.admit(socket)) return;
    socket.destroy();
    dropped('perAddress', socket.remoteAddress);
  });
  server.on('drop', (data) => dropped('total', data?.remoteAddress));
  server.on('secureConnection', (socket: Socket) => connections.secured(rawSocketOf(socket), socket));
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => refuseConnection(error, socket as Socket));
  await listen(server, options.host, options.port).catch((error: unknown) => {
    edge.close();
    throw error;
  });
  // Running out of descriptors while accepting is told here; without a listener it would end the process.
  server.on('error', (error) => log.error({ err: error }, 'the listener failed to accept a connection'));
  const address = server.address() as AddressInfo;
  let closed: Promise<void> | undefined;
  return {
    address,
    url: `${edge.scheme}://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`,
    close: () => {
      closed ??= close(edge, settings, connections, front);
      return closed;
    },
  };
}

interface FrontSurroundings {
  readonly settings: ExchangeSettings;
  readonly connections: Connections;
  readonly admission: Admission;
}

/** Puts the front before Node's own reader of connections, which gets those that the front gives away. */
function openFront(server: Server, { settings, connections, admission }: FrontSurroundings): Front {
  const [standard] = server.listeners('connection');
  if (standard === undefined) throw new Error('an HTTP server listens to its own connections');
  const front = new Front({
    limits: settings.limits,
    onRequest: (request, body, reply) => {
      const exchange = new Exchange(settings, request, body, reply);
      if (admission.isTooFast(request.socket)) exchange.refuse(rateExceeded());
      else exchange.call();
    },
    serves: isApiPath,
    hold: (bytes) => admission.bodies.hold(bytes),
    handOver: (socket) => {
      connections.unused(socket);
      standard.call(server, socket);
    },
  });
  server.off('connection', standard as (socket: Socket) => void);
  server.on('connection', (socket) => {
    if (socket.destroyed) return;
    connections.used(socket);
    front.take(socket);
  });
  return front;
}

/** The root, where SDKs send everything to, and queue URLs. */
function isApiPath(path: string): boolean {
  return path === '/' || /^\/\d{12}\/[^?]*$/.test(path);
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

function httpOptions(limits: EdgeLimits): ServerOptions {
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

function close(edge: EdgeServer, settings: ExchangeSettings, connections: Connections, front?: Front): Promise<void> {
  const { server } = edge;
  settings.draining = true;
  settings.faults?.stop();
  edge.close();
  front?.close();
  return new Promise((resolve, reject) => {
    const grace = setTimeout(() => {
      front?.destroy();
      server.closeAllConnections();
    }, settings.limits.closeGraceMs);
    server.close((error) => {
      clearTimeout(grace);
      front?.destroy();
      if (error === undefined) resolve();
      else reject(error);
    });
    server.closeIdleConnections();
    connections.endUnused();
  });
}
