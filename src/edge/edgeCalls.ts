/** What one process at the edge asks of the queues, answered where they are. */
import type { Duplex } from 'node:stream';
import {
  ClientReply,
  type EdgeLog,
  type ReceivedBody,
  type ReceivedRequest,
  type Reply,
  type RequestMetric,
} from '#aws';
import { CommitFailed, isSealed, type Partition, QueueGone, type QueueHandle, type QueuePath } from '#runtime';
import { NewestMap } from '#std/newestMap';
import { Channel } from './channel.ts';
import { type FrameReader, type FrameWriter, toEdge, toQueues } from './frames.ts';
import {
  readChange,
  readList,
  readNewMessage,
  readReceipt,
  writeDeliveredMessage,
  writeList,
  writeSentMessage,
  writeWords,
} from './messages.ts';
import { readForwarded, writeAnswer } from './requests.ts';
import { QueueTunnels, type QueueTunnelsOptions } from './tunnels.ts';

export interface EdgeCallsOptions extends QueueTunnelsOptions {
  readonly partition: Pick<Partition, 'queue'>;
  /** Whether messages of that queue can be read and written at the edge. */
  readonly isPlain: (record: QueueHandle['record']) => boolean;
  /** Calls have to be made where the queues are, by what somebody has asked for since the start. */
  readonly mustForward: () => boolean;
  /** Answers a request that the edge does not. */
  readonly serve: (request: ReceivedRequest, body: ReceivedBody, reply: Reply) => void;
  readonly onMetric: (metric: RequestMetric) => void;
  /** It can be given connections from now on. */
  readonly onReady: () => void;
  readonly onConnectionTaken: (connection: number) => void;
  readonly onConnectionEnded: (connection: number) => void;
  readonly log: EdgeLog & QueueTunnelsOptions['log'];
}

/** A queue as the edge knows it. As soon as its handle has another record, the edge has to ask anew. */
interface KnownQueue {
  readonly handle: QueueHandle;
  readonly record: QueueHandle['record'];
}

/** Queues that the edge is known to know; the one described longest ago is forgotten, and asked for anew. */
const knownQueuesMax = 100_000;

export class EdgeCalls {
  readonly channel: Channel;
  readonly #options: EdgeCallsOptions;
  readonly #known = new NewestMap<number, KnownQueue>(knownQueuesMax);
  readonly #receives = new Map<number, { readonly handle: QueueHandle; readonly waiterId: number }>();
  readonly #replies = new Map<number, ClientReply>();
  readonly #tunnels: QueueTunnels;
  #nextQueue = 1;

  constructor(pipe: Duplex, options: EdgeCallsOptions) {
    this.#options = options;
    this.channel = new Channel(
      pipe,
      (frame) => this.#take(frame),
      () => this.#closed(),
    );
    this.#tunnels = new QueueTunnels(this.channel, options);
  }

  #take(frame: FrameReader): void {
    switch (frame.kind) {
      case toQueues.describe:
        this.#answer(frame.call, () => this.#describe(frame));
        return;
      case toQueues.request:
        this.#request(frame);
        return;
      case toQueues.clientLeft:
        this.#clientLeft(frame.call);
        return;
      case toQueues.cancelReceive:
        this.#cancel(frame.call);
        return;
      case toQueues.ready:
        this.#options.onReady();
        return;
      case toQueues.connectionTaken:
        this.#options.onConnectionTaken(frame.call);
        return;
      case toQueues.connectionEnded:
        this.#options.onConnectionEnded(frame.call);
        return;
      case toQueues.metrics:
        for (const metric of JSON.parse(frame.text()) as RequestMetric[]) this.#options.onMetric(metric);
        return;
      case toQueues.log: {
        const { details, text } = JSON.parse(frame.text());
        this.#options.log.error(details, text);
        return;
      }
      default:
        if (!this.#tunnels.take(frame)) this.#onQueue(frame);
    }
  }

