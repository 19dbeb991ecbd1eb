import { createServer, type Socket } from 'node:net';
import { cannedAnswers } from './cannedAnswers.ts';

/**
 * The least a counterpart can do: on a bare socket it finds a request's operation and its end, and answers with fixed
 * bytes. What the generator reaches against it is the highest rate that it could ever report of a server.
 */
const canned = cannedAnswers(1024);
const answers: Readonly<Record<string, Buffer>> = {
  SendMessage: wire(canned.send),
  SendMessageBatch: wire(canned.sendBatch),
  ReceiveMessage: wire(canned.receive),
  DeleteMessageBatch: wire(canned.deleteBatch),
};
/** Requests that don't name an operation in their head are forms: publishes. */
const published = wire(canned.publish);

function wire(body: string): Buffer {
  const head = `HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: ${body.length}\r\n\r\n`;
  return Buffer.from(head + body);
}

function serve(socket: Socket): void {
  let missing = 0;
  let answer = published;
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    if (missing === 0) {
      // A head is sent in one write, and is far smaller than what a read brings.
      const headEnd = chunk.indexOf('\r\n\r\n') + 4;
      const head = chunk.toString('latin1', 0, headEnd);
      missing = headEnd + Number(/content-length: (\d+)/.exec(head)?.[1]);
      answer = answers[/x-amz-target: AmazonSQS\.(\w+)/.exec(head)?.[1] ?? ''] ?? published;
    }
    missing -= chunk.length;
    if (missing === 0) socket.write(answer);
  });
}

createServer(serve).listen(Number(process.argv[2]), '127.0.0.1', () => process.send?.('ready'));
process.on('disconnect', () => process.exit());
