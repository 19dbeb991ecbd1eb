/** What the audit is told of a call, taken from its request. */
import { TLSSocket } from 'node:tls';
import type { CallSource } from './contract.ts';
import type { ReceivedRequest } from './received.ts';

export function callSource({ socket, headers }: Pick<ReceivedRequest, 'socket' | 'headers'>): CallSource {
  const { remoteAddress = '' } = socket;
  const { 'user-agent': userAgent, host } = headers;
  const tls = socket instanceof TLSSocket ? tlsOf(socket) : undefined;
  return {
    // As the condition key aws:SourceIp has it.
    address: remoteAddress.startsWith('::ffff:') ? remoteAddress.slice('::ffff:'.length) : remoteAddress,
    ...(userAgent !== undefined && { userAgent }),
    ...(host !== undefined && { host }),
    ...(tls !== undefined && { tls }),
  };
}

/** Undefined on a connection that has ended meanwhile. */
function tlsOf(socket: TLSSocket): CallSource['tls'] {
  const version = socket.getProtocol();
  const cipher = socket.getCipher() as { readonly standardName: string } | undefined;
  return version === null || cipher === undefined ? undefined : { version, cipher: cipher.standardName };
}
