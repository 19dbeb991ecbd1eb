/** Queues as operations see them, at the edge: the same calls, made where the queues are. */
import { AnsweredElsewhere } from '#aws';
import type { Receipt } from '#engines/queue';
import type { DeliveredMessage, NewMessage, QueueHandle, QueuePath, SentMessage } from '#runtime';
import { NewestMap } from '#std/newestMap';
import type { Channel } from './channel.ts';
import { type FrameReader, type FrameWriter, toEdge, toQueues } from './frames.ts';
import {
  readDeliveredMessage,
  readList,
  readSentMessage,
  readWords,
  writeChange,
  writeList,
  writeNewMessage,
  writeReceipt,
} from './messages.ts';
import type { QueueElsewhere } from './queueCalls.ts';

/** What is known here of the queue is not true any more: the call begins anew. */
export class StaleQueue extends Error {}

type Outcomes<Call extends 'delete' | 'changeVisibility'> = Awaited<ReturnType<QueueHandle[Call]>>;
type ReceiveCall = Parameters<QueueHandle['receive']>[0];
type ReceiveAnswer = Awaited<ReturnType<QueueHandle['receive']>['answer']>;

interface PendingCall {
  readonly resolve: (frame: FrameReader) => void;
  readonly reject: (error: Error) => void;
}

/** Queues that are known; the one asked for longest ago is forgotten first. */
const knownQueuesMax = 10_000;

export class RemoteQueues {
  readonly #channel: Channel;
  readonly #calls = new Map<number, PendingCall>();
  readonly #known = new NewestMap<string, RemoteQueue>(knownQueuesMax);
  readonly #asked = new Map<string, Promise<RemoteQueue | undefined>>();
  readonly #nextCall: () => number;
  readonly #elsewhere: Elsewhere;
  #lost: Error | undefined;

  /** `elsewhere` finds queues of which the other process says that they are in another one. */
  constructor(channel: Channel, nextCall: () => number, elsewhere: Elsewhere = notElsewhere) {
    this.#channel = channel;
    this.#nextCall = nextCall;
    this.#elsewhere = elsewhere;
  }

  /** Throws `AnsweredElsewhere` for queues that can't be read and written here. */
  queue(accountId: string, region: string, name: string): RemoteQueue | Promise<RemoteQueue | undefined> {
    const path = `${accountId}/${region}/${name}`;
    const known = this.#known.get(path);
    if (known !== undefined) return known;
    let asked = this.#asked.get(path);
    if (asked === undefined) {
      asked = this.#ask(path, { accountId, region, name }).finally(() => this.#asked.delete(path));
      this.#asked.set(path, asked);
    }
    return asked;
  }

  /** Whether the frame answers a call of these queues. */
  take(frame: FrameReader): boolean {
    const pending = this.#calls.get(frame.call);
    if (pending === undefined) return false;
    this.#calls.delete(frame.call);
    if (frame.kind === toEdge.stale) pending.reject(new StaleQueue());
    else if (frame.kind === toEdge.notHere) pending.reject(new AnsweredElsewhere());
    else pending.resolve(frame);
    return true;
  }

