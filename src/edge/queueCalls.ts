/** What one process at the edge asks of queues, answered where they are. */
import { CommitFailed, isSealed, QueueGone, type QueueHandle, type QueuePath } from '#runtime';
import { NewestMap } from '#std/newestMap';
import type { Channel } from './channel.ts';
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

/** A queue of another process: the edge has to ask that one. */
export interface QueueElsewhere {
  readonly partition: number;
}

type FoundQueue = QueueHandle | QueueElsewhere;

export interface QueueCallsOptions {
  readonly partition: {
    queue(accountId: string, region: string, name: string): FoundQueue | Promise<FoundQueue | undefined>;
  };
  /** Whether messages of that queue can be read and written at the edge. */
  readonly isPlain: (record: QueueHandle['record']) => boolean;
  /** Calls have to be made by the process that clients know, by what somebody has asked for since the start. */
  readonly mustForward: () => boolean;
  readonly log: { error(details: object, text: string): void };
}

/** A queue as the edge knows it. As soon as its handle has another record, the edge has to ask anew. */
interface KnownQueue {
  readonly handle: QueueHandle;
  readonly record: QueueHandle['record'];
}

/** Queues that the edge is known to know; the one described longest ago is forgotten, and asked for anew. */
const knownQueuesMax = 100_000;

export class QueueCalls {
  readonly #channel: Channel;
  readonly #options: QueueCallsOptions;
  readonly #known = new NewestMap<number, KnownQueue>(knownQueuesMax);
  readonly #receives = new Map<number, { readonly handle: QueueHandle; readonly waiterId: number }>();
  #nextQueue = 1;

  constructor(channel: Channel, options: QueueCallsOptions) {
    this.#channel = channel;
    this.#options = options;
  }

  /** Whether the frame is such a call. */
  take(frame: FrameReader): boolean {
    switch (frame.kind) {
      case toQueues.describe:
        this.#answer(frame.call, () => this.#describe(frame));
        return true;
      case toQueues.cancelReceive:
        this.#cancel(frame.call);
        return true;
      case toQueues.send:
      case toQueues.receive:
      case toQueues.delete:
      case toQueues.changeVisibility:
      case toQueues.release:
        this.#onQueue(frame);
        return true;
      default:
        return false;
    }
  }

  /** As if every client had left at once. */
  close(): void {
    for (const call of [...this.#receives.keys()]) this.#cancel(call);
    this.#known.clear();
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
    const found = await this.#options.partition.queue(accountId, region, name);
    this.#send(
      toEdge.described,
      frame.call,
      found && ((answer) => answer.text(JSON.stringify(this.#descriptionOf(found)))),
    );
  }

  #descriptionOf(found: FoundQueue): QueueElsewhere | { number: number; isPlain: boolean; record: object } {
    if ('partition' in found) return { partition: found.partition };
    const { record } = found;
    const number = this.#nextQueue++;
    this.#known.set(number, { handle: found, record });
    return { number, isPlain: this.#options.isPlain(record), record };
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
      if (isReadable && !this.#channel.isClosed) {
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
    if (!this.#channel.isClosed) this.#channel.send(kind, call, write);
  }
}

/** Whoever deleted the queue knows, and a store that fails is on record where it does. */
function isExpected(error: unknown): boolean {
  return error instanceof QueueGone || error instanceof CommitFailed;
}
