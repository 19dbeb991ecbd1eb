import { createServer, type Socket } from 'node:net';
import { cannedAnswers } from './cannedAnswers.ts';

/**
 * The least a counterpart can do: it counts bytes on a bare socket and answers. What the generator reaches against it
 * is the highest rate it could ever report of a server. All requests of a connection are of one length, so only the
 * first is looked at.
 */
const batchBytes = 5_000;
const canned = cannedAnswers(1024);
const single = wire(canned.send);
const batch = wire(canned.sendBatch);

function wire(body: string): Buffer {
  const head = `HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: ${body.length}\r\n\r\n`;
  return Buffer.from(head + body);
}

function serve(socket: Socket): void {
  let requestBytes = 0;
  let received = 0;
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    if (requestBytes === 0) {
      const headEnd = chunk.indexOf('\r\n\r\n') + 4;
      const length = /content-length: (\d+)/.exec(chunk.toString('latin1', 0, headEnd));
      requestBytes = headEnd + Number(length?.[1]);
    }
    received += chunk.length;
    if (received < requestBytes) return;
    received -= requestBytes;
    socket.write(requestBytes > batchBytes ? batch : single);
  });
}

createServer(serve).listen(Number(process.argv[2]), '127.0.0.1', () => process.send?.('ready'));
process.on('disconnect', () => process.exit());
