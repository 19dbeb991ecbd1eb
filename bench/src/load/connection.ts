import { createConnection, type Socket } from 'node:net';

export type Answer = {
  readonly status: number;
  readonly body: string;
  /** It is the last one on its connection. */
  readonly closes?: true;
};

/** Longer than the longest long poll (20 s), so that only a server that forgot an answer runs into it. */
const silenceLimitMilliseconds = 30_000;
const headEndBytes = '\r\n\r\n';

type Waiting = { resolve(answer: Answer): void; reject(error: Error): void };

/**
 * One keep-alive HTTP/1.1 connection with at most one request under way, as an SDK's connection pool uses it.
 *
 * It is written on the bare socket because `node:http` clients cost more per request than the servers they measure:
 * the generator has to stay the cheaper side. Text is Latin-1 throughout; every request and answer here is ASCII.
 */
export class Connection {
  readonly #port: number;
  #socket: Socket;
  /** The server said that it ends the connection, as some do after each answer or after a thousand: the next takes a new one. */
  #spent = false;
  #waiting: Waiting | undefined;
  #received: Buffer | undefined;
  #failure: Error | undefined;

  static open(port: number): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect(port);
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new Connection(port, socket));
      });
    });
  }

  private constructor(port: number, socket: Socket) {
    this.#port = port;
    this.#socket = this.#listen(socket);
  }

  /** What a socket says after another one took its place is no longer heard. */
  #listen(socket: Socket): Socket {
    const fail = (error: Error): void => {
      if (socket === this.#socket) this.#fail(error);
    };
    socket.setTimeout(silenceLimitMilliseconds);
    socket.on('timeout', () => {
      if (this.#waiting !== undefined) fail(new Error('no answer within 30 s'));
    });
    socket.on('error', fail);
    socket.on('close', () => {
      if (!this.#spent) fail(new Error('the server closed the connection'));
    });
    socket.on('data', (chunk) => {
      if (socket === this.#socket) this.#read(chunk);
    });
    return socket;
  }

  request(bytes: string): Promise<Answer> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#waiting !== undefined) return Promise.reject(new Error('a request is under way on this connection'));
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      if (this.#spent) {
        this.#spent = false;
        this.#socket = this.#listen(connect(this.#port));
      }
      this.#socket.write(bytes, 'latin1');
    });
  }

  close(): void {
    this.#failure ??= new Error('this connection was closed');
    this.#socket.destroy();
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    this.#socket.destroy();
    waiting?.reject(this.#failure);
  }

  #read(chunk: Buffer): void {
    const bytes = this.#received === undefined ? chunk : Buffer.concat([this.#received, chunk]);
    const answer = parseAnswer(bytes);
    if (answer === undefined) {
      this.#received = bytes;
      return;
    }
    this.#received = undefined;
    if (answer.closes === true) {
      this.#spent = true;
      this.#socket.destroy();
    }
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) this.#fail(new Error('the server answered without being asked'));
    else waiting.resolve(answer);
  }
}

function connect(port: number): Socket {
  return createConnection({ port, host: '127.0.0.1', noDelay: true });
}

/** The whole answer that `bytes` hold, or undefined while some of it is still under way. */
export function parseAnswer(bytes: Buffer): Answer | undefined {
  const headEnd = bytes.indexOf(headEndBytes, 0, 'latin1');
  if (headEnd < 0) return undefined;
  const head = bytes.toString('latin1', 0, headEnd);
  const body = bodyOf(head, bytes, headEnd + headEndBytes.length);
  if (body === undefined) return undefined;
  const answer = { status: Number(head.slice(9, 12)), body };
  return /\r\nconnection:\s*close/i.test(head) ? { ...answer, closes: true } : answer;
}

function bodyOf(head: string, bytes: Buffer, start: number): string | undefined {
  const length = /\r\ncontent-length:\s*(\d+)/i.exec(head);
  if (length !== null) {
    const end = start + Number(length[1]);
    return bytes.length < end ? undefined : bytes.toString('latin1', start, end);
  }
  return /\r\ntransfer-encoding:\s*chunked/i.test(head) ? joinChunks(bytes.toString('latin1', start)) : '';
}

function joinChunks(text: string): string | undefined {
  let body = '';
  let position = 0;
  for (;;) {
    const lineEnd = text.indexOf('\r\n', position);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(text.slice(position, lineEnd), 16);
    const start = lineEnd + 2;
    if (text.length < start + size + 2) return undefined;
    if (size === 0) return body;
    body += text.slice(start, start + size);
    position = start + size + 2;
  }
}
