/**
 * The HTTP side of the edge: reads a request, has it routed, decoded, called and encoded, and writes one answer.
 *
 * Everything that can go wrong with a request ends as an answer in the client's protocol; what nobody expected ends as an
 * InternalFailure with the request id that the log has, too. Nothing here awaits: an operation that answers at once is
 * answered within the same turn.
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { ServedService } from './contract.ts';
import { fallbackAccountId, fallbackRegion } from './credential.ts';
import { Exchange, type ExchangeSettings, type RequestMetric } from './exchange.ts';
import type { Faults } from './faults.ts';
import { type EdgeLimits, edgeLimits } from './limits.ts';
import { refuseConnection } from './refuseConnection.ts';
import { buildRoutes } from './route.ts';

export interface ListenerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly services: readonly ServedService[];
  readonly limits?: Partial<EdgeLimits>;
  /** What queue URLs and the like begin with, where clients reach us by another name than they connect to. */
  readonly publicUrl?: string;
  /** Of requests whose credential names none; us-east-1 unless given. */
  readonly defaultRegion?: string;
  /** Of requests whose access key id is not one; 000000000000 unless given. */
  readonly defaultAccountId?: string;
  /** Sees every request first; true means that it answers it. */
  readonly admin?: (request: IncomingMessage, response: ServerResponse) => boolean;
  readonly faults?: Faults;
  /** Told of every answered request. */
  readonly onRequest?: (metric: RequestMetric) => void;
  readonly log: EdgeLog;
}

/** What the edge asks of a logger; pino's shape. */
export interface EdgeLog {
  error(details: object, text: string): void;
}

export interface Listener {
  readonly address: AddressInfo;
  /** `http://host:port` of the address, for people and tests. */
  readonly url: string;
  /** Stops accepting, lets running requests finish for the grace time, and resolves when every connection is gone. */
  close(): Promise<void>;
}

export async function startListener(options: ListenerOptions): Promise<Listener> {
  const limits: EdgeLimits = { ...edgeLimits, ...options.limits };
  const settings: ExchangeSettings = {
    routes: buildRoutes(options.services),
    limits,
    defaultRegion: options.defaultRegion ?? fallbackRegion,
    defaultAccountId: options.defaultAccountId ?? fallbackAccountId,
    publicUrl: options.publicUrl?.replace(/\/+$/, ''),
    onRequest: options.onRequest,
    faults: options.faults,
    log: options.log,
    draining: false,
  };
  const { admin } = options;
  // Connections that have not asked for anything. Node does not count them as idle, and would wait for them when closing.
  const unused = new Set<Socket>();
  const server = createServer(
    {
      maxHeaderSize: limits.headersMaxBytes,
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      keepAliveTimeout: limits.keepAliveMs,
      connectionsCheckingInterval: Math.min(5000, limits.headersTimeoutMs),
      noDelay: true,
    },
    (request, response) => {
      unused.delete(request.socket);
      if (admin?.(request, response)) return;
      new Exchange(settings, request, response).start();
    },
  );
  server.maxHeadersCount = limits.headersMax;
  server.maxConnections = limits.connectionsMax;
  server.timeout = limits.idleTimeoutMs;
  server.on('connection', (socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => refuseConnection(error, socket as Socket));
  await listen(server, options.host, options.port);
  // Running out of descriptors while accepting is told here; without a listener it would end the process.
  server.on('error', (error) => options.log.error({ err: error }, 'the listener failed to accept a connection'));
  const address = server.address() as AddressInfo;
  let closed: Promise<void> | undefined;
  return {
    address,
    url: `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`,
    close: () => {
      closed ??= close(server, settings, unused);
      return closed;
    },
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

function close(server: Server, settings: ExchangeSettings, unused: ReadonlySet<Socket>): Promise<void> {
  settings.draining = true;
  settings.faults?.stop();
  return new Promise((resolve, reject) => {
    const grace = setTimeout(() => server.closeAllConnections(), settings.limits.closeGraceMs);
    server.close((error) => {
      clearTimeout(grace);
      if (error === undefined) resolve();
      else reject(error);
    });
    server.closeIdleConnections();
    for (const socket of unused) socket.destroy();
  });
}
