import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { cannedAnswers } from '../load/cannedAnswers.ts';

/**
 * The floor's program. It looks at the operation's name only (a form has none: it is taken for a publish), and keeps nothing except the long polls that wait: a
 * send answers the oldest of them, so that waking up has a floor, too.
 */
const port = Number(process.argv[2]);
const canned = cannedAnswers(1024);
const queueUrl = JSON.stringify({ QueueUrl: `http://127.0.0.1:${port}/000000000000/floor` });
const queueArn = JSON.stringify({ Attributes: { QueueArn: 'arn:aws:sqs:us-east-1:000000000000:floor' } });
const longPolls: ServerResponse[] = [];

function answer(response: ServerResponse, body: string): void {
  response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0', 'content-length': body.length });
  response.end(body);
}

function receive(response: ServerResponse, body: string): void {
  if (body.includes('"WaitTimeSeconds":0')) answer(response, canned.receive);
  else longPolls.push(response);
}

function send(response: ServerResponse): void {
  answer(response, canned.send);
  const waiting = longPolls.shift();
  if (waiting !== undefined) answer(waiting, canned.receiveOne);
}

function route(operation: string, response: ServerResponse, body: string): void {
  if (operation === 'AmazonSQS.SendMessage') send(response);
  else if (operation === 'AmazonSQS.SendMessageBatch') answer(response, canned.sendBatch);
  else if (operation === 'AmazonSQS.ReceiveMessage') receive(response, body);
  else if (operation === 'AmazonSQS.DeleteMessageBatch') answer(response, canned.deleteBatch);
  else if (operation === 'AmazonSQS.CreateQueue') answer(response, queueUrl);
  else if (operation === 'AmazonSQS.GetQueueAttributes') answer(response, queueArn);
  else if (operation === 'undefined') answer(response, canned.publish);
  else answer(response, '{}');
}

function serve(request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = (chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)).toString();
    route(String(request.headers['x-amz-target']), response, body);
  });
}

createServer(serve).listen(port, '127.0.0.1');
