/** The handshakes of connections that somebody else has accepted. */
import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { EdgeLimits } from './limits.ts';
import { rawSocketOf, refuseConnection } from './refuseConnection.ts';
import { secureContextOptions, type TlsKeys, type TlsSettings } from './tls.ts';

export class TlsEntrance {
  /** Listens to nothing. */
  readonly #server: Server;
  /** Connections whose handshakes are under way. */
  readonly #greeting = new Set<Socket>();
  #isClosed = false;

  /** `onSecured`: its client is believed, and nothing of it has been read. */
  constructor(
    { keys, clientCertificates }: TlsSettings,
    { handshakeTimeoutMs }: Pick<EdgeLimits, 'handshakeTimeoutMs'>,
    onSecured: (socket: TLSSocket) => void,
  ) {
    const options = {
      ...secureContextOptions(keys),
      ALPNProtocols: ['http/1.1'],
      handshakeTimeout: handshakeTimeoutMs,
      requestCert: clientCertificates !== 'unasked',
      // Where they are optional, one that is not believed ends the connection after the handshake.
      rejectUnauthorized: clientCertificates === 'required',
    };
    this.#server = createServer(options, (socket) => {
      const raw = rawSocketOf(socket);
      if (raw !== undefined) this.#greeting.delete(raw);
      if (clientCertificates === 'optional' && isWrong(socket)) socket.destroy();
      else onSecured(socket);
    });
    this.#server.on('tlsClientError', refuseConnection);
  }

  take(socket: Socket): void {
    if (this.#isClosed) {
      socket.destroy();
      return;
    }
    this.#greeting.add(socket);
    socket.once('close', () => this.#greeting.delete(socket));
    this.#server.emit('connection', socket);
  }

  /** For handshakes from now on. */
  renew(keys: TlsKeys): void {
    this.#server.setSecureContext(secureContextOptions(keys));
  }

  /** Ends the handshakes that are under way, and begins none. */
  close(): void {
    this.#isClosed = true;
    for (const socket of this.#greeting) socket.destroy();
  }
}

/** A wrong certificate must not pass for none: its owner believes to be known. */
function isWrong(socket: TLSSocket): boolean {
  return !socket.authorized && socket.getPeerCertificate()?.fingerprint256 !== undefined;
}
