/**
 * Requests as the AWS SDK for JavaScript writes them. They are signed for servers that check it; for the others the signature
 * is made up, as signing each request that differs would take a good part of the generator.
 */
import { signedHeaders } from './signing.ts';

export const batchSize = 10;

const exampleDate = '20260102';
const sdkUserAgent = 'aws-sdk-js/3.1000.0';

/** Ports of servers that check signatures. */
export const checkingPorts = new Set<number>();

/** Puts a body into a request. */
export type Frame = (body: string) => string;

type Header = readonly [name: string, value: string];

export function jsonFrame(port: number, operation: string): Frame {
  return frameOf(port, 'sqs', [
    ['content-type', 'application/x-amz-json-1.0'],
    ['x-amz-target', `AmazonSQS.${operation}`],
    ['x-amzn-query-mode', 'true'],
  ]);
}

/** The same of a request to SNS, which is a form. */
function formFrame(port: number): Frame {
  return frameOf(port, 'sns', [['content-type', 'application/x-www-form-urlencoded']]);
}

function frameOf(port: number, service: 'sqs' | 'sns', kind: readonly Header[]): Frame {
  const covered: readonly Header[] = [
    ['host', `127.0.0.1:${port}`],
    ...kind,
    ['x-amz-user-agent', sdkUserAgent],
    ['amz-sdk-invocation-id', '7c2a9f5e-6d1b-4c8e-9a30-5b0e2f41d7c6'],
    ['amz-sdk-request', 'attempt=1; max=3'],
  ];
  const start = [
    'POST / HTTP/1.1',
    'connection: keep-alive',
    `user-agent: ${sdkUserAgent} ua/2.1 os/linux#6.8.0 lang/js md/nodejs#22.0.0 api/${service}#3.1000.0 m/E,N`,
    ...covered.map(([name, value]) => `${name}: ${value}`),
    '',
  ].join('\r\n');
  const end = (body: string) => `\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
  if (checkingPorts.has(port)) return (body) => start + signedHeaders(service, covered, body).join('\r\n') + end(body);
  const madeUp = [
    `x-amz-date: ${exampleDate}T030405Z`,
    'x-amz-content-sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    `authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/${exampleDate}/us-east-1/${service}/aws4_request, ` +
      `SignedHeaders=${covered
        .map(([name]) => name)
        .sort()
        .join(';')};x-amz-content-sha256;x-amz-date, ` +
      'Signature=4f6a1c0de0ff2d3b7a8895c1b4e6d7f8091a2b3c4d5e6f708192a3b4c5d6e7f8',
  ].join('\r\n');
  return (body) => start + madeUp + end(body);
}

export function request(port: number, operation: string, input: object): string {
  return jsonFrame(port, operation)(JSON.stringify(input));
}

/** What SNS takes: nothing here has more than one level, so names are given as they are on the wire. */
export function formRequest(port: number, action: string, input: Readonly<Record<string, string>>): string {
  const body = new URLSearchParams({ ...input, Action: action, Version: '2010-03-31' }).toString();
  return formFrame(port)(body);
}

/** `value`: what filter policies look at. */
export function publishRequest(port: number, topicArn: string, body: string, value?: string): string {
  const attribute = {
    'MessageAttributes.entry.1.Name': 'kind',
    'MessageAttributes.entry.1.Value.DataType': 'String',
    'MessageAttributes.entry.1.Value.StringValue': value ?? '',
  };
  return formRequest(port, 'Publish', { TopicArn: topicArn, Message: body, ...(value !== undefined && attribute) });
}

/** Plain text that needs no escaping in JSON; the same for every message, so that its MD5 is known beforehand. */
export function messageBody(bytes: number): string {
  return 'The quick brown fox jumps over the lazy dog. '.repeat(Math.ceil(bytes / 45)).slice(0, bytes);
}

export function sendRequest(port: number, queueUrl: string, body: string): string {
  return request(port, 'SendMessage', { QueueUrl: queueUrl, MessageBody: body });
}

export function sendBatchRequest(port: number, queueUrl: string, body: string): string {
  const entries = Array.from({ length: batchSize }, (_, index) => ({ Id: `m${index}`, MessageBody: body }));
  return request(port, 'SendMessageBatch', { QueueUrl: queueUrl, Entries: entries });
}

export function receiveRequest(port: number, queueUrl: string, waitTimeSeconds: number, more: object = {}): string {
  const input = { QueueUrl: queueUrl, MaxNumberOfMessages: batchSize, WaitTimeSeconds: waitTimeSeconds, ...more };
  return request(port, 'ReceiveMessage', input);
}

/** Visible, in flight, delayed: all of them are asked for, as each message is one of these. */
export function countRequest(port: number, queueUrl: string): string {
  const AttributeNames = [
    'ApproximateNumberOfMessages',
    'ApproximateNumberOfMessagesNotVisible',
    'ApproximateNumberOfMessagesDelayed',
  ];
  return request(port, 'GetQueueAttributes', { QueueUrl: queueUrl, AttributeNames });
}

export function deleteRequest(port: number, queueUrl: string, receiptHandle: string): string {
  return request(port, 'DeleteMessage', { QueueUrl: queueUrl, ReceiptHandle: receiptHandle });
}

/** Deletes are the one request that differs each time, so only their changing part is put together per request. */
export function deleteBatchRequests(port: number, queueUrl: string): (receiptHandles: readonly string[]) => string {
  const frame = jsonFrame(port, 'DeleteMessageBatch');
  const bodyStart = `{"QueueUrl":${JSON.stringify(queueUrl)},"Entries":[`;
  return (receiptHandles) => {
    let body = bodyStart;
    for (let index = 0; index < receiptHandles.length; index++) {
      body += `${index === 0 ? '' : ','}{"Id":"m${index}","ReceiptHandle":"${receiptHandles[index]}"}`;
    }
    body += ']}';
    return frame(body);
  };
}
