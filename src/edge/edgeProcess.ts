/**
 * A process at the edge: reads requests, answers the operations on messages by calls to the process that owns the queues, and
 * passes on all other requests as they are. Connections come as handles of open sockets. When something other than a plain
 * request is read from one, its bytes go through a tunnel from then on, to Node's HTTP in the other process.
 *
 * It ends with the process that started it, and keeps nothing: whoever kills it ends its connections, and no more.
 */
import { Socket } from 'node:net';
import {
  buildRoutes,
  type EdgeLimits,
  Exchange,
  type ExchangeSettings,
  Front,
  HeldBodies,
  isApiPath,
  type ReceivedBody,
  type ReceivedRequest,
  type Reply,
  type RequestMetric,
  type ServedService,
  TlsEntrance,
  type TlsKeys,
  type TlsSettings,
} from '#aws';
import { createSqsAtEdge } from '#services/sqs';
import { Channel } from './channel.ts';
import { type Door, enterDoor } from './door.ts';
import { EdgeGuard } from './edgeGuard.ts';
import { type FrameReader, toEdge, toQueues } from './frames.ts';
import { withFreshQueues } from './freshQueues.ts';
import { OwnerLost } from './ownerLost.ts';
import { Places } from './places.ts';
import { RemoteQueues } from './remoteQueues.ts';
import { readAnswer, writeForwarded } from './requests.ts';
import { EdgeTunnels } from './tunnels.ts';

/** What the edge has to know, as JSON. */
export interface EdgeSettings {
  readonly limits: EdgeLimits;
  readonly publicUrl?: string;
  readonly defaultRegion: string;
  readonly defaultAccountId: string;
  /** Of receipt handles, in base64. */
  readonly secret: string;
  /** Everything is answered where the queues are: there are keys, quotas or records that only that process has. */
  readonly forwardsAll: boolean;
  /** Signatures are: they are verified here, and calls allowed there. */
  readonly isEnforced: boolean;
  /** Where the other processes that own queues are, by their partitions: 1, 2, and so on. */
  readonly owners?: readonly Door[];
  /** Absent where connections are plain. */
  readonly tls?: TlsSettings;
}

/** The pipe to the process that owns the queues, behind the standard streams and Node's own channel. */
const pipeDescriptor = 4;
const metricsIntervalMs = 250;

/** Lives as long as its pipe. `onReady`: it is about to be given connections. */
export function runEdgeProcess(onReady: () => void): void {
  // A terminal sends them to all processes, and this one is told what to do by another.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
  const pipe = new Socket({ fd: pipeDescriptor, readable: true, writable: true });
  let edge: Edge | undefined;
  const channel = new Channel(
    pipe,
    (frame) => {
      if (frame.kind !== toEdge.settings) {
        edge?.take(frame);
        return;
      }
      const settings = JSON.parse(frame.text()) as EdgeSettings;
      // A rejection ends the process, and another is started.
      begin(channel, settings).then((begun) => {
        edge = begun;
        onReady();
        channel.send(toQueues.ready, 0);
      });
    },
    () => process.exit(0),
  );
  process.on('message', (message: { readonly connection: number }, socket: Socket | undefined) => {
    // A client may have left on the way.
    if (socket === undefined) channel.send(toQueues.connectionEnded, message.connection);
    else edge?.connect(socket, message.connection);
  });
}

async function begin(channel: Channel, settings: EdgeSettings): Promise<Edge> {
  const { owners = [] } = settings;
  const sockets = await Promise.all(owners.map(enterDoor));
  return new Edge(channel, sockets, settings);
}

class Edge {
  readonly #channel: Channel;
  readonly #places: Places;
  readonly #front: Front;
  readonly #tls: TlsEntrance | undefined;
  readonly #tunnels: EdgeTunnels;
  readonly #settings: ExchangeSettings;
  readonly #forwardsAll: boolean;
  readonly #replies = new Map<number, Reply>();
  #metrics: RequestMetric[] = [];
  #lastCall = 0;

