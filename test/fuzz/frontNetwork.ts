/** The same over a real connection, whose handle Node's parser reads from by itself. */
import { once } from 'node:events';
import { type AddressInfo, connect as connectTcp, createServer, type Socket } from 'node:net';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { authority, serverCredentials } from '../tls/authority.ts';
import { normalized, type Side } from './frontPair.ts';

const { certificate: cert, privateKey: key } = serverCredentials();

/** What a connection is made of, at both of its ends. */
const transports = {
  plain: {
    listen: (take: (socket: Socket) => void) => createServer({ allowHalfOpen: true, noDelay: true }, take),
    connect: (port: number) => connectTcp(port, '127.0.0.1'),
  },
  TLS: {
    listen: (take: (socket: Socket) => void) => createTlsServer({ cert, key }, take),
    connect: (port: number) => connectTls({ host: '127.0.0.1', port, ca: authority.certificate }),
  },
};

/**
 * All that a side writes to these bytes; the client ends the connection after so many answers, unless the server has before.
 * An answer is seen by its head.
 */
export async function overNetwork(
  side: Side,
  transport: keyof typeof transports,
  bytes: string,
  answers: number,
): Promise<string> {
  const { listen, connect } = transports[transport];
  const server = listen((socket) => {
    side.seen.set(socket, { begun: [], requests: [] });
    side.accept(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port);
  let read = '';
  socket.setEncoding('latin1');
  socket.on('error', () => {});
  socket.on('data', (text: string) => {
    read += text;
    if (read.split('HTTP/1.1 ').length > answers) socket.end();
  });
  socket.write(bytes, 'latin1');
  await once(socket, 'close');
  server.close();
  return normalized(read);
}