  /** Calls on a queue begin with its number. */
  #onQueue(frame: FrameReader): void {
    const known = this.#known.get(frame.number());
    if (known === undefined || known.handle.ended !== undefined || known.handle.record !== known.record) {
      // What is released is taken back, or is not there any more.
      if (frame.kind !== toQueues.release) this.#send(toEdge.stale, frame.call);
    } else if (this.#options.mustForward() && frame.kind !== toQueues.release) {
      this.#send(toEdge.notHere, frame.call);
    } else {
      this.#answer(frame.call, () => this.#call(frame, known.handle));
    }
  }

  #call(frame: FrameReader, handle: QueueHandle): Promise<void> | undefined {
    const { call } = frame;
    switch (frame.kind) {
      case toQueues.send:
        return handle.send(readList(frame, readNewMessage)).then((sent) => {
          this.#send(toEdge.sent, call, (answer) => writeList(answer, sent, writeSentMessage));
        });
      case toQueues.receive:
        return this.#receive(frame, handle);
      case toQueues.delete:
        return handle.delete(readList(frame, readReceipt)).then((outcomes) => {
          this.#send(toEdge.deleted, call, (answer) => writeWords(answer, outcomes));
        });
      case toQueues.changeVisibility:
        return handle.changeVisibility(readList(frame, readChange)).then((outcomes) => {
          this.#send(toEdge.visibilityChanged, call, (answer) => writeWords(answer, outcomes));
        });
      case toQueues.release:
        handle.release(readList(frame, readReceipt));
        return undefined;
      default:
        throw new Error(`a frame of the unknown kind ${frame.kind}`);
    }
  }

  async #describe(frame: FrameReader): Promise<void> {
    const { accountId, region, name } = JSON.parse(frame.text()) as QueuePath;
    const handle = await this.#options.partition.queue(accountId, region, name);
    if (handle === undefined) {
      this.#send(toEdge.described, frame.call);
      return;
    }
    const { record } = handle;
    const number = this.#nextQueue++;
    this.#known.set(number, { handle, record });
    const isPlain = this.#options.isPlain(record);
    this.#send(toEdge.described, frame.call, (answer) => answer.text(JSON.stringify({ number, isPlain, record })));
  }

  async #receive(frame: FrameReader, handle: QueueHandle): Promise<void> {
    const { call } = frame;
    const [maxMessages, visibilityTimeoutMs, waitMs, attemptId] = [
      frame.number(),
      frame.number(),
      frame.number(),
      frame.text(),
    ];
    const { waiterId, answer } = handle.receive({
      maxMessages,
      visibilityTimeoutMs: visibilityTimeoutMs < 0 ? undefined : visibilityTimeoutMs,
      waitMs,
      ...(attemptId !== '' && { attemptId }),
    });
    this.#receives.set(call, { handle, waiterId });
    try {
      const received = await answer;
      const messages = received.kind === 'received' ? received.messages : [];
      const isReadable = !messages.some(({ payload }) => isSealed(payload));
      if (isReadable && !this.channel.isClosed) {
        this.#send(toEdge.received, call, (reply) => {
          writeList(reply.text(received.kind), messages, writeDeliveredMessage);
        });
        return;
      }
      // Nobody is left to read them, or nobody there can.
      if (attemptId === '') handle.release(messages);
      this.#send(toEdge.notHere, call);
    } finally {
      this.#receives.delete(call);
    }
  }

  #cancel(call: number): void {
    const receive = this.#receives.get(call);
    receive?.handle.cancelReceive(receive.waiterId);
  }

  #request(frame: FrameReader): void {
    const { call } = frame;
    const { request, body } = readForwarded(frame);
    const reply = new ClientReply({
      isOpen: true,
      answered: (answer) => {
        this.#replies.delete(call);
        this.#send(toEdge.answer, call, (frame) => writeAnswer(frame, answer));
      },
    });
    this.#replies.set(call, reply);
    this.#options.serve(request, body, reply);
  }

  /** Nobody answers who has left. */
  #clientLeft(call: number): void {
    const reply = this.#replies.get(call);
    this.#replies.delete(call);
    reply?.left();
  }

  /** A call that fails has done nothing: the whole request comes then, and is refused here, or done after all. */
  #answer(call: number, act: () => Promise<void> | undefined): void {
    const failed = (error: unknown) => {
      if (!isExpected(error)) this.#options.log.error({ err: error }, 'a call from the edge failed unexpectedly');
      this.#send(toEdge.notHere, call);
    };
    try {
      act()?.catch(failed);
    } catch (error) {
      failed(error);
    }
  }

  #send(kind: number, call: number, write?: (frame: FrameWriter) => void): void {
    if (!this.channel.isClosed) this.channel.send(kind, call, write);
  }

  /** As if every client had left at once. */
  #closed(): void {
    for (const call of [...this.#replies.keys()]) this.#clientLeft(call);
    for (const call of [...this.#receives.keys()]) this.#cancel(call);
    this.#tunnels.close();
    this.#known.clear();
  }
}

/** Whoever deleted the queue knows, and a store that fails is on record where it does. */
function isExpected(error: unknown): boolean {
  return error instanceof QueueGone || error instanceof CommitFailed;
}
