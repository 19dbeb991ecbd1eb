/** Talks to a running server: in AWS JSON, as any client of SQS does, and to Posthorn's own pages. */
import { exitCodes } from './failure.ts';
import { nearest } from './nearest.ts';

export interface Target {
  readonly endpoint: string;
  /** Undefined: the server's own default. */
  readonly region: string | undefined;
  readonly accountId: string | undefined;
}

/** A request that brought nothing. The message is for the person who made it. */
export class RequestFailed extends Error {
  readonly exitCode: number;
  /** The error's code in the API, or empty. */
  readonly code: string;

  constructor(message: string, exitCode: number, code = '') {
    super(message);
    this.name = 'RequestFailed';
    this.exitCode = exitCode;
    this.code = code;
  }
}

export interface QueueSummary {
  readonly accountId: string;
  readonly region: string;
  readonly name: string;
  readonly fifo: boolean;
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
  readonly createdAt: string;
  readonly deadLetterQueue?: string;
  readonly maxReceiveCount?: number;
}

/** SQS writes the text in lower case, the front end before it in upper case. */
interface AwsRefusal {
  readonly __type?: string;
  readonly message?: string;
  readonly Message?: string;
}

/** Milliseconds: a long poll takes 20 s, and a busy disk some more. */
const answerTimeoutMs = 90_000;
const listPage = 1000;

export class Client {
  readonly #target: Target;
  readonly #fetch: typeof fetch;

  constructor(target: Target, request: typeof fetch) {
    this.#target = target;
    this.#fetch = request;
  }

  /** Calls an operation of SQS. */
  async call<Output = Record<string, never>>(operation: string, input: object): Promise<Output> {
    const answer = await this.#request('/', {
      method: 'POST',
      body: JSON.stringify(input),
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `AmazonSQS.${operation}`,
        authorization: this.#authorization(),
      },
    });
    const content = await this.#contentOf<Output & AwsRefusal>(answer);
    if (answer.ok) return content;
    const { __type: type = 'Error', message, Message: text = message ?? `HTTP ${answer.status}` } = content;
    const code = type.replace(/^.*#/, '');
    throw new RequestFailed(`${code}: ${text}`, exitCodes.refused, code);
  }

  /** Gets one of Posthorn's own pages. */
  async page<Answer>(path: string, query: Readonly<Record<string, string | undefined>>): Promise<Answer> {
    const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
    const answer = await this.#request(`/_posthorn/${path}?${new URLSearchParams(given)}`, { method: 'GET' });
    const content = await this.#contentOf<Answer & { error?: string }>(answer);
    if (answer.ok) return content;
    throw new RequestFailed(content.error ?? `The server answers HTTP ${answer.status}.`, exitCodes.refused);
  }

  get region(): string | undefined {
    return this.#target.region;
  }

  /** All queues of the account and the region whose names begin like that. */
  async *queues(prefix?: string): AsyncGenerator<QueueSummary> {
    const { region, accountId: account } = this.#target;
    let next: string | undefined;
    do {
      const page: { queues: QueueSummary[]; next?: string } = await this.page('queues', {
        ...{ account, region, prefix, next },
        limit: String(listPage),
      });
      yield* page.queues;
      next = page.next;
    } while (next !== undefined);
  }

  /** The queue that a word of the command line means: its name, or its URL. */
  async queue(word: string): Promise<{ url: string; accountId: string; name: string }> {
    const url = /^https?:\/\//.test(word) ? word : await this.#urlOf(word);
    const [, accountId, name] = /\/(\d{12})\/([^/]+)\/?$/.exec(url) ?? [];
    if (accountId === undefined || name === undefined) {
      throw new RequestFailed(
        `${word} is not the URL of a queue: it must end with /<account>/<queue>.`,
        exitCodes.settings,
      );
    }
    return { url, accountId, name };
  }

  async #urlOf(name: string): Promise<string> {
    try {
      return (await this.call<{ QueueUrl: string }>('GetQueueUrl', { QueueName: name })).QueueUrl;
    } catch (error) {
      if (!(error instanceof RequestFailed) || error.code !== 'QueueDoesNotExist') throw error;
      throw new RequestFailed(`${error.message} ${await this.#advice(name)}`, error.exitCode, error.code);
    }
  }

  async #advice(name: string): Promise<string> {
    const names: string[] = [];
    for await (const queue of this.queues()) names.push(queue.name);
    if (names.length === 0) return 'There are no queues here; are the region and the account right?';
    const meant = nearest(name, names);
    return meant === undefined ? 'posthorn queues lists those that do.' : `Did you mean ${meant}?`;
  }

  /** Names account and region in the form of a signature. Nothing in it is secret, and the server checks none yet. */
  #authorization(): string {
    const { accountId = 'posthorn', region = '' } = this.#target;
    return `AWS4-HMAC-SHA256 Credential=${accountId}/20260101/${region}/sqs/aws4_request, SignedHeaders=host, Signature=0`;
  }

  async #request(path: string, init: RequestInit): Promise<Response> {
    const { endpoint } = this.#target;
    try {
      return await this.#fetch(endpoint + path, { ...init, signal: AbortSignal.timeout(answerTimeoutMs) });
    } catch (error) {
      throw new RequestFailed(explain(error, endpoint), exitCodes.unreachable);
    }
  }

  async #contentOf<Content>(answer: Response): Promise<Content> {
    const { endpoint } = this.#target;
    const body = await answer.text().catch((error: unknown) => {
      throw new RequestFailed(explain(error, endpoint), exitCodes.unreachable);
    });
    try {
      return JSON.parse(body) as Content;
    } catch {
      const sentence = `${endpoint} answers (HTTP ${answer.status}), but not as Posthorn does. Is --endpoint right?`;
      throw new RequestFailed(sentence, exitCodes.unreachable);
    }
  }
}

/** Why there was no answer. Node's fetch says "fetch failed", and the reason behind it. */
function explain(error: unknown, endpoint: string): string {
  if (error instanceof Error && error.name === 'TimeoutError') {
    return `${endpoint} did not answer within ${answerTimeoutMs / 1000} s.`;
  }
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const reason = cause instanceof Error ? ('code' in cause ? String(cause.code) : cause.message) : String(cause);
  return `No server answers at ${endpoint} (${reason}). Start one with "posthorn start", or say where it is with --endpoint.`;
}
