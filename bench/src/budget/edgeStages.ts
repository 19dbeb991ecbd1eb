/** What happens to a request before and behind the engine, each step by itself: the functions that the server calls. */

import type { CallContext } from '../../../src/aws/contract.ts';
import { headOf } from '../../../src/aws/front/answerHead.ts';
import { parseHead, readRawHeaders } from '../../../src/aws/front/parseHead.ts';
import { decideAccess, Guard } from '../../../src/aws/guard.ts';
import { edgeLimits } from '../../../src/aws/limits.ts';
import type { EdgeRequest } from '../../../src/aws/protocols/protocol.ts';
import { buildRoutes, route } from '../../../src/aws/route.ts';
import type { DataKeys } from '../../../src/runtime/dataKeys.ts';
import type { NewMessage, Partition } from '../../../src/runtime/index.ts';
import { createSqs } from '../../../src/services/sqs/index.ts';
import { exampleKey } from '../load/signing.ts';
import * as calls from './calls.ts';
import { timeOf } from './processorTime.ts';

const port = 4566;
export const url = calls.queueUrl(port);
const region = 'us-east-1';
const context: CallContext = {
  ...{ accountId: calls.accountId, region, requestId: 'budget', accessKeyId: exampleKey.accessKeyId },
  endpoint: `http://127.0.0.1:${port}`,
  client: { gone: false, onGone: () => undefined },
};
const principal = { kind: 'root', accountId: calls.accountId, arn: 'arn:aws:iam::000000000000:root' } as const;
const identity = { principal: { ...principal, userId: calls.accountId, context: {} }, policies: [] };

export const edgeStages = ['parse', 'route', 'verify', 'authorize', 'decode', 'operation', 'encode', 'head'] as const;
export type EdgeStage = (typeof edgeStages)[number];

/** Answers in the turn after the call, and keeps what was sent last: the queue costs nothing, and its promises do. */
class InstantQueue {
  readonly record = { accountId: calls.accountId, region, name: calls.queueName, queueId: 1, attributes: {}, tags: {} };
  sent: readonly NewMessage[] = [];

  async send(messages: readonly NewMessage[]) {
    this.sent = messages;
    return messages.map(({ messageId }, sequence) => ({ messageId, sequence, isDuplicate: false }));
  }

  receive({ maxMessages }: { maxMessages: number }) {
    const messages = this.sent.slice(0, maxMessages).map((message, sequence) => ({
      ...{ lane: 0, availableAt: 1_760_000_000_000, sequence, attempt: 1, nonce: 123_456_789_012 + sequence },
      ...{ receiveCount: 1, sentAt: 1_760_000_000_000, firstReceivedAt: 1_760_000_000_500, groupId: '' },
      ...{ messageId: message.messageId, payload: message.payload, origin: undefined },
    }));
    return { waiterId: 1, answer: Promise.resolve({ kind: 'received', messages }) };
  }

  async delete(receipts: readonly unknown[]) {
    return receipts.map(() => 'deleted');
  }
}

type Act = () => unknown;

