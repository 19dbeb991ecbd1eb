/** What is known of a connection over TLS, also in a process that it does not end in. */
import { TLSSocket } from 'node:tls';
import type { RequestSocket } from './received.ts';

export interface ClientCertificate {
  /** The common name; empty where there is none, or several. */
  readonly subject: string;
  /** SHA-256 of the certificate: pairs of capital hexadecimal digits with colons between them. */
  readonly fingerprint256: string;
}

export interface TlsFacts {
  /** `TLSv1.3`, say. Absent if the connection had ended before anybody asked, as is the cipher. */
  readonly version?: string;
  /** The IANA's name of it. */
  readonly cipher?: string;
  /** That the client has proved to own, of an authority that we believe. */
  readonly certificate?: ClientCertificate;
}

/** Reading a certificate costs more than many a request, and a connection keeps the one it began with. */
const known = new WeakMap<TLSSocket, TlsFacts>();

/** Undefined of a plain connection. */
export function tlsFacts(socket: RequestSocket): TlsFacts | undefined {
  if (!(socket instanceof TLSSocket)) return socket.tls;
  let facts = known.get(socket);
  if (facts === undefined) {
    facts = readFacts(socket);
    known.set(socket, facts);
  }
  return facts;
}

/** Nobody on the way can read along. */
export function isOverTls(socket: RequestSocket): boolean {
  return socket instanceof TLSSocket || socket.tls !== undefined;
}

/** All that may be asked of a connection, as plain data for another process. */
export function socketFacts(socket: RequestSocket): RequestSocket {
  const { remoteAddress, localAddress, localPort } = socket;
  return { remoteAddress, localAddress, localPort, tls: tlsFacts(socket) };
}

function readFacts(socket: TLSSocket): TlsFacts {
  const version = socket.getProtocol();
  const cipher = socket.getCipher() as { readonly standardName: string } | undefined;
  const certificate = socket.authorized ? readCertificate(socket) : undefined;
  return {
    ...(version !== null && { version }),
    ...(cipher !== undefined && { cipher: cipher.standardName }),
    ...(certificate !== undefined && { certificate }),
  };
}

function readCertificate(socket: TLSSocket): ClientCertificate | undefined {
  // Node gives null of a connection that has ended.
  const { subject, fingerprint256 } = socket.getPeerCertificate() ?? {};
  if (fingerprint256 === undefined) return undefined;
  const name: unknown = subject?.CN;
  // Of several names one could be anybody's; which of them counts must not be a matter of taste.
  return { subject: typeof name === 'string' ? name : '', fingerprint256 };
}
