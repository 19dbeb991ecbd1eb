/** Connections that are at the edge and are served where the queues are, byte by byte. Each has a call's number. */
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { RequestSocket } from '#aws';
import type { Channel } from './channel.ts';
import { type FrameReader, toEdge, toQueues } from './frames.ts';

/** The ends at the clients. */
export class EdgeTunnels {
  readonly #channel: Channel;
  readonly #idleTimeoutMs: number;
  readonly #sockets = new Map<number, Socket>();

  constructor(channel: Channel, idleTimeoutMs: number) {
    this.#channel = channel;
    this.#idleTimeoutMs = idleTimeoutMs;
  }

  /** `bytes` were read already. */
  open(tunnel: number, socket: Socket, bytes: Buffer): void {
    const { remoteAddress, localAddress, localPort } = socket;
    const text = JSON.stringify({ remoteAddress, localAddress, localPort } satisfies RequestSocket);
    this.#channel.send(toQueues.tunnelOpened, tunnel, (frame) => frame.text(text).bytes(bytes));
    this.#sockets.set(tunnel, socket);
    socket.setTimeout(this.#idleTimeoutMs, () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      this.#channel.send(toQueues.tunnelBytes, tunnel, (frame) => frame.bytes(chunk));
    });
    // `close` follows, and says all that matters.
    socket.on('error', () => undefined);
    socket.on('end', () => socket.end());
    socket.on('close', () => {
      if (this.#sockets.delete(tunnel)) this.#channel.send(toQueues.tunnelEnded, tunnel);
    });
  }

  take(frame: FrameReader): boolean {
    const isMine = frame.kind === toEdge.tunnelBytes || frame.kind === toEdge.tunnelEnded;
    const socket = isMine ? this.#sockets.get(frame.call) : undefined;
    if (socket !== undefined && frame.kind === toEdge.tunnelBytes) socket.write(frame.bytes());
    else if (socket !== undefined) socket.end(() => socket.destroy());
    return isMine;
  }
}

/** The other ends: as sockets, so that Node's HTTP takes them. */
export class QueueTunnels {
  readonly #channel: Channel;
  readonly #adopt: (socket: Duplex) => void;
  readonly #ends = new Map<number, TunnelEnd>();

  constructor(channel: Channel, adopt: (socket: Duplex) => void) {
    this.#channel = channel;
    this.#adopt = adopt;
  }

  take(frame: FrameReader): boolean {
    const { kind, call } = frame;
    if (kind === toQueues.tunnelOpened) this.#open(call, JSON.parse(frame.text()) as RequestSocket, frame.bytes());
    else if (kind === toQueues.tunnelBytes) this.#ends.get(call)?.push(frame.bytes());
    else if (kind === toQueues.tunnelEnded) this.#ends.get(call)?.destroy();
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
      ended: () => {
        this.#ends.delete(tunnel);
        if (!channel.isClosed) channel.send(toEdge.tunnelEnded, tunnel);
      },
    });
    this.#ends.set(tunnel, end);
    end.push(bytes);
    this.#adopt(end);
  }
}

interface TunnelExit {
  write(chunk: Buffer): void;
  ended(): void;
}

class TunnelEnd extends Duplex implements RequestSocket {
  readonly remoteAddress: string | undefined;
  readonly localAddress: string | undefined;
  readonly localPort: number | undefined;
  readonly #exit: TunnelExit;

  constructor({ remoteAddress, localAddress, localPort }: RequestSocket, exit: TunnelExit) {
    super();
    this.remoteAddress = remoteAddress;
    this.localAddress = localAddress;
    this.localPort = localPort;
    this.#exit = exit;
  }

  override _read(): void {
    // What comes is pushed; the client has one request under way, so there is an end to it.
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
}