  constructor(channel: Channel, owners: readonly Socket[], settings: EdgeSettings) {
    const { limits, forwardsAll } = settings;
    this.#channel = channel;
    this.#forwardsAll = forwardsAll;
    const queuesOfOwners = owners.map((socket) => this.#queuesOf(socket));
    this.#places = new Places(channel, queuesOfOwners, () => this.#nextCall());
    this.#settings = this.#exchangeSettings(settings);
    this.#tunnels = new EdgeTunnels(channel, limits.idleTimeoutMs);
    const bodies = new HeldBodies(limits);
    this.#front = new Front({
      limits,
      serves: isApiPath,
      hold: (bytes) => bodies.hold(bytes),
      onRequest: (request, body, reply) => this.#onRequest(request, body, reply),
      handOver: (socket, bytes) => this.#tunnels.open(this.#nextCall(), socket, bytes),
    });
    this.#tls = settings.tls && new TlsEntrance(settings.tls, limits, (socket) => this.#front.take(socket));
    setInterval(() => this.#tellMetrics(), metricsIntervalMs).unref();
  }

  connect(socket: Socket, connection: number): void {
    socket.once('close', () => {
      if (this.#settings.draining) this.#tellMetrics();
      this.#channel.send(toQueues.connectionEnded, connection);
    });
    this.#channel.send(toQueues.connectionTaken, connection);
    (this.#tls ?? this.#front).take(socket);
  }

  take(frame: FrameReader): void {
    if (this.#places.home.take(frame) || this.#tunnels.take(frame)) return;
    if (frame.kind === toEdge.answer) {
      const reply = this.#replies.get(frame.call);
      this.#replies.delete(frame.call);
      if (reply?.isOpen) reply.send(readAnswer(frame));
    } else if (frame.kind === toEdge.tlsKeys) {
      this.#tls?.renew(JSON.parse(frame.text()) as TlsKeys);
    } else if (frame.kind === toEdge.close) {
      this.#close();
    }
  }

  #onRequest(request: ReceivedRequest, body: ReceivedBody, reply: Reply): void {
    const target = request.headers['x-amz-target'];
    const isServed = !this.#forwardsAll && this.#settings.routes.json.get(String(target))?.call !== undefined;
    if (isServed) new Exchange(this.#settings, request, body, reply).call();
    else this.#forward(request, body, reply);
  }

  #forward(request: ReceivedRequest, body: ReceivedBody, reply: Reply): void {
    const call = this.#nextCall();
    this.#replies.set(call, reply);
    reply.onGone(() => {
      this.#replies.delete(call);
      this.#channel.send(toQueues.clientLeft, call);
    });
    this.#channel.send(toQueues.request, call, (frame) => writeForwarded(frame, request, body));
  }

  #exchangeSettings({ limits, publicUrl, isEnforced, secret, ...defaults }: EdgeSettings): ExchangeSettings {
    const onUnexpected = (error: unknown) => this.#log({ err: error }, 'a call at the edge failed unexpectedly');
    const guard = isEnforced ? new EdgeGuard(this.#places.home) : undefined;
    const sqs: ServedService = {
      ...createSqsAtEdge(this.#places, Buffer.from(secret, 'base64'), (operation) =>
        withFreshQueues(operation, onUnexpected),
      ),
      ...(guard !== undefined && { accessOf: guard.accessOf }),
    };
    const { defaultRegion, defaultAccountId } = defaults;
    return {
      ...{ routes: buildRoutes([sqs]), limits, publicUrl, defaultRegion, defaultAccountId },
      ...{ guard, audit: undefined, faults: undefined, draining: false },
      onRequest: (metric) => this.#metrics.push(metric),
      forward: (request, body, reply) => this.#forward(request, body, reply),
      log: { error: (details, text) => this.#log(details, text) },
    };
  }

  #queuesOf(owner: Socket): RemoteQueues {
    const channel = new Channel(
      owner,
      (frame) => queues.take(frame),
      () => queues.lose(new OwnerLost()),
    );
    const queues = new RemoteQueues(channel, () => this.#nextCall());
    return queues;
  }

  #nextCall(): number {
    this.#lastCall = (this.#lastCall % 0xffffffff) + 1;
    return this.#lastCall;
  }

  #tellMetrics(): void {
    if (this.#metrics.length === 0) return;
    const text = JSON.stringify(this.#metrics);
    this.#metrics = [];
    this.#channel.send(toQueues.metrics, 0, (frame) => frame.text(text));
  }

  #log(details: object, text: string): void {
    const plain = Object.entries(details).map(([key, value]) => [key, value instanceof Error ? value.stack : value]);
    const line = JSON.stringify({ details: Object.fromEntries(plain), text });
    this.#channel.send(toQueues.log, 0, (frame) => frame.text(line));
  }

  /** The pipe is closed by the other side, when every connection has ended or had its time. */
  #close(): void {
    this.#settings.draining = true;
    this.#tellMetrics();
    this.#tls?.close();
    this.#front.close();
  }
}
