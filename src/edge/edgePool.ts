/** The processes at the edge: starts them, gives each its share of the connections, and starts those anew that die. */
import { type ChildProcess, fork } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ServedTls, TlsKeys } from '#aws';
import { heapFlags } from '#std/heapFlags';
import { EdgeCalls, type EdgeCallsOptions } from './edgeCalls.ts';
import type { EdgeSettings } from './edgeProcess.ts';
import { toEdge } from './frames.ts';

export interface EdgePoolOptions extends Omit<EdgeCallsOptions, 'onConnectionEnded' | 'onConnectionTaken' | 'onReady'> {
  /** Processes, at least 1. */
  readonly size: number;
  /** The program that a process runs. */
  readonly program: string;
  readonly settings: Omit<EdgeSettings, 'tls'>;
  /** Undefined where connections are plain. */
  readonly tls: ServedTls | undefined;
}

/** A process that lives shorter than this is started anew with a delay that doubles each time. */
const shortLifeMs = 5000;
const restartDelayMs = { first: 100, longest: 10_000 };
/** How long a connection waits for a process that is starting: for as long as it lives it stays where it begins. */
const holdMs = 2000;

/** A connection that no process has taken yet. */
export interface Arrival {
  /** Paused; nothing of it was read. */
  readonly socket: Socket;
  /** To be called when it has ended in another process. */
  readonly ended: () => void;
  /** To be called instead if no other process takes it. */
  readonly serveHere: () => void;
}

export class EdgePool {
  readonly #options: EdgePoolOptions;
  readonly #processes: (EdgeChild | undefined)[];
  #isClosing = false;
  #closed: (() => void)[] = [];
  #nextConnection = 1;
  /** Arrivals that wait for a process to start. */
  #held: Arrival[] = [];
  #holding: NodeJS.Timeout | undefined;

