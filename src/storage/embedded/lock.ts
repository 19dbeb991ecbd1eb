import { createHash, randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, realpath, rename, stat, unlink } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StoreUnusable } from '../store.ts';
import { ask, type Claimant } from './lockAnswer.ts';

/** Held until it is released or the process dies, however it dies. */
export interface Lock {
  release(): Promise<void>;
}

/**
 * One process at a time may use a data directory. The kernel keeps the lock: a claim is a Unix-domain socket that
 * listens in the directory, and whoever can't connect to it knows that its process is gone, whatever became of its pid,
 * in whichever container it ran. (Not across machines: a data directory on a network file system is not supported.)
 *
 * A starter first publishes its claim, then looks at all others:
 * - none lives: it owns the directory. Of two starters at least the later one sees the other's claim, since each looks
 *   after it has published; so never do two own it.
 * - one says that it is the owner: the directory is taken.
 * - others are starting: with a smaller nonce than ours, we withdraw, wait a moment and publish again; else we wait for
 *   them to withdraw, or to become the owner. So exactly one of many starters goes ahead.
 *
 * A claim gets its name by `rename`, when it listens already; a name is used once. So a name that refuses connections
 * is dead for good and can be removed without a race.
 */
export async function lockDirectory(directory: string): Promise<Lock> {
  const path = await realpath(directory);
  if (process.platform === 'win32') return lockPipe(path);
  const place = await findPlace(path);
  try {
    return await competeIn(place, path);
  } catch (error) {
    await place.close();
    throw error;
  }
}

const patienceMs = 10_000;

async function competeIn(place: Place, directory: string): Promise<Lock> {
  const deadline = Date.now() + patienceMs;
  let claim = await Claim.publish(place);
  for (;;) {
    const others = await claim.others();
    if (others.length === 0) return claim.own();
    const owner = others.find(({ state }) => state === 'owner');
    if (owner !== undefined || Date.now() > deadline) {
      await claim.withdraw();
      throw taken(directory, owner);
    }
    if (others.some(({ nonce }) => nonce < claim.nonce)) {
      await claim.withdraw();
      await sleep(10 + Math.random() * 40);
      claim = await Claim.publish(place);
    } else {
      await sleep(5);
    }
  }
}

class Claim {
  readonly nonce: string;
  readonly #place: Place;
  readonly #server: Server;
  #state: Claimant['state'] = 'starting';

  static async publish(place: Place): Promise<Claim> {
    const claim = new Claim(place);
    const unfinished = place.pathOf(`starting-${claim.nonce}.sock`);
    await listen(claim.#server, unfinished);
    await rename(unfinished, place.pathOf(claim.#name));
    return claim;
  }

  private constructor(place: Place) {
    this.#place = place;
    this.nonce = randomBytes(8).toString('hex');
    this.#server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.end(`${JSON.stringify(this.#answer())}\n`);
    });
    // Holding the lock is no reason for the process to stay.
    this.#server.unref();
  }

  get #name(): string {
    return `lock-${this.nonce}.sock`;
  }

  #answer(): Claimant {
    return { state: this.#state, nonce: this.nonce, pid: process.pid, host: hostname() };
  }

  async others(): Promise<Claimant[]> {
    const alive: Claimant[] = [];
    for (const name of await readdir(this.#place.directory)) {
      const path = this.#place.pathOf(name);
      if (/^starting-[0-9a-f]{16}\.sock$/.test(name)) await removeIfAbandoned(path);
      if (!/^lock-[0-9a-f]{16}\.sock$/.test(name) || name === this.#name) continue;
      const claimant = await ask(path);
      if (claimant === undefined) await unlink(path).catch(() => undefined);
      else alive.push(claimant);
    }
    return alive;
  }

  own(): Lock {
    this.#state = 'owner';
    return {
      release: async () => {
        await this.withdraw();
        await this.#place.close();
      },
    };
  }

  /** The name goes first: nobody shall find a socket that no longer listens and wonder. */
  async withdraw(): Promise<void> {
    await unlink(this.#place.pathOf(this.#name)).catch(() => undefined);
    await closeServer(this.#server);
  }
}

/** A process that was killed just before the `rename`. Young ones may not listen yet. */
async function removeIfAbandoned(path: string): Promise<void> {
  const stats = await stat(path).catch(() => undefined);
  if (stats === undefined || Date.now() - stats.mtimeMs < 60_000) return;
  if ((await ask(path)) === undefined) await unlink(path).catch(() => undefined);
}

/** Where the sockets are. */
interface Place {
  readonly directory: string;
  pathOf(name: string): string;
  close(): Promise<void>;
}

/** What fits into `sun_path` on every system, a socket's name of 31 bytes included. */
const maxDirectoryBytes = 70;

async function findPlace(directory: string): Promise<Place> {
  const isShort = Buffer.byteLength(directory) <= maxDirectoryBytes;
  const place = isShort || process.platform !== 'linux' ? placeAt(directory) : await placeByDescriptor(directory);
  if ((isShort || process.platform === 'linux') && (await canHoldSockets(place))) return place;
  await place.close();
  return temporaryPlace(directory);
}

function placeAt(directory: string): Place {
  return { directory, pathOf: (name) => join(directory, name), close: async () => undefined };
}

/** However long the path, the kernel knows the open directory by a short one. */
async function placeByDescriptor(directory: string): Promise<Place> {
  const handle: FileHandle = await open(directory, 'r');
  const pathOf = (name: string) => `/proc/self/fd/${handle.fd}/${name}`;
  return { directory, pathOf, close: () => handle.close() };
}

/** Some file systems that are shared with a virtual machine or come from other systems know no sockets. */
async function canHoldSockets(place: Place): Promise<boolean> {
  const server = createServer().unref();
  const path = place.pathOf(`starting-${randomBytes(8).toString('hex')}.sock`);
  try {
    await listen(server, path);
  } catch (error) {
    if (isNoSpace(error)) throw error;
    return false;
  }
  await closeServer(server);
  return true;
}

async function temporaryPlace(directory: string): Promise<Place> {
  const path = join(tmpdir(), `posthorn-${hashOf(directory)}`);
  await mkdir(path, { recursive: true, mode: 0o700 });
  return placeAt(path);
}

/** Named pipes are owned by whoever creates the first instance, and vanish with it. */
async function lockPipe(directory: string): Promise<Lock> {
  const path = `\\\\.\\pipe\\posthorn-${hashOf(directory.toLowerCase())}`;
  const answer: Claimant = { state: 'owner', nonce: '', pid: process.pid, host: hostname() };
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.end(`${JSON.stringify(answer)}\n`);
  });
  server.unref();
  try {
    await listen(server, path);
  } catch {
    throw taken(directory, await ask(path));
  }
  return { release: () => closeServer(server) };
}

function taken(directory: string, owner: Claimant | undefined): StoreUnusable {
  const who = owner?.pid === undefined ? 'another process' : `process ${owner.pid} on ${owner.host}`;
  const message = `The data directory ${directory} is in use by ${who}. Stop that server first, or choose another directory.`;
  return new StoreUnusable('locked', message);
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path }, () => {
      server.off('error', reject);
      // A connection that fails while it is accepted is the other side's trouble.
      server.on('error', () => undefined);
      resolve();
    });
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

function isNoSpace(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOSPC';
}

function hashOf(path: string): string {
  return createHash('sha256').update(path).digest('hex').slice(0, 16);
}