  /** The other process has ended: whether it has done what is under way nobody knows. */
  lose(reason: Error): void {
    this.#lost = reason;
    const pending = [...this.#calls.values()];
    this.#calls.clear();
    for (const { reject } of pending) reject(reason);
  }

  call<T>(kind: number, write: (frame: FrameWriter) => void, read: (frame: FrameReader) => T): Promise<T> {
    return this.begin(kind, write, read).answer;
  }

  begin<T>(
    kind: number,
    write: (frame: FrameWriter) => void,
    read: (frame: FrameReader) => T,
  ): { call: number; answer: Promise<T> } {
    const call = this.#nextCall();
    if (this.#lost !== undefined) return { call, answer: Promise.reject(this.#lost) };
    const answer = new Promise<T>((resolve, reject) => {
      this.#calls.set(call, { resolve: (frame) => resolve(read(frame)), reject });
    });
    this.#channel.send(kind, call, write);
    return { call, answer };
  }

  /** Where nothing is answered. */
  tell(kind: number, call: number, write?: (frame: FrameWriter) => void): void {
    this.#channel.send(kind, call, write);
  }

  forget(path: string, queue: RemoteQueue): void {
    if (this.#known.get(path) === queue) this.#known.delete(path);
  }

  async #ask(path: string, queuePath: QueuePath): Promise<RemoteQueue | undefined> {
    const question = JSON.stringify(queuePath);
    const text = await this.call(
      toQueues.describe,
      (frame) => frame.text(question),
      (frame) => (frame.isAtEnd ? '' : frame.text()),
    );
    if (text === '') return undefined;
    const description = JSON.parse(text) as Description | QueueElsewhere;
    if ('partition' in description) return this.#elsewhere(queuePath, description.partition);
    const { number, isPlain, record } = description;
    if (!isPlain) throw new AnsweredElsewhere();
    const queue = new RemoteQueue(this, path, number, record);
    this.#known.set(path, queue);
    return queue;
  }
}

type Elsewhere = (path: QueuePath, partition: number) => Promise<RemoteQueue | undefined>;

function notElsewhere(): never {
  throw new Error('Nobody knows where to ask for the queues of other processes.');
}

interface Description {
  readonly number: number;
  readonly isPlain: boolean;
  readonly record: QueueHandle['record'];
}

/** The part of a `QueueHandle` that messages come and go by. */
export class RemoteQueue {
  readonly record: QueueHandle['record'];
  readonly #queues: RemoteQueues;
  readonly #path: string;
  readonly #number: number;

  constructor(queues: RemoteQueues, path: string, number: number, record: QueueHandle['record']) {
    this.#queues = queues;
    this.#path = path;
    this.#number = number;
    this.record = record;
  }

  send(messages: readonly NewMessage[]): Promise<readonly SentMessage[]> {
    return this.#call(toQueues.send, (frame) => writeList(frame, messages, writeNewMessage), readSent);
  }

  receive({ maxMessages, visibilityTimeoutMs = -1, waitMs, attemptId = '' }: ReceiveCall): {
    waiterId: number;
    answer: Promise<ReceiveAnswer>;
  } {
    const { call, answer } = this.#queues.begin(
      toQueues.receive,
      (frame) => {
        frame.number(this.#number).number(maxMessages).number(visibilityTimeoutMs).number(waitMs).text(attemptId);
      },
      readReceived,
    );
    return { waiterId: call, answer: answer.catch((error: Error) => this.#refuse(error)) };
  }

  cancelReceive(waiterId: number): void {
    this.#queues.tell(toQueues.cancelReceive, waiterId);
  }

  release(receipts: readonly Receipt[]): void {
    this.#queues.tell(toQueues.release, 0, (frame) => {
      writeList(frame.number(this.#number), receipts, writeReceipt);
    });
  }

  delete(receipts: readonly Receipt[]): Promise<Outcomes<'delete'>> {
    const write = (frame: FrameWriter) => writeList(frame, receipts, writeReceipt);
    return this.#call(toQueues.delete, write, readWords<Outcomes<'delete'>>);
  }

  changeVisibility(receipts: readonly (Receipt & { timeoutMs: number })[]): Promise<Outcomes<'changeVisibility'>> {
    const write = (frame: FrameWriter) => writeList(frame, receipts, writeChange);
    return this.#call(toQueues.changeVisibility, write, readWords<Outcomes<'changeVisibility'>>);
  }

  #call<T>(kind: number, write: (frame: FrameWriter) => void, read: (frame: FrameReader) => T): Promise<T> {
    const begin = (frame: FrameWriter) => write(frame.number(this.#number));
    return this.#queues.call(kind, begin, read).catch((error: Error) => this.#refuse(error));
  }

  #refuse(error: Error): never {
    if (error instanceof StaleQueue) this.#queues.forget(this.#path, this);
    throw error;
  }
}

function readSent(frame: FrameReader): readonly SentMessage[] {
  return readList(frame, readSentMessage);
}

function readReceived(frame: FrameReader): ReceiveAnswer {
  const kind = frame.text() as ReceiveAnswer['kind'];
  const messages: readonly DeliveredMessage[] = readList(frame, readDeliveredMessage);
  return kind === 'received' ? { kind, messages } : { kind };
}