  constructor(options: EdgePoolOptions) {
    this.#options = options;
    this.#processes = new Array(options.size).fill(undefined);
    for (let place = 0; place < options.size; place += 1) this.#start(place, restartDelayMs.first);
    options.tls?.onRenewed(() => {
      for (const each of this.#processes) each?.renewTls();
    });
  }

  /** Processes that take connections now. */
  get ready(): number {
    return this.#processes.filter((each) => each?.isReady).length;
  }

  /** Gives a connection to the process that has the fewest, or holds it while one starts; false if it is the caller's. */
  take(arrival: Arrival): boolean {
    if (this.#give(arrival)) return true;
    if (this.#isClosing || !this.#isRunning) return false;
    this.#held.push(arrival);
    this.#holding ??= setTimeout(() => this.#giveHeld(), holdMs);
    return true;
  }

  #give({ socket, ended }: Arrival): boolean {
    let chosen: EdgeChild | undefined;
    for (const each of this.#processes) {
      if (each?.isReady !== true) continue;
      if (chosen === undefined || each.connections < chosen.connections) chosen = each;
    }
    if (chosen === undefined || this.#isClosing) return false;
    const connection = this.#nextConnection;
    this.#nextConnection = (connection % 0xffffffff) + 1;
    chosen.connect(socket, connection, ended);
    return true;
  }

  #giveHeld(): void {
    clearTimeout(this.#holding);
    this.#holding = undefined;
    const held = this.#held;
    this.#held = [];
    for (const arrival of held) if (!this.#give(arrival)) arrival.serveHere();
  }

  /** Answers what is under way, for as long as the limits allow, then ends the processes. */
  async close(graceMs: number): Promise<void> {
    this.#isClosing = true;
    this.#giveHeld();
    for (const each of this.#processes) each?.close();
    if (!this.#isRunning) return;
    const grace = setTimeout(() => {
      for (const each of this.#processes) each?.kill();
    }, graceMs);
    await new Promise<void>((resolve) => this.#closed.push(resolve));
    clearTimeout(grace);
  }

  get #isRunning(): boolean {
    return this.#processes.some((each) => each !== undefined);
  }

  #start(place: number, delayMs: number): void {
    const startedAt = performance.now();
    const onReady = () => this.#giveHeld();
    this.#processes[place] = new EdgeChild(this.#options, onReady, (reason) => {
      this.#processes[place] = undefined;
      if (this.#isClosing) {
        if (!this.#isRunning) for (const closed of this.#closed) closed();
        return;
      }
      const lived = performance.now() - startedAt;
      this.#options.log.error(
        { reason, livedMs: Math.round(lived) },
        'a process at the edge ended, and is started anew',
      );
      if (lived >= shortLifeMs) {
        this.#start(place, restartDelayMs.first);
        return;
      }
      if (!this.#isRunning) this.#giveHeld();
      const next = Math.min(delayMs * 2, restartDelayMs.longest);
      setTimeout(() => this.#isClosing || this.#start(place, next), delayMs).unref();
    });
  }
}

class EdgeChild {
  readonly #child: ChildProcess;
  readonly #calls: EdgeCalls;
  readonly #tls: ServedTls | undefined;
  #toldKeys: TlsKeys | undefined;
  /** By number: what to tell when it has ended. */
  readonly #connections = new Map<number, () => void>();
  /** Sent, and not known to have arrived. */
  readonly #untaken = new Map<number, Socket>();
  #isClosing = false;
  isReady = false;

  constructor(
    { program, settings, tls, ...calls }: EdgePoolOptions,
    onReady: () => void,
    onExit: (reason: string) => void,
  ) {
    this.#child = fork(program, [], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc', 'pipe'],
      execArgv: [...heapFlags],
    });
    this.#calls = new EdgeCalls(this.#child.stdio[4] as Duplex, {
      ...calls,
      onReady: () => {
        this.isReady = true;
        this.renewTls();
        onReady();
      },
      onConnectionTaken: (connection) => this.#taken(connection),
      onConnectionEnded: (connection) => this.#ended(connection),
    });
    this.#tls = tls;
    this.#toldKeys = tls?.settings.keys;
    const all: EdgeSettings = { ...settings, ...(tls !== undefined && { tls: tls.settings }) };
    this.#calls.channel.send(toEdge.settings, 0, (frame) => frame.text(JSON.stringify(all)));
    let reason = '';
    this.#child.on('error', (error) => {
      reason = error.message;
    });
    this.#child.once('close', (code, signal) => {
      for (const ended of this.#connections.values()) ended();
      this.#connections.clear();
      for (const socket of this.#untaken.values()) socket.destroy();
      onExit(reason || (signal ?? `exit code ${code}`));
    });
  }

  get connections(): number {
    return this.#connections.size;
  }

  connect(socket: Socket, connection: number, ended: () => void): void {
    this.#connections.set(connection, ended);
    this.#untaken.set(connection, socket);
    // Kept open until it is taken: a process that dies before leaves it to nobody, and its client would wait for ever.
    this.#child.send({ connection }, socket, { keepOpen: true }, (error) => {
      if (error !== null) this.#ended(connection);
    });
  }

  /** Tells of other keys than those it knows; while it starts, it can't hear of any. */
  renewTls(): void {
    const keys = this.#tls?.settings.keys;
    if (keys === this.#toldKeys || !this.isReady) return;
    this.#toldKeys = keys;
    this.#calls.channel.send(toEdge.tlsKeys, 0, (frame) => frame.text(JSON.stringify(keys)));
  }

  close(): void {
    this.#isClosing = true;
    this.#calls.channel.send(toEdge.close, 0);
    if (this.#connections.size === 0) this.#end();
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** The other process has it; what is closed here is one of two handles. */
  #taken(connection: number): void {
    this.#untaken.get(connection)?.destroy();
    this.#untaken.delete(connection);
  }

  #ended(connection: number): void {
    this.#taken(connection);
    const ended = this.#connections.get(connection);
    this.#connections.delete(connection);
    ended?.();
    if (this.#isClosing && this.#connections.size === 0) this.#end();
  }

  /** It ends with its pipe; what it has told before is read first. */
  #end(): void {
    setImmediate(() => this.#calls.channel.close());
  }
}
