/**
 * A client of SQS and STS that speaks both protocols over node:http and checks nothing, so that a test can send what an
 * SDK would refuse to. Answers come in one form, whatever the protocol.
 */
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest, Agent as TlsAgent } from 'node:https';
import { decodeResult, encodeQuery } from './queryWire.ts';
import { type Signer, sign } from './signature.ts';
import { parseXml, type XmlElement } from './xml.ts';

export type Input = Readonly<Record<string, unknown>>;

export type ProtocolName = 'JSON' | 'Query';

export interface AttributeValue {
  readonly DataType?: string;
  readonly StringValue?: string;
  /** Base64. */
  readonly BinaryValue?: string;
}

export interface ReceivedMessage {
  readonly MessageId: string;
  readonly ReceiptHandle: string;
  readonly Body: string;
  readonly MD5OfBody: string;
  readonly Attributes?: Readonly<Record<string, string>>;
  readonly MessageAttributes?: Readonly<Record<string, AttributeValue>>;
  readonly MD5OfMessageAttributes?: string;
}

export interface BatchEntry {
  readonly Id: string;
  readonly MessageId?: string;
  readonly MD5OfMessageBody?: string;
  readonly MD5OfMessageAttributes?: string;
  readonly MD5OfMessageSystemAttributes?: string;
  readonly SequenceNumber?: string;
}

export interface FailedEntry {
  readonly Id: string;
  readonly Code: string;
  readonly Message: string;
  readonly SenderFault: boolean;
}

export interface MoveTask {
  readonly TaskHandle?: string;
  readonly Status: string;
  readonly SourceArn: string;
  readonly DestinationArn?: string;
  readonly MaxNumberOfMessagesPerSecond?: number;
  readonly ApproximateNumberOfMessagesMoved: number;
  readonly ApproximateNumberOfMessagesToMove: number;
  readonly FailureReason?: string;
  readonly StartedTimestamp: number;
}

/** What any operation may answer. */
export interface Output {
  readonly QueueUrl?: string;
  readonly QueueUrls?: readonly string[];
  /** Of ListDeadLetterSourceQueues, which writes it small. */
  readonly queueUrls?: readonly string[];
  readonly NextToken?: string;
  readonly Attributes?: Readonly<Record<string, string>>;
  readonly Tags?: Readonly<Record<string, string>>;
  readonly Messages?: readonly ReceivedMessage[];
  readonly MessageId?: string;
  readonly MD5OfMessageBody?: string;
  readonly MD5OfMessageAttributes?: string;
  readonly MD5OfMessageSystemAttributes?: string;
  readonly SequenceNumber?: string;
  readonly TaskHandle?: string;
  readonly Results?: readonly MoveTask[];
  readonly ApproximateNumberOfMessagesMoved?: number;
  readonly Successful?: readonly BatchEntry[];
  readonly Failed?: readonly FailedEntry[];
  readonly Account?: string;
  readonly Arn?: string;
  readonly UserId?: string;
}

export interface ErrorAnswer {
  /** The shape's name. The Query protocol does not show it. */
  readonly code: string | undefined;
  readonly queryCode: string;
  readonly message: string;
  readonly fault: string;
}

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly requestId: string;
  readonly output: Output;
  readonly error: ErrorAnswer | undefined;
}

export interface CallOptions {
  readonly accessKeyId?: string | undefined;
  readonly region?: string | undefined;
  /** Instead of the endpoint's own. */
  readonly host?: string | undefined;
  /** The path that the request goes to; `/` unless given. */
  readonly path?: string | undefined;
  /** GET puts the Query protocol's parameters into the address. */
  readonly method?: 'GET' | 'POST' | undefined;
  readonly service?: string | undefined;
  /** Ends the call from the client's side. */
  readonly signal?: AbortSignal | undefined;
}

interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

const agent = new Agent({ keepAlive: true });
const tlsAgent = new TlsAgent({ keepAlive: true });

export async function call(
  protocol: ProtocolName,
  endpoint: string,
  signer: Signer,
  operation: string,
  input: Input,
  options: CallOptions = {},
): Promise<Answer> {
  return protocol === 'JSON'
    ? callJson(endpoint, signer, operation, input, options)
    : callQuery(endpoint, signer, operation, input, options);
}

async function callJson(endpoint: string, signer: Signer, operation: string, input: Input, options: CallOptions) {
  const bytesAsBase64 = (_: string, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value;
  const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${operation}` };
  const answer = await exchange(endpoint, signer, headers, JSON.stringify(input, bytesAsBase64), options);
  const body = JSON.parse(answer.text);
  const [queryCode = '', fault = ''] = String(answer.headers['x-amzn-query-error'] ?? '').split(';');
  const error =
    answer.status === 200
      ? undefined
      : { code: body.__type?.split('#').at(-1), queryCode, message: body.message ?? body.Message ?? '', fault };
  return { ...statusAndHeaders(answer), output: error === undefined ? (body as Output) : {}, error };
}

async function callQuery(endpoint: string, signer: Signer, operation: string, input: Input, options: CallOptions) {
  const form = encodeQuery(operation, input);
  if (options.service === 'sts') form.set('Version', '2011-06-15');
  const isGet = options.method === 'GET';
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const path = `${options.path ?? '/'}${isGet ? `?${form}` : ''}`;
  const answer = await exchange(endpoint, signer, headers, isGet ? '' : String(form), { ...options, path });
  const root = parseXml(answer.text);
  if (answer.status === 200)
    return { ...statusAndHeaders(answer), output: readResult(root, operation), error: undefined };
  const text = (name: string) => only(only(root, 'Error'), name).text;
  const error = { code: undefined, queryCode: text('Code'), message: text('Message'), fault: text('Type') };
  return { ...statusAndHeaders(answer), output: {}, error };
}

function readResult(root: XmlElement, operation: string): Output {
  if (root.name !== `${operation}Response`) throw new Error(`${operation} is answered by ${root.name}`);
  if (only(only(root, 'ResponseMetadata'), 'RequestId').text === '') throw new Error('An answer without a request id');
  const result = root.children.find(({ name }) => name === `${operation}Result`);
  return result === undefined ? {} : decodeResult(result);
}

function only(parent: XmlElement, name: string): XmlElement {
  const [found, more] = parent.children.filter((child) => child.name === name);
  if (found === undefined || more !== undefined) throw new Error(`Not one ${name} in ${parent.name}`);
  return found;
}

function statusAndHeaders({ status, headers }: HttpAnswer): { status: number; contentType: string; requestId: string } {
  return { status, contentType: headers['content-type'] ?? '', requestId: String(headers['x-amzn-requestid'] ?? '') };
}

function exchange(
  endpoint: string,
  signer: Signer,
  headers: Readonly<Record<string, string>>,
  body: string,
  { accessKeyId, region, host, path = '/', method = 'POST', service, signal }: CallOptions,
): Promise<HttpAnswer> {
  const url = new URL(path, endpoint);
  const claimed = {
    ...signer,
    accessKeyId: accessKeyId ?? signer.accessKeyId,
    region: region ?? signer.region,
    service: service ?? signer.service,
  };
  const named = host === undefined ? headers : { ...headers, host };
  const all = {
    ...sign({ method, url, headers: named, body }, claimed, new Date()),
    'content-length': String(Buffer.byteLength(body)),
  };
  const isTls = url.protocol === 'https:';
  const settings = { method, headers: all, agent: isTls ? tlsAgent : agent, ...(signal && { signal }) };
  return new Promise((resolve, reject) => {
    const request = (isTls ? httpsRequest : httpRequest)(url, settings, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}
