/** The same over a real connection, whose handle Node's parser reads from by itself. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { normalized, type Side } from './frontPair.ts';

/**
 * All that a side writes to these bytes; the client ends the connection after so many answers, unless the server has before.
 * An answer is seen by its head.
 */
export async function overNetwork(side: Side, bytes: string, answers: number): Promise<string> {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    side.seen.set(socket, { begun: [], requests: [] });
    side.accept(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
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
