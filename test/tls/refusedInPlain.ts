import { once } from 'node:events';
import { connect } from 'node:net';

/** What a port that speaks TLS answers to plain HTTP. */
export async function refusedInPlain(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
  let answer = '';
  socket.setEncoding('utf8').on('data', (chunk) => {
    answer += chunk;
  });
  await once(socket, 'close');
  return answer;
}
