/**
 * Connections that are at the edge and are served where the queues are, byte by byte. Each has a call's number.
 *
 * A tunnel is open until one of its ends is closed, for whatever reason; the other one is told, and closed, too. Neither end
 * takes more than the other can get rid of: where requests are not read, or answers are not, the client is not heard.
 */
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { type RequestSocket, socketFacts } from '#aws';
import type { Channel } from './channel.ts';
import { type FrameReader, toEdge, toQueues } from './frames.ts';

interface ClientEnd {
  readonly socket: Socket;
  /** What it has sent waits at the other end. */
  isHeld: boolean;
}

/** The ends at the clients. */
export class EdgeTunnels {
  readonly #channel: Channel;
  readonly #idleTimeoutMs: number;
  /** Of open tunnels. */
  readonly #ends = new Map<number, ClientEnd>();

  constructor(channel: Channel, idleTimeoutMs: number) {
    this.#channel = channel;
    this.#idleTimeoutMs = idleTimeoutMs;
  }

  /** `bytes` were read already. */
  open(tunnel: number, socket: Socket, bytes: Buffer): void {
    const text = JSON.stringify(socketFacts(socket));
    this.#channel.send(toQueues.tunnelOpened, tunnel, (frame) => frame.text(text).bytes(bytes));
    const end: ClientEnd = { socket, isHeld: false };
    this.#ends.set(tunnel, end);
    socket.setTimeout(this.#idleTimeoutMs, () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      // Behind the last answer nothing is heard any more.
      if (this.#ends.has(tunnel)) this.#channel.send(toQueues.tunnelBytes, tunnel, (frame) => frame.bytes(chunk));
    });
    socket.on('drain', () => hearOrNot(end));
    socket.on('error', (error) => this.#ended(tunnel, error.message));
    socket.on('end', () => socket.end());
    socket.on('close', () => this.#ended(tunnel, ''));
  }

  take(frame: FrameReader): boolean {
    const isMine =
      frame.kind === toEdge.tunnelBytes || frame.kind === toEdge.tunnelHeld || frame.kind === toEdge.tunnelEnded;
    const end = isMine ? this.#ends.get(frame.call) : undefined;
    if (end === undefined) return isMine;
    const { socket } = end;
    if (frame.kind === toEdge.tunnelEnded) {
      this.#ends.delete(frame.call);
      socket.end(() => socket.destroy());
      // It is read to its end, so that the client gets the last answer.
      socket.resume();
      return true;
    }
    if (frame.kind === toEdge.tunnelHeld) end.isHeld = frame.number() === 1;
    // A client that sends no more wants no more.
    else if (socket.writable) socket.write(frame.bytes());
    hearOrNot(end);
    return true;
  }

  #ended(tunnel: number, reason: string): void {
    if (this.#ends.delete(tunnel)) this.#channel.send(toQueues.tunnelEnded, tunnel, (frame) => frame.text(reason));
  }
}

function hearOrNot({ socket, isHeld }: ClientEnd): void {
  if (isHeld || socket.writableNeedDrain) socket.pause();
  else if (socket.isPaused()) socket.resume();
}

export interface QueueTunnelsOptions {
  /** Goes on with a connection of which the edge has read something unusual. */
  readonly adopt: (socket: Duplex) => void;
  readonly log: { debug(details: object, text: string): void };
}

/** The other ends: as sockets, so that Node's HTTP takes them. */
export class QueueTunnels {
  readonly #channel: Channel;
  readonly #options: QueueTunnelsOptions;
  readonly #ends = new Map<number, TunnelEnd>();

  constructor(channel: Channel, options: QueueTunnelsOptions) {
    this.#channel = channel;
    this.#options = options;
  }

  take(frame: FrameReader): boolean {
    const { kind, call } = frame;
    if (kind === toQueues.tunnelOpened) this.#open(call, JSON.parse(frame.text()) as RequestSocket, frame.bytes());
    else if (kind === toQueues.tunnelBytes) this.#ends.get(call)?.hear(frame.bytes());
    else if (kind === toQueues.tunnelEnded) this.#close(call, frame.text());
    else return false;
    return true;
  }

  /** The process at the other end is gone, and all of its clients. */
  close(): void {
    for (const end of this.#ends.values()) end.destroy();
  }

  #open(tunnel: number, facts: RequestSocket, bytes: Buffer): void {
    const channel = this.#channel;
    const end = new TunnelEnd(facts, {
      write: (chunk) => channel.send(toEdge.tunnelBytes, tunnel, (frame) => frame.bytes(chunk)),
      hold: (isHeld) => channel.send(toEdge.tunnelHeld, tunnel, (frame) => frame.number(isHeld ? 1 : 0)),
      ended: () => {
        const isOpen = this.#ends.delete(tunnel);
        if (isOpen && !channel.isClosed) channel.send(toEdge.tunnelEnded, tunnel);
      },
    });
    end.on('error', (error) => this.#failed(end, error.message));
    this.#ends.set(tunnel, end);
    end.hear(bytes);
    this.#options.adopt(end);
  }

  /** Its client's end was closed, and why if that was not as usual. */
  #close(tunnel: number, reason: string): void {
    const end = this.#ends.get(tunnel);
    this.#ends.delete(tunnel);
    if (end !== undefined && reason !== '') this.#failed(end, reason);
    end?.destroy();
  }

  #failed({ remoteAddress }: RequestSocket, reason: string): void {
    this.#options.log.debug({ remoteAddress, reason }, 'a connection at the edge failed');
  }
}

interface TunnelExit {
  write(chunk: Buffer): void;
  hold(isHeld: boolean): void;
  ended(): void;
}

class TunnelEnd extends Duplex implements RequestSocket {
  readonly remoteAddress: string | undefined;
  readonly localAddress: string | undefined;
  readonly localPort: number | undefined;
  readonly tls: RequestSocket['tls'];
  readonly #exit: TunnelExit;
  #isHeld = false;

  constructor({ remoteAddress, localAddress, localPort, tls }: RequestSocket, exit: TunnelExit) {
    super();
    this.remoteAddress = remoteAddress;
    this.localAddress = localAddress;
    this.localPort = localPort;
    this.tls = tls;
    this.#exit = exit;
  }

  /** What the client has sent. */
  hear(chunk: Buffer): void {
    if (!this.push(chunk)) this.#hold(true);
  }

  override _read(): void {
    this.#hold(false);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#exit.write(chunk);
    done();
  }

  override _final(done: () => void): void {
    done();
    this.destroy();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#exit.ended();
    done(error);
  }

  #hold(isHeld: boolean): void {
    if (isHeld === this.#isHeld) return;
    this.#isHeld = isHeld;
    this.#exit.hold(isHeld);
  }
}
