/**
 * The door of Posthorn's own pages, where signatures are enforced. Who wants in shows an access key: by HTTP Basic, as
 * browsers and Prometheus do, or by a signature for the service `posthorn`; or a client certificate that stands for
 * somebody. Then the policies decide, as about any call: `posthorn:Read` to look, `posthorn:Write` for all else.
 */
import { hash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Identity } from '#access';
import { isLoopback } from '#std/loopback';
import { AwsError, type ServiceContract } from './contract.ts';
import type { Guard, KeyHolders } from './guard.ts';
import type { EdgeLog } from './listener.ts';
import { requestConditions } from './requestConditions.ts';
import { isOverTls } from './tlsFacts.ts';

/** One page that a request is for. */
export interface OwnPage {
  /** It tells nothing that anybody may not know. */
  readonly isOpen: boolean;
  /** `body`: what has been read of the request already, all of it. */
  answer(response: ServerResponse, body?: Buffer): void;
}

/** Undefined where the request is for none of them. */
export type FindPage = (request: IncomingMessage) => OwnPage | undefined;

export interface PageGuardOptions {
  readonly guard: Pick<Guard, 'authenticate' | 'authorize'>;
  readonly holders: KeyHolders;
  /** Whom the pages belong to: they show the queues of all accounts, so that others have no way in. */
  readonly accountId: string;
  readonly region: string;
  readonly now: () => number;
  readonly log: EdgeLog;
}

/** Finds and answers; true for requests that it answers. */
export function guardedPages(find: FindPage, guard: PageGuard | undefined) {
  return (request: IncomingMessage, response: ServerResponse): boolean => {
    const page = find(request);
    if (page === undefined) return false;
    if (guard === undefined || page.isOpen) {
      page.answer(response);
      return true;
    }
    guard.admit(request).then(
      (body) => page.answer(response, body),
      (error: unknown) => guard.refuse(request, response, error),
    );
    return true;
  };
}

/** What signatures and refusals have to know of the pages, as if they were a service of AWS. */
const contract: ServiceContract = {
  service: 'posthorn',
  apiVersion: '1',
  shapeNamespace: 'posthorn',
  protocols: ['query'],
  queryCompatible: false,
  xmlNamespace: '',
  operations: {},
  shapes: {},
};

export class PageGuard {
  readonly #options: PageGuardOptions;

  constructor(options: PageGuardOptions) {
    this.#options = options;
  }

  /** Resolves to the body if it had to be read; rejects with the refusal. */
  async admit(request: IncomingMessage): Promise<Buffer | undefined> {
    if (isForeign(request)) throw forbidden('A page of another site may change nothing here.');
    const [, password] = /^basic +(.*)$/i.exec(request.headers.authorization ?? '') ?? [];
    if (password !== undefined) {
      this.#authorize(request, await this.#byPassword(request, password));
      return undefined;
    }
    const body = await readBody(request);
    const { method = 'GET', url = '/', rawHeaders, socket } = request;
    const [path = '', ...query] = url.split('?');
    const signed = { method, path, query: query.join('?'), rawHeaders, body };
    const called = { contract, operation: operationOf(request) };
    const { identity } = await this.#options.guard.authenticate(signed, called, socket);
    this.#authorize(request, identity);
    return body;
  }

  /** Who shows nothing, or a wrong password, is asked for one; whoever else is refused has shown what he has. */
  refuse(request: IncomingMessage, response: ServerResponse, error: unknown): void {
    if (!(error instanceof AwsError)) this.#options.log.error({ err: error }, 'a page failed unexpectedly');
    if (response.headersSent || response.destroyed) return;
    const { code, message, httpStatus } = error instanceof AwsError ? error : unforeseen();
    const asks = code === 'MissingAuthenticationTokenException' || httpStatus === 401;
    const status = asks ? 401 : httpStatus === 400 ? 403 : httpStatus;
    const body = `${JSON.stringify({ error: message, code })}\n`;
    // What may still come of the body is not waited for.
    if (!request.complete) response.shouldKeepAlive = false;
    response.writeHead(status, {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(body),
      // A password is not asked for where others could read it.
      ...(asks && { 'WWW-Authenticate': isPrivate(request) ? basicChallenge : 'AWS4-HMAC-SHA256' }),
    });
    response.end(body);
  }

  async #byPassword(request: IncomingMessage, encoded: string): Promise<Identity> {
    if (!isPrivate(request)) throw forbidden('A password is taken over TLS only, or on the machine of the server.');
    const text = Buffer.from(encoded, 'base64').toString();
    const colon = text.indexOf(':');
    const [accessKeyId, secret] = colon === -1 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)];
    const { holders, region } = this.#options;
    const holder = await holders.credentialHolder(accessKeyId);
    // Temporary keys have a token as well, for which there is no place: only a signature shows them.
    if (holder === undefined || holder.sessionToken !== undefined || !isSameText(holder.secretAccessKey, secret)) {
      throw new AwsError('UnrecognizedClientException', 'There is no such access key, or its secret is another.', {
        httpStatus: 401,
      });
    }
    holders.used(accessKeyId, region, contract.service);
    return holder.identity;
  }

  #authorize(request: IncomingMessage, caller: Identity): void {
    const { guard, accountId, region, now } = this.#options;
    const access = {
      ...{ action: `posthorn:${operationOf(request)}`, resource: '*', resourceAccountId: accountId, context: {} },
    };
    guard.authorize(
      [access],
      {
        ...{ accountId, region, requestId: '', accessKeyId: '', endpoint: '', caller },
        conditions: requestConditions(request, region, now()),
        client: { gone: false, onGone: () => undefined },
      },
      contract,
    );
  }
}

function operationOf({ method }: IncomingMessage): 'Read' | 'Write' {
  return method === 'GET' || method === 'HEAD' ? 'Read' : 'Write';
}

/** Nobody on the way can read along. */
function isPrivate({ socket }: IncomingMessage): boolean {
  const { remoteAddress = '' } = socket;
  return isOverTls(socket) || isLoopback(remoteAddress.replace(/^::ffff:/, ''));
}

/** Browsers send the password or the certificate that they know along with whatever any site makes them send. */
function isForeign(request: IncomingMessage): boolean {
  const { origin, host } = request.headers;
  if (operationOf(request) === 'Read' || origin === undefined) return false;
  return !URL.canParse(origin) || new URL(origin).host !== host;
}

/** Hashes, as texts of different lengths can not be compared in constant time. */
function isSameText(expected: string, given: string): boolean {
  return timingSafeEqual(hash('sha256', expected, 'buffer'), hash('sha256', given, 'buffer'));
}

/** Bytes. No page takes more. */
const bodyMaxBytes = 64 * 1024;

/** By events: a loop over the request that is left early would close the connection, and with it the way for the answer. */
function readBody(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= bodyMaxBytes) chunks.push(chunk);
      else reject(new AwsError('RequestEntityTooLarge', `The body is larger than ${bodyMaxBytes} bytes.`, tooLarge));
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', reject);
  });
}

const tooLarge = { httpStatus: 413 };

function forbidden(message: string): AwsError {
  return new AwsError('AccessDeniedException', message, { httpStatus: 403 });
}

const basicChallenge = 'Basic realm="Posthorn: access key id and secret", charset="UTF-8"';

function unforeseen(): AwsError {
  return new AwsError('InternalFailure', 'The request failed; the log says why.', { httpStatus: 500 });
}
