/** What one process at the edge asks of the queues, answered where they are. */
import type { Duplex } from 'node:stream';
import type { Answer, ReceivedBody, ReceivedRequest, Reply, RequestMetric } from '#aws';
import { isSealed, type Partition, type QueueHandle, type QueuePath } from '#runtime';
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
  writeWord,
} from './messages.ts';
import { readForwarded, writeAnswer } from './requests.ts';
import { QueueTunnels } from './tunnels.ts';

export interface EdgeCallsOptions {
  readonly partition: Partition;
  /** Whether messages of that queue can be read and written at the edge. */
  readonly isPlain: (record: QueueHandle['record']) => boolean;
  /** Calls have to be made where the queues are, by what somebody has asked for since the start. */
  readonly mustForward: () => boolean;
  /** Answers a request that the edge does not. */
  readonly serve: (request: ReceivedRequest, body: ReceivedBody, reply: Reply) => void;
  /** Goes on with a connection of which the edge has read something unusual. */
  readonly adopt: (socket: Duplex) => void;
  readonly onMetric: (metric: RequestMetric) => void;
  /** It can be given connections from now on. */
  readonly onReady: () => void;
  readonly onConnectionTaken: (connection: number) => void;
  readonly onConnectionEnded: (connection: number) => void;
  readonly onLog: (details: object, text: string) => void;
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
  readonly #known = new Map<number, KnownQueue>();
  readonly #receives = new Map<number, { readonly handle: QueueHandle; readonly waiterId: number }>();
  readonly #replies = new Map<number, ForwardedReply>();
  readonly #tunnels: QueueTunnels;
  #nextQueue = 1;

  constructor(pipe: Duplex, options: EdgeCallsOptions) {
    this.#options = options;
    this.channel = new Channel(
      pipe,
      (frame) => this.#take(frame),
      () => this.#closed(),
    );
    this.#tunnels = new QueueTunnels(this.channel, options.adopt);
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
        this.#replies.get(frame.call)?.left();
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
        this.#options.onLog(details, text);
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
          this.#send(toEdge.deleted, call, (answer) => writeList(answer, outcomes, writeWord));
        });
      case toQueues.changeVisibility:
        return handle.changeVisibility(readList(frame, readChange)).then((outcomes) => {
          this.#send(toEdge.visibilityChanged, call, (answer) => writeList(answer, outcomes, writeWord));
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
    const [oldest] = this.#known.keys();
    if (this.#known.size > knownQueuesMax && oldest !== undefined) this.#known.delete(oldest);
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
    const reply = new ForwardedReply((answer) => {
      this.#replies.delete(call);
      this.#send(toEdge.answer, call, (answered) => writeAnswer(answered, answer));
    });
    this.#replies.set(call, reply);
    this.#options.serve(request, body, reply);
  }

  /** A call that fails has done nothing: the whole request comes then, and is refused here. */
  #answer(call: number, act: () => Promise<void> | undefined): void {
    try {
      act()?.catch(() => this.#send(toEdge.notHere, call));
    } catch {
      this.#send(toEdge.notHere, call);
    }
  }

  #send(kind: number, call: number, write?: (frame: FrameWriter) => void): void {
    if (!this.channel.isClosed) this.channel.send(kind, call, write);
  }

  /** As if every client had left at once. */
  #closed(): void {
    for (const reply of this.#replies.values()) reply.left();
    for (const call of [...this.#receives.keys()]) this.#cancel(call);
    this.#tunnels.close();
    this.#known.clear();
  }
}

const none: (() => void)[] = [];

/** The way back to a client whose connection is at the edge. */
class ForwardedReply implements Reply {
  readonly #send: (answer: Answer) => void;
  #isAnswered = false;
  #isLeft = false;
  /** Most have none, and hardly any has two. */
  #onGone: (() => void)[] = none;

  constructor(send: (answer: Answer) => void) {
    this.#send = send;
  }

  get isOpen(): boolean {
    return !this.#isAnswered && !this.#isLeft;
  }

  get gone(): boolean {
    return this.#isLeft;
  }

  onGone(listener: () => void): void {
    if (this.gone) process.nextTick(listener);
    else this.#onGone = [...this.#onGone, listener];
  }

  send(answer: Answer): void {
    this.#isAnswered = true;
    this.#send(answer);
  }

  left(): void {
    if (this.#isAnswered) return;
    this.#isLeft = true;
    for (const listener of this.#onGone) listener();
  }
}
