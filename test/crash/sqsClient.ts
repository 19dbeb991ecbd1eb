/** SQS over plain HTTP with connections that stay open: faster than an SDK, without its retries, and it can hang up. */
import { Agent, type ClientRequest, type IncomingHttpHeaders, request } from 'node:http';
import type { SqsOperations } from '#aws/generated/sqs';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** No answer came: whether the request had an effect is unknown. */
export class ConnectionLost extends Error {}

/** An answer other than a success. */
export class Refused extends Error {
  readonly status: number;
  readonly code: string;

  constructor({ status, text }: Answer, operation: string) {
    super(`${operation} was answered ${status} ${text}`);
    this.status = status;
    const { __type = '' } = JSON.parse(text) as { __type?: string };
    this.code = __type.slice(__type.indexOf('#') + 1);
  }
}

/** A request that is under way. */
export interface Pending<Result> {
  readonly answer: Promise<Result>;
  /** Closes the connection, as a client does that is stopped. */
  hangUp(): void;
  /** The request has been handed to the kernel. */
  readonly written: Promise<void>;
}

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

export class SqsClient {
  readonly endpoint: string;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #lostAt: number | undefined;

  /** `lostAt`: a status that says nothing of what became of the request. */
  constructor(endpoint: string, { lostAt }: { readonly lostAt?: number | undefined } = {}) {
    this.endpoint = endpoint;
    this.#lostAt = lostAt;
  }

  close(): void {
    this.#agent.destroy();
  }

  call<Name extends keyof SqsOperations>(
    operation: Name,
    input: SqsOperations[Name]['input'],
  ): Promise<SqsOperations[Name]['output']> {
    return this.start(operation, input).answer;
  }

  start<Name extends keyof SqsOperations>(
    operation: Name,
    input: SqsOperations[Name]['input'],
  ): Pending<SqsOperations[Name]['output']> {
    const headers = { 'Content-Type': 'application/x-amz-json-1.0', 'X-Amz-Target': `AmazonSQS.${operation}` };
    const pending = this.#send({ method: 'POST', path: '/', headers, body: JSON.stringify(input) });
    const answer = pending.answer.then((received) => {
      if (received.status !== 200) throw new Refused(received, operation);
      return (received.text === '' ? {} : JSON.parse(received.text)) as SqsOperations[Name]['output'];
    });
    // Whoever hangs up may not wait for it.
    answer.catch(() => undefined);
    return { ...pending, answer };
  }

  /** The same operation as old SDKs send it; the XML as it comes. */
  query(parameters: Record<string, string>): Promise<Answer> {
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    return this.#send({ method: 'POST', path: '/', headers, body: String(new URLSearchParams(parameters)) }).answer;
  }

  get(path: string): Promise<Answer> {
    return this.#send({ method: 'GET', path, headers: {}, body: '' }).answer;
  }

  #send({ method, path, headers, body }: Sent): Pending<Answer> {
    const sent = request(new URL(path, this.endpoint), { agent: this.#agent, method, headers });
    const written = new Promise<void>((resolve) => sent.once('finish', resolve));
    const answer = readAnswer(sent).then((received) => {
      if (received.status === this.#lostAt) throw new ConnectionLost(received.text);
      return received;
    });
    answer.catch(() => undefined);
    sent.end(body);
    return { answer, written, hangUp: () => sent.destroy() };
  }
}

function readAnswer(sent: ClientRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const lost = (error: Error) => reject(new ConnectionLost(error.message, { cause: error }));
    sent.on('error', lost);
    sent.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', lost);
      response.on('end', () => {
        const { statusCode = 0, headers } = response;
        resolve({ status: statusCode, headers, text: Buffer.concat(chunks).toString() });
      });
    });
  });
}
