/** Talks to a running server: in AWS JSON, as any client of SQS does, and to Posthorn's own pages. */
import type { CommandIo } from './commandIo.ts';
import { accessAdvice } from './credentials.ts';
import { exitCodes } from './failure.ts';
import { nearest } from './nearest.ts';
import { type AwsCredentials, sign } from './sign.ts';
import { explainNoAnswer, explainOtherAnswer } from './unreachable.ts';

export interface Target {
  readonly endpoint: string;
  /** Undefined: the server's own default. Requests that are signed have one. */
  readonly region: string | undefined;
  readonly accountId: string | undefined;
  /** Undefined: requests are not signed. */
  readonly credentials: AwsCredentials | undefined;
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

/** Posthorn's own pages say what is wrong in a sentence; who is not let in gets a code, too. */
interface PageRefusal {
  readonly error?: string;
  readonly code?: string;
}

/** A list stands for a parameter that is there several times. */
type PageQuery = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Milliseconds: a long poll takes 20 s, and a busy disk some more. */
const answerTimeoutMs = 90_000;
const listPage = 1000;

export class Client {
  readonly #target: Target;
  readonly #io: Pick<CommandIo, 'fetch' | 'wallClock'>;

  constructor(target: Target, io: Pick<CommandIo, 'fetch' | 'wallClock'>) {
    this.#target = target;
    this.#io = io;
  }

  /** Calls an operation of SQS. */
  async call<Output = Record<string, never>>(operation: string, input: object): Promise<Output> {
    const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${operation}` };
    const answer = await this.#request('POST', '/', 'sqs', headers, JSON.stringify(input));
    const content = await this.#contentOf<Output & AwsRefusal>(answer);
    if (answer.ok) return content;
    const { __type: type = 'Error', message, Message: text = message ?? `HTTP ${answer.status}` } = content;
    throw this.#refused(type.replace(/^.*#/, ''), text);
  }

  /** Gets one of Posthorn's own pages. */
  async page<Answer>(path: string, query: PageQuery): Promise<Answer> {
    const given = Object.entries(query).flatMap(([name, value = []]) =>
      [value].flat().map((each) => [name, each] as [string, string]),
    );
    const answer = await this.#request('GET', `/_posthorn/${path}?${new URLSearchParams(given)}`, 'posthorn', {}, '');
    const content = await this.#contentOf<Answer & PageRefusal>(answer);
    if (answer.ok) return content;
    const { error = `The server answers HTTP ${answer.status}.`, code } = content;
    throw code === undefined ? new RequestFailed(error, exitCodes.refused) : this.#refused(code, error);
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
      const owner = this.#ownerOfQueues();
      const input = { QueueName: name, ...(owner !== undefined && { QueueOwnerAWSAccountId: owner }) };
      return (await this.call<{ QueueUrl: string }>('GetQueueUrl', input)).QueueUrl;
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

  /** An account that is asked for is told by the key of an unsigned request; that of a signed one says who asks. */
  #ownerOfQueues(): string | undefined {
    const { accountId, credentials } = this.#target;
    return credentials === undefined ? undefined : accountId;
  }

  #refused(code: string, text: string): RequestFailed {
    const { credentials } = this.#target;
    const advice = accessAdvice(code, text, credentials);
    const said = `${code}: ${text}`;
    // What a server says of a signature that is none helps nobody who did not know that there has to be one.
    const sentences = advice === undefined ? [said] : credentials === undefined ? [advice] : [said, advice];
    return new RequestFailed(sentences.join('\n'), exitCodes.refused, code);
  }

  async #request(
    method: string,
    path: string,
    service: string,
    headers: Readonly<Record<string, string>>,
    body: string,
  ): Promise<Response> {
    const { endpoint, credentials, region = '' } = this.#target;
    const url = new URL(endpoint + path);
    const scope = { region, service, now: this.#io.wallClock() };
    const sent =
      credentials === undefined
        ? { ...headers, authorization: this.#unproven() }
        : sign({ method, url, headers, body }, credentials, scope);
    try {
      const signal = AbortSignal.timeout(answerTimeoutMs);
      return await this.#io.fetch(url, { method, headers: sent, signal, ...(body !== '' && { body }) });
    } catch (error) {
      throw new RequestFailed(explainNoAnswer(error, endpoint, answerTimeoutMs), exitCodes.unreachable);
    }
  }

  /** Names account and region in the form of a signature, for a server that verifies none. */
  #unproven(): string {
    const { accountId = 'posthorn', region = '' } = this.#target;
    return `AWS4-HMAC-SHA256 Credential=${accountId}/20260101/${region}/sqs/aws4_request, SignedHeaders=host, Signature=0`;
  }

  async #contentOf<Content>(answer: Response): Promise<Content> {
    const { endpoint } = this.#target;
    const body = await answer.text().catch((error: unknown) => {
      throw new RequestFailed(explainNoAnswer(error, endpoint, answerTimeoutMs), exitCodes.unreachable);
    });
    try {
      return JSON.parse(body) as Content;
    } catch {
      throw new RequestFailed(explainOtherAnswer(answer.status, body, endpoint), exitCodes.unreachable);
    }
  }
}
