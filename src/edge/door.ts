/**
 * Where a process that owns queues lets the edge in: a Unix-domain socket, or a named pipe of Windows. A connection begins with
 * the door's token, for not every system keeps others from such a name.
 */
import { timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

export interface Door {
  readonly path: string;
  /** 32 bytes, in hexadecimal digits. */
  readonly token: string;
}

export const tokenBytes = 32;
/** Who belongs here says so at once. */
const patienceMs = 5000;

/** Resolves when it listens; `enter` gets what comes behind the token. */
export async function openDoor({ path, token }: Door, enter: (socket: Socket) => void): Promise<Server> {
  const secret = Buffer.from(token, 'hex');
  const server = createServer((socket) => admit(socket, secret, enter));
  server.listen({ path });
  await once(server, 'listening');
  // A connection that fails while it is accepted is the other side's trouble.
  server.on('error', () => undefined);
  return server;
}

function admit(socket: Socket, secret: Buffer, enter: (socket: Socket) => void): void {
  socket.on('error', () => undefined);
  socket.setTimeout(patienceMs, () => socket.destroy());
  const listen = () => {
    const said: Buffer | null = socket.read(tokenBytes);
    if (said === null) return;
    socket.off('readable', listen);
    socket.setTimeout(0);
    if (said.length === tokenBytes && timingSafeEqual(said, secret)) enter(socket);
    else socket.destroy();
  };
  socket.on('readable', listen);
}

/** Nothing says whether the token was right: the connection ends if it was not. */
export async function enterDoor({ path, token }: Door): Promise<Socket> {
  const socket = connect({ path });
  await once(socket, 'connect');
  socket.write(Buffer.from(token, 'hex'));
  return socket;
}
