/** One request and its answer. */

import { randomUuid } from '#std/uuid';
import { callSource } from './audited.ts';
import { type Access, AwsError, type CallAudit, type CallContext } from './contract.ts';
import { accountIdOf, type Credential } from './credential.ts';
import type { Fault, Faults } from './faults.ts';
import type { Authenticated, RequestGuard } from './guard.ts';
import type { EdgeLimits } from './limits.ts';
import type { EdgeLog } from './listener.ts';
import { type EdgeRequest, type EncodedAnswer, internalFailure, serverStopping } from './protocols/protocol.ts';
import type { ReceivedBody, ReceivedRequest, Reply } from './received.ts';
import { requestConditions } from './requestConditions.ts';
import { type Route, type Routed, type Routes, route } from './route.ts';
import { isOverTls } from './tlsFacts.ts';

export interface ExchangeSettings {
  readonly routes: Routes;
  readonly limits: EdgeLimits;
  readonly publicUrl: string | undefined;
  readonly defaultRegion: string;
  readonly defaultAccountId: string;
  /** Absent: whoever reaches the port may do everything. */
  readonly guard: RequestGuard | undefined;
  readonly onRequest: ((metric: RequestMetric) => void) | undefined;
  readonly audit: CallAudit | undefined;
  /** Errors and delays that someone asked for. */
  readonly faults: Faults | undefined;
  /** Answers requests whose operation throws `AnsweredElsewhere`. */
  readonly forward?: (request: ReceivedRequest, body: ReceivedBody, reply: Reply) => void;
  readonly log: EdgeLog;
  /** The listener is closing: answers end their connections. */
  draining: boolean;
}

export interface RequestMetric {
  /** Empty where no service, or no operation, could be told from the request. */
  readonly service: string;
  readonly operation: string;
  readonly protocol: 'json' | 'query';
  readonly status: number;
  /** The code of the refusal, or empty. */
  readonly errorCode: string;
  readonly requestBytes: number;
  readonly answerBytes: number;
  /** From the end of the headers to the answer handed to the socket. */
  readonly milliseconds: number;
}

const emptyBody = Buffer.alloc(0);

/** Thrown by an operation that has done nothing: the request is for `ExchangeSettings.forward`. */
export class AnsweredElsewhere extends Error {}

/** One of `call`, `refuse` and `refuseTooLarge` is called, and exactly one answer is sent. */
export class Exchange {
  readonly #settings: ExchangeSettings;
  readonly #request: ReceivedRequest;
  readonly #body: Buffer;
  readonly #reply: Reply;
  readonly #requestId = randomUuid();
  readonly #startedAt: number;
  /** Of a body that was thrown away, too. */
  readonly #bodyBytes: number;
  #isLast = false;
  #routed: Routed | undefined;
  /** For the audit: what is known of the call so far. */
  #calling: CallContext | undefined;
  #input: unknown;

  /** `startedAt`: when the head had come, by `performance.now()`. */
  constructor(
    settings: ExchangeSettings,
    request: ReceivedRequest,
    { body = emptyBody, bytes = body.length, startedAt = performance.now() }: ReceivedBody,
    reply: Reply,
  ) {
    this.#settings = settings;
    this.#request = request;
    this.#body = body;
    this.#bodyBytes = bytes;
    this.#startedAt = startedAt;
    this.#reply = reply;
  }

  call(): void {
    try {
      this.#call(this.#edgeRequest(this.#body));
    } catch (error) {
      this.refuse(error);
    }
  }

