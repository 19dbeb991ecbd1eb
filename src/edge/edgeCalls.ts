/** What one process at the edge asks and tells the one that started it. */
import type { Duplex } from 'node:stream';
import {
  ClientReply,
  type EdgeLog,
  type ReceivedBody,
  type ReceivedRequest,
  type Reply,
  type RequestMetric,
} from '#aws';
import { AdmissionCalls, type AdmissionCallsOptions } from './admissionCalls.ts';
import { Channel } from './channel.ts';
import { type FrameReader, toEdge, toQueues } from './frames.ts';
import { QueueCalls, type QueueCallsOptions } from './queueCalls.ts';
import { readForwarded, writeAnswer } from './requests.ts';
import { QueueTunnels, type QueueTunnelsOptions } from './tunnels.ts';

export interface EdgeCallsOptions extends Omit<QueueCallsOptions & AdmissionCallsOptions, 'log'>, QueueTunnelsOptions {
  /** Answers a request that the edge does not. */
  readonly serve: (request: ReceivedRequest, body: ReceivedBody, reply: Reply) => void;
  readonly onMetric: (metric: RequestMetric) => void;
  /** It can be given connections from now on. */
  readonly onReady: () => void;
  readonly onConnectionTaken: (connection: number) => void;
  readonly onConnectionEnded: (connection: number) => void;
  readonly log: EdgeLog & QueueTunnelsOptions['log'];
}

export class EdgeCalls {
  readonly channel: Channel;
  readonly #options: EdgeCallsOptions;
  readonly #queues: QueueCalls;
  readonly #admissions: AdmissionCalls;
  readonly #replies = new Map<number, ClientReply>();
  readonly #tunnels: QueueTunnels;

  constructor(pipe: Duplex, options: EdgeCallsOptions) {
    this.#options = options;
    this.channel = new Channel(
      pipe,
      (frame) => this.#take(frame),
      () => this.#closed(),
    );
    this.#queues = new QueueCalls(this.channel, options);
    this.#admissions = new AdmissionCalls(this.channel, options);
    this.#tunnels = new QueueTunnels(this.channel, options);
  }

  #take(frame: FrameReader): void {
    if (this.#queues.take(frame) || this.#admissions.take(frame) || this.#tunnels.take(frame)) return;
    switch (frame.kind) {
      case toQueues.request:
        this.#request(frame);
        return;
      case toQueues.clientLeft:
        this.#clientLeft(frame.call);
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
        throw new Error(`a frame of the unknown kind ${frame.kind}`);
    }
  }

  #request(frame: FrameReader): void {
    const { call } = frame;
    const { request, body } = readForwarded(frame);
    const reply = new ClientReply({
      isOpen: true,
      answered: (answer) => {
        this.#replies.delete(call);
        if (!this.channel.isClosed) this.channel.send(toEdge.answer, call, (frame) => writeAnswer(frame, answer));
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

  /** As if every client had left at once. */
  #closed(): void {
    for (const call of [...this.#replies.keys()]) this.#clientLeft(call);
    this.#queues.close();
    this.#tunnels.close();
  }
}
