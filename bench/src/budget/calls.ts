/** The four calls of the budget, as an SDK sends them. */
import { signedHeaders } from '../load/signing.ts';

export const queueName = 'budget';
export const accountId = '000000000000';
export const bodyBytes = 1024;
export const batchSize = 10;

/** Calls that follow each other: fewer messages than a queue keeps in memory, so that none is read from the store. */
const sends = 320;
const batches = 64;
export const cycle = { sends, batches, receives: (sends + batches * batchSize) / batchSize };

export const callNames = ['SendMessage', 'SendMessageBatch', 'ReceiveMessage', 'DeleteMessageBatch'] as const;
export type CallName = (typeof callNames)[number];

export interface Call {
  readonly operation: string;
  readonly body: string;
}

export function queueUrl(port: number): string {
  return `http://127.0.0.1:${port}/${accountId}/${queueName}`;
}

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,';

/** Printable ASCII without escapes; each place has another text. */
export function messageBody(place: number): string {
  return Array.from({ length: bodyBytes }, (_, index) => letters[(index * 7 + place) % letters.length]).join('');
}

export function sendCall(QueueUrl: string): Call {
  return { operation: 'SendMessage', body: JSON.stringify({ QueueUrl, MessageBody: messageBody(0) }) };
}

export function sendBatchCall(QueueUrl: string): Call {
  const Entries = entries((place) => ({ MessageBody: messageBody(place) }));
  return { operation: 'SendMessageBatch', body: JSON.stringify({ QueueUrl, Entries }) };
}

export function receiveCall(QueueUrl: string): Call {
  const input = { QueueUrl, MaxNumberOfMessages: batchSize, VisibilityTimeout: 3600 };
  return { operation: 'ReceiveMessage', body: JSON.stringify(input) };
}

export function deleteBatchCall(QueueUrl: string, handles: readonly string[]): Call {
  const Entries = handles.map((ReceiptHandle, place) => ({ Id: `entry-${place}`, ReceiptHandle }));
  return { operation: 'DeleteMessageBatch', body: JSON.stringify({ QueueUrl, Entries }) };
}

function entries(member: (place: number) => object): object[] {
  return Array.from({ length: batchSize }, (_, place) => ({ Id: `entry-${place}`, ...member(place) }));
}

/** The bytes of a signed request. */
export function requestBytes({ operation, body }: Call, port: number): Buffer {
  const signed: [string, string][] = [
    ['content-type', 'application/x-amz-json-1.0'],
    ['host', `127.0.0.1:${port}`],
    ['x-amz-target', `AmazonSQS.${operation}`],
  ];
  const lines = [
    'POST / HTTP/1.1',
    ...signed.map(([name, value]) => `${name}: ${value}`),
    ...signedHeaders('sqs', signed, body),
    'amz-sdk-invocation-id: 6f1f2d3c-4b5a-4978-8695-a4b3c2d1e0f9',
    'amz-sdk-request: attempt=1; max=3',
    'user-agent: aws-sdk-js/3.1169.0 ua/2.1 os/linux lang/js md/nodejs#20 api/sqs#3.1169.0',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: keep-alive',
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`);
}