  #edgeRequest(body: Buffer): EdgeRequest {
    const { method = 'GET', url = '/', headers } = this.#request;
    const mark = url.indexOf('?');
    const path = mark === -1 ? url : url.slice(0, mark);
    return { method, path, query: mark === -1 ? '' : url.slice(mark + 1), headers, body };
  }

  #call(request: EdgeRequest): void {
    const endpoint = this.#endpoint();
    const routed = route(this.#settings.routes, request, endpoint);
    this.#routed = routed;
    const { route: found, refusal } = routed;
    if (refusal !== undefined) throw refusal;
    // A route without a call has a refusal; this is for the compiler, and for the day when that changes.
    if (found?.call === undefined) throw internalFailure();
    const guard = this.#settings.guard;
    if (guard === undefined) {
      const context = this.#context(routed.credential, endpoint);
      this.#perform(found, this.#decode(found, request, routed), context);
      return;
    }
    const { method, path, query, body } = request;
    const { rawHeaders, socket } = this.#request;
    const caller = guard.authenticate({ method, path, query, rawHeaders, body }, found, socket);
    const proceed = (authenticated: Authenticated) => {
      // Before the input is decoded: one that can't be is on record with its sender.
      const context = this.#context(routed.credential, endpoint, authenticated);
      this.#performGuarded(guard, found, this.#decode(found, request, routed), context);
    };
    if (caller instanceof Promise) caller.then(proceed).catch((error: unknown) => this.refuse(error));
    else proceed(caller);
  }

  #decode(found: Route, request: EdgeRequest, { parameters }: Routed): unknown {
    this.#input = found.codec.decode(request, parameters);
    return this.#input;
  }

  #performGuarded(guard: RequestGuard, found: Route, input: unknown, context: CallContext): void {
    const needed = found.service.accessOf?.(found.operation, input as never, context) ?? [];
    const proceed = (accesses: readonly Access[]) => {
      guard.authorize(accesses, context, found.contract);
      this.#perform(found, input, context);
    };
    if (needed instanceof Promise) needed.then(proceed).catch((error: unknown) => this.refuse(error));
    else proceed(needed);
  }

  #perform(found: Route, input: unknown, context: CallContext): void {
    const call = found.call as (input: never, context: CallContext) => unknown;
    const fault = this.#settings.faults?.strike(found.contract, found.operation, input);
    if (fault === undefined) this.#finish(found, call(input as never, context));
    else this.#suffer(fault, context, () => this.#finish(found, call(input as never, context)));
  }

  /** What a fault rule does to a call. A client that leaves during the delay has not called. */
  #suffer({ delayMs, error }: Fault, { client }: CallContext, perform: () => void): void {
    this.#settings.faults?.delay(delayMs, client, (how) => {
      try {
        if (error !== undefined) throw error;
        if (how === 'stopping') throw serverStopping();
        perform();
      } catch (refusal) {
        this.refuse(refusal);
      }
    });
  }

  #finish(found: Route, output: unknown): void {
    if (output instanceof Promise) {
      output.then(
        (value) => this.#succeedAsync(found, value),
        (error) => this.refuse(error),
      );
    } else {
      this.#succeed(found, output);
    }
  }

  /** `authenticated`: what was proved, where signatures are enforced; what the request claims counts only without. */
  #context(claimed: Credential, endpoint: string, authenticated?: Authenticated): CallContext {
    const { defaultAccountId, defaultRegion } = this.#settings;
    const { accessKeyId } = authenticated ?? claimed;
    // Who signs nothing may still say which region he means.
    const region = authenticated?.region ?? (claimed.region || defaultRegion);
    const caller = authenticated?.identity;
    const context: CallContext = {
      // The anonymous has no account; what he may do has another's ARN in it.
      accountId: caller?.principal.accountId || accountIdOf(accessKeyId, defaultAccountId),
      ...{ region, requestId: this.#requestId, accessKeyId, endpoint, client: this.#reply },
      ...(caller !== undefined && { caller, conditions: requestConditions(this.#request, region, Date.now()) }),
    };
    this.#calling = context;
    return context;
  }

  #endpoint(): string {
    if (this.#settings.publicUrl !== undefined) return this.#settings.publicUrl;
    const { host } = this.#request.headers;
    const scheme = isOverTls(this.#request.socket) ? 'https' : 'http';
    if (host !== undefined && hostPattern.test(host)) return `${scheme}://${host}`;
    const { localAddress = '127.0.0.1', localPort } = this.#request.socket;
    return `${scheme}://${localAddress.includes(':') ? `[${localAddress}]` : localAddress}:${localPort}`;
  }

  #succeedAsync(found: Route, output: unknown): void {
    try {
      this.#succeed(found, output);
    } catch (error) {
      this.refuse(error);
    }
  }

  #succeed(found: Route, output: unknown): void {
    const answer = found.codec.encode(output, this.#requestId);
    this.#audit(output, undefined);
    this.#write(answer, '');
  }

  refuse(error: unknown): void {
    const { forward } = this.#settings;
    if (forward !== undefined && error instanceof AnsweredElsewhere) {
      forward(this.#request, { body: this.#body, startedAt: this.#startedAt }, this.#reply);
      return;
    }
    const refusal = error instanceof AwsError ? error : internalFailure();
    if (refusal !== error) {
      const { url, method } = this.#request;
      const operation = this.#routed?.route?.operation;
      this.#settings.log.error(
        { err: error, requestId: this.#requestId, operation, method, url: url?.slice(0, 256) },
        'a request failed unexpectedly',
      );
    }
    const { protocol, contract } = this.#routed ?? this.#guess();
    this.#audit(undefined, refusal);
    this.#write(protocol.encodeError(contract, refusal, this.#requestId), refusal.code);
  }

  /** Whether or not anyone is left to read the answer: what was done was done. */
  #audit(output: unknown, error: AwsError | undefined): void {
    const { audit } = this.#settings;
    if (audit === undefined || this.#routed?.route?.call === undefined) return;
    const { route: found, credential } = this.#routed;
    // Of a refused signature there are only claims.
    const { accessKeyId, region } = this.#calling ?? credential;
    if (!audit.wants(found.contract.service, found.operation, error)) return;
    audit.onCall({
      ...{ contract: found.contract, operation: found.operation, requestId: this.#requestId },
      ...{ accessKeyId, region, source: callSource(this.#request) },
      ...(this.#calling !== undefined && { context: this.#calling }),
      ...(this.#input !== undefined && { input: this.#input }),
      ...(output !== undefined && { output }),
      ...(error !== undefined && { error }),
    });
  }

  /** Which protocol to refuse in, by the head alone; without its query, which may be the very thing that is too long. */
  #guess(): Routed {
    this.#routed = route(this.#settings.routes, { ...this.#edgeRequest(emptyBody), query: '' }, '');
    return this.#routed;
  }

  refuseTooLarge(): void {
    const { bodyMaxBytes } = this.#settings.limits;
    const text = `The request body is larger than the limit of ${bodyMaxBytes} bytes.`;
    // What may still come would be taken for the next request.
    this.#isLast = true;
    this.refuse(new AwsError('RequestEntityTooLarge', text, { httpStatus: 413 }));
  }

  #write({ status, contentType, queryError, body }: EncodedAnswer, errorCode: string): void {
    const reply = this.#reply;
    if (!reply.isOpen) return;
    const bytes = Buffer.byteLength(body);
    const headers = ['x-amzn-RequestId', this.#requestId, 'Content-Type', contentType, 'Content-Length', `${bytes}`];
    if (queryError !== undefined) headers.push('x-amzn-query-error', queryError);
    reply.send({ status, headers, body, bytes, isLast: this.#isLast || this.#settings.draining });
    this.#report(status, errorCode, bytes);
  }

  #report(status: number, errorCode: string, answerBytes: number): void {
    const { onRequest } = this.#settings;
    if (onRequest === undefined) return;
    onRequest({
      service: this.#routed?.contract?.service ?? '',
      operation: this.#routed?.route?.operation ?? '',
      protocol: this.#routed?.protocol.name ?? 'json',
      status,
      errorCode,
      requestBytes: this.#bodyBytes,
      answerBytes,
      milliseconds: performance.now() - this.#startedAt,
    });
  }
}

/** A host, with or without a port; IPv6 in brackets. Anything else in a Host header stays out of queue URLs. */
const hostPattern = /^([A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:\d{1,5})?$/;
