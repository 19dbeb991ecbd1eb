/**
 * The fast way in: reads plain requests from the sockets of an HTTP server itself, and gives every connection on which
 * anything else comes to Node's own HTTP, with the bytes that were read. So all that is rare (chunks, `Expect`, pages, heads
 * that are wrong) has one implementation, and what is common costs half.
 *
 * One timer looks after all connections, for a timer each would cost every request something: limits in time are kept to
 * within its interval.
 */
import type { Socket } from 'node:net';
import type { EdgeLimits } from '../limits.ts';
import type { ReceivedBody, ReceivedRequest, Reply } from '../received.ts';
import { FrontConnection } from './frontConnection.ts';

export interface FrontOptions {
  readonly limits: EdgeLimits;
  /** Called with a whole request. Exactly one answer is sent to `reply`. */
  readonly onRequest: (request: ReceivedRequest, body: ReceivedBody, reply: Reply) => void;
  /** Whether a path is one of the APIs'; all others are for Node. */
  readonly serves: (path: string) => boolean;
  /** Whether there is room for a body of so many bytes beside those of others; the room is given back by what comes back. */
  readonly hold: (bytes: number) => (() => void) | undefined;
  /** The connection goes on with Node's HTTP, which has to be given the bytes first. */
  readonly handOver: (socket: Socket, bytes: Buffer) => void;
}

export class Front {
  readonly options: FrontOptions;
  readonly #connections = new Set<FrontConnection>();
  readonly #timer: NodeJS.Timeout;
  /** As of the timer's last turn; see above. */
  now: number;
  draining = false;

  constructor(options: FrontOptions) {
    this.options = options;
    this.now = performance.now();
    const { headersTimeoutMs, requestTimeoutMs, keepAliveMs, idleTimeoutMs } = options.limits;
    const interval = Math.min(5000, headersTimeoutMs, requestTimeoutMs, keepAliveMs, idleTimeoutMs);
    this.#timer = setInterval(() => this.#look(), interval).unref();
  }

  take(socket: Socket): void {
    if (this.draining) socket.destroy();
    else this.#connections.add(new FrontConnection(this, socket));
  }

  /** Told by the connection: it ended, or is Node's now. */
  left(connection: FrontConnection): void {
    this.#connections.delete(connection);
  }

  /** Ends what waits for a request; what is being answered ends with its answer. */
  close(): void {
    this.draining = true;
    for (const connection of this.#connections) if (connection.isUnused) connection.destroy();
  }

  /** Ends everything, answered or not. */
  destroy(): void {
    clearInterval(this.#timer);
    for (const connection of this.#connections) connection.destroy();
  }

  #look(): void {
    this.now = performance.now();
    for (const connection of this.#connections) {
      const overdue = connection.overdue();
      if (overdue === 'silently') connection.destroy();
      else if (overdue === 'with-answer') connection.refuse();
    }
  }
}

/** The root, where SDKs send everything to, and queue URLs. */
export function isApiPath(path: string): boolean {
  return path === '/' || /^\/\d{12}\/[^?]*$/.test(path);
}