export class EdgeStages {
  readonly #queue = new InstantQueue();
  readonly #service = createSqs(
    { secret: Buffer.alloc(32, 7), now: Date.now, queue: () => this.#queue } as unknown as Partition,
    { encryption: { managed: 'explicit', dataKeys: {} as DataKeys } },
  );
  readonly #routes = buildRoutes([this.#service]);
  readonly #guard = new Guard({
    holders: { credentialHolder: () => ({ secretAccessKey: exampleKey.secretAccessKey, identity }), used: () => {} },
    now: Date.now,
  });

  /** The messages that SendMessageBatch makes of its input, for the engine. */
  async messages(): Promise<readonly NewMessage[]> {
    await this.#answer(calls.sendBatchCall(url));
    return this.#queue.sent;
  }

  /** Bytes of a request and of its answer, head included. */
  async sizes(name: calls.CallName): Promise<{ request: number; answer: number }> {
    const call = await this.#call(name);
    const body = await this.#answer(call);
    const head = headOf(200, headersOf(String(body)), false, edgeLimits.keepAliveMs);
    return { request: calls.requestBytes(call, port).length, answer: head.length + Buffer.byteLength(body) };
  }

  /** Microseconds of each stage, measured once. */
  async measure(name: calls.CallName, seconds: number): Promise<Record<EdgeStage, number>> {
    return this.measureCall(await this.#call(name), seconds);
  }

  /** The same of any call; `before`: another one that the queue is filled by. */
  async measureCall(call: calls.Call, seconds: number, before?: calls.Call): Promise<Record<EdgeStage, number>> {
    if (before !== undefined) await this.#answer(before);
    const acts = await this.#acts(call);
    const found = {} as Record<EdgeStage, number>;
    for (const stage of edgeStages) found[stage] = await timeOf(acts[stage], seconds);
    return found;
  }

  async #acts(call: calls.Call): Promise<Record<EdgeStage, Act>> {
    const bytes = calls.requestBytes(call, port);
    const head = parseHead(bytes, edgeLimits);
    if (typeof head === 'string') throw new Error(`the front leaves this request to Node: ${head}`);
    const { headers, text } = head;
    const request: EdgeRequest = { method: 'POST', path: '/', query: '', headers, body: bytes.subarray(head.end) };
    const { route: found } = route(this.#routes, request, context.endpoint);
    if (found?.call === undefined) throw new Error(`no route for ${call.operation}`);
    const { codec, service, operation } = found;
    const perform = found.call as (input: unknown, context: CallContext) => Promise<unknown>;
    const input = codec.decode(request, undefined);
    const output = await perform(input, context);
    const { body } = codec.encode(output, 'budget');
    return {
      parse: () => parseHead(bytes, edgeLimits),
      route: () => route(this.#routes, request, context.endpoint),
      verify: () => this.#guard.authenticate({ ...request, rawHeaders: readRawHeaders(text) }, found, {}),
      authorize: () => {
        const needed = service.accessOf?.(operation, input as never, context) ?? [];
        if (needed instanceof Promise) throw new Error('a queue in memory is not waited for');
        return needed.map((access) => decideAccess(access, identity, {}));
      },
      decode: () => codec.decode(request, undefined),
      operation: () => perform(input, context),
      encode: () => Buffer.byteLength(codec.encode(output, 'budget').body),
      head: () => headOf(200, headersOf(String(body)), false, edgeLimits.keepAliveMs),
    };
  }

  async #call(name: calls.CallName): Promise<calls.Call> {
    if (name === 'SendMessage') return calls.sendCall(url);
    const batch = calls.sendBatchCall(url);
    if (name === 'SendMessageBatch') return batch;
    await this.#answer(batch);
    if (name === 'ReceiveMessage') return calls.receiveCall(url);
    const { Messages } = JSON.parse(await this.#answer(calls.receiveCall(url)));
    return calls.deleteBatchCall(
      url,
      (Messages as { ReceiptHandle: string }[]).map(({ ReceiptHandle }) => ReceiptHandle),
    );
  }

  async #answer({ operation, body }: calls.Call): Promise<string> {
    const found = this.#routes.json.get(`AmazonSQS.${operation}`);
    const perform = found?.call as (input: unknown, context: CallContext) => Promise<unknown>;
    const input = found?.codec.decode({ body: Buffer.from(body) } as EdgeRequest, undefined);
    return String(found?.codec.encode(await perform(input, context), 'budget').body ?? '');
  }
}

function headersOf(body: string): string[] {
  return [
    ...['x-amzn-RequestId', '6f1f2d3c-4b5a-4978-8695-a4b3c2d1e0f9'],
    ...['Content-Type', 'application/x-amz-json-1.0', 'Content-Length', `${Buffer.byteLength(body)}`],
  ];
}
