/** The HTTP server of the edge: plain, or over TLS only. */

import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { EdgeLimits } from './limits.ts';
import type { EdgeLog } from './listener.ts';
import { readTls, type TlsOptions } from './tls.ts';
import { TlsReload } from './tlsReload.ts';

export interface EdgeServer {
  readonly server: Server;
  readonly scheme: 'http' | 'https';
  /** Ends what goes on beside the server. */
  close(): void;
}

export interface EdgeServerOptions {
  readonly http: ServerOptions;
  readonly limits: EdgeLimits;
  readonly tls: TlsOptions | undefined;
  readonly log: EdgeLog;
  readonly onRequest: RequestListener;
}

export async function createEdgeServer(options: EdgeServerOptions): Promise<EdgeServer> {
  const { http, limits, tls, log, onRequest } = options;
  if (tls === undefined) return { server: createServer(http, onRequest), scheme: 'http', close: () => undefined };
  const context = await readTls(tls);
  const isOptional = tls.clientCertificates === 'optional';
  const server = createTlsServer(
    {
      ...http,
      ...context.options,
      handshakeTimeout: limits.handshakeTimeoutMs,
      requestCert: tls.clientCa !== undefined,
      // Where they are optional, one that is not believed still ends the connection, below.
      rejectUnauthorized: tls.clientCa !== undefined && !isOptional,
    },
    (request, response) => {
      // A request that came with the end of the handshake is read even if the handshake's listener ended the connection.
      if (!request.socket.destroyed) onRequest(request, response);
    },
  );
  if (isOptional) server.prependListener('secureConnection', endUnbelieved);
  const reload = new TlsReload(server, tls, context, log);
  return { server, scheme: 'https', close: () => reload.close() };
}

/** A wrong certificate must not pass for none: its owner believes to be known. */
function endUnbelieved(socket: TLSSocket): void {
  const { fingerprint256 } = socket.getPeerCertificate();
  if (fingerprint256 !== undefined && !socket.authorized) socket.destroy();
}

/** The connection below TLS, which an answer to plain HTTP has to go through. Node keeps it in a place without a name. */
export function rawSocketOf(socket: Socket & { _parent?: Socket | null }): Socket | undefined {
  return socket._parent ?? undefined;
}
