/** Clients on bare sockets, each of which waits for its answer before it goes on. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const connectionCount = 64;

export class Clients {
  readonly #connections: readonly Connection[];

  private constructor(connections: readonly Connection[]) {
    this.#connections = connections;
  }

  static async open(port: number): Promise<Clients> {
    return new Clients(await Promise.all(Array.from({ length: connectionCount }, () => Connection.open(port))));
  }

  /** Sends what `next` gives, until it gives nothing; `onAnswer` gets the bodies. Returns how many answers came. */
  async run(next: () => Buffer | undefined, onAnswer: (body: string) => void = () => undefined): Promise<number> {
    let answered = 0;
    const work = async (connection: Connection) => {
      for (let request = next(); request !== undefined; request = next()) {
        onAnswer(await connection.ask(request));
        answered += 1;
      }
    };
    await Promise.all(this.#connections.map(work));
    return answered;
  }

  close(): void {
    for (const connection of this.#connections) connection.close();
  }
}

class Connection {
  readonly #socket: Socket;
  #received = '';
  #waiting: { resolve: (body: string) => void; reject: (error: Error) => void } | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => this.#take(chunk));
    socket.on('error', (error) => this.#waiting?.reject(error));
    socket.on('close', () => this.#waiting?.reject(new Error('the server has closed a connection')));
  }

  static async open(port: number): Promise<Connection> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    return new Connection(socket);
  }

  ask(request: Buffer): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#waiting = undefined;
    this.#socket.destroy();
  }

  #take(chunk: string): void {
    this.#received += chunk;
    const headEnd = this.#received.indexOf('\r\n\r\n');
    if (headEnd === -1) return;
    const head = this.#received.slice(0, headEnd);
    const end = headEnd + 4 + Number(/content-length: (\d+)/i.exec(head)?.[1]);
    if (this.#received.length < end) return;
    const body = this.#received.slice(headEnd + 4, end);
    this.#received = this.#received.slice(end);
    // A fast refusal would be a fine figure.
    if (head.startsWith('HTTP/1.1 200 ')) this.#waiting?.resolve(body);
    else this.#waiting?.reject(new Error(`refused: ${head}\n${body}`));
  }
}
