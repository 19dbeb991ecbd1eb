/** A server that answers each so many bytes with so many others, and reads neither: what sockets alone cost. */
import { createServer } from 'node:net';

const [requestBytes = 1, answerBytes = 1] = process.argv.slice(2).map(Number);
const head = 'HTTP/1.1 200 OK\r\nContent-Length: ';
const fixed = Buffer.byteLength(head) + 5 + 4;
const length = Math.max(0, answerBytes - fixed);
const answer = `${head}${String(length).padStart(5, '0')}\r\n\r\n${'x'.repeat(length)}`;

const server = createServer({ noDelay: true }, (socket) => {
  let missing = requestBytes;
  socket.on('data', (chunk: Buffer) => {
    missing -= chunk.length;
    if (missing > 0) return;
    missing += requestBytes;
    socket.write(answer, 'latin1');
  });
  socket.on('error', () => socket.destroy());
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  console.log(`http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`);
});
process.on('SIGTERM', () => process.exit(0));
