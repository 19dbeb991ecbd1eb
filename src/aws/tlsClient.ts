/** Clients that show a certificate, and whom they are taken for. */

import { TLSSocket } from 'node:tls';
import type { RequestSocket } from './received.ts';

export interface ClientCertificate {
  /** The common name; empty where there is none, or several. */
  readonly subject: string;
  /** SHA-256 of the certificate: pairs of capital hexadecimal digits with colons between them. */
  readonly fingerprint256: string;
}

/** Reading a certificate costs more than many a request, and a connection keeps the one it began with. */
const known = new WeakMap<TLSSocket, ClientCertificate | 'none'>();

/** The certificate that a client has proved to own, of an authority that we believe. */
export function clientPrincipal(socket: RequestSocket): ClientCertificate | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  let found = known.get(socket);
  if (found === undefined) {
    found = readCertificate(socket);
    known.set(socket, found);
  }
  return found === 'none' ? undefined : found;
}

function readCertificate(socket: TLSSocket): ClientCertificate | 'none' {
  const { subject, fingerprint256 } = socket.getPeerCertificate();
  if (fingerprint256 === undefined) return 'none';
  const name: unknown = subject?.CN;
  // Of several names one could be anybody's; which of them counts must not be a matter of taste.
  return { subject: typeof name === 'string' ? name : '', fingerprint256 };
}

/** ARNs of principals, by the common name or the fingerprint of a certificate. */
export type ClientPrincipals = Readonly<Record<string, string>>;

/** The fingerprint says more than the name, and wins. */
export function principalOf(certificate: ClientCertificate, principals: ClientPrincipals): string | undefined {
  const { subject, fingerprint256 } = certificate;
  for (const [name, arn] of Object.entries(principals)) if (fingerprintOf(name) === fingerprint256) return arn;
  return subject !== '' && Object.hasOwn(principals, subject) ? principals[subject] : undefined;
}

/** As tools write them: with colons or without, in capitals or not. */
function fingerprintOf(text: string): string | undefined {
  const digits = text.replaceAll(':', '').toUpperCase();
  return /^[0-9A-F]{64}$/.test(digits) ? digits.match(/../g)?.join(':') : undefined;
}
