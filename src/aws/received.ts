/** A request that has come, and the way back to its client, whichever of the two fronts read it. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { ClientConnection } from './contract.ts';
import type { TlsFacts } from './tlsFacts.ts';

/** The head, and the connection that it came by: an `IncomingMessage` of Node, or what the front made. */
export interface ReceivedRequest extends Pick<IncomingMessage, 'method' | 'url'> {
  readonly headers: RequestHeaders;
  /** As they were sent, name and value in turn. */
  readonly rawHeaders: readonly string[];
  readonly socket: RequestSocket;
}

/** Those that somebody looks at by name: whatever is not here, the front does not look for. */
export type RequestHeaders = Partial<
  Pick<
    IncomingHttpHeaders,
    'authorization' | 'content-type' | 'host' | 'origin' | 'referer' | 'user-agent' | 'x-amz-target'
  >
>;

/** The socket itself, or the facts of one that is another process's (`tlsFacts.ts`). */
export interface RequestSocket {
  readonly remoteAddress?: string | undefined;
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
  /** Of a socket that is another process's. */
  readonly tls?: TlsFacts | undefined;
}

export interface ReceivedBody {
  /** Absent if it was thrown away. */
  readonly body?: Buffer | undefined;
  /** How many came; the body's unless given. */
  readonly bytes?: number;
  /** When the head had come, by `performance.now()`; now unless given. */
  readonly startedAt?: number;
}

export interface Answer {
  readonly status: number;
  /** Names and values in turn, the length and the type of the body among them. */
  readonly headers: readonly string[];
  readonly body: string | Buffer;
  /** Of the body, in UTF-8. */
  readonly bytes: number;
  /** The connection ends with it. */
  readonly isLast: boolean;
}

/** Takes one answer. */
export interface Reply extends ClientConnection {
  /** Whether an answer can still be sent: there was none, and the client is there. */
  readonly isOpen: boolean;
  send(answer: Answer): void;
}
