/**
 * A process that owns a partition: its store, its queues and the work behind them. It does what home asks of it, and what the
 * edge asks, which comes in by the owner's door.
 *
 * It ends with the process that started it, whatever becomes of that one. Whoever kills it loses no more than by a kill of a
 * server with one partition.
 */
import { rmdirSync, rmSync } from 'node:fs';
import type { Server, Socket } from 'node:net';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Channel } from '#edge/channel';
import { openDoor } from '#edge/door';
import { QueueCalls } from '#edge/queueCalls';
import { type CommitFailed, Partition } from '#runtime';
import { type Store, StoreUnusable } from '#storage';
import type { Commit, HomeCalls, OwnerCalls, OwnerSettings } from './calls.ts';
import { writeError } from './errors.ts';
import { checkThere, claimPartition } from './marks.ts';
import { performCalls } from './performCalls.ts';
import type { QueueRecord } from './queueOwner.ts';
import { Rpc, type RpcMessage } from './rpc.ts';

export interface OwnerProgram {
  readonly openStore: (directory: string, onBackgroundFailure: (error: Error) => void) => Promise<Store>;
  readonly isEncrypted: (settings: OwnerSettings, record: QueueRecord) => boolean;
}

/** No two partitions give out the same id: there is room for 256 of them. */
const idsOfPartition = 2 ** 40;
/** A process of a server before this one may hold the directory until it notices that it is alone. */
const lockPatience = { milliseconds: 5000, betweenTriesMs: 50 };
const tellIntervalMs = 250;

export function runOwnerProcess(program: OwnerProgram): void {
  // A terminal sends them to all processes, and this one is told what to do by another.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
  const owner = new OwnerProcess(program, (message) => {
    process.send?.(message, undefined, undefined, () => undefined);
  });
  process.on('message', (message) => owner.take(message as RpcMessage));
  process.on('disconnect', () => {
    owner.removeDoor();
    process.exit(0);
  });
}

class OwnerProcess {
  readonly #program: OwnerProgram;
  readonly #home: Rpc<HomeCalls>;
  #calls: Partial<OwnerCalls> = { open: (settings) => this.#open(settings) };
  #doorPath: string | undefined;
  #mustForward = false;
  #commits: Commit[] = [];
  #isFailing = false;
  /** As home knows it. */
  #problem: CommitFailed | undefined;

  constructor(program: OwnerProgram, send: (message: RpcMessage) => void) {
    this.#program = program;
    this.#home = new Rpc({
      send,
      methodOf: (name) => this.#calls[name as keyof OwnerCalls],
      report: (error) => this.#failed(error, 'a call to an owner of queues failed'),
    });
  }

  take(message: RpcMessage): void {
    this.#home.take(message);
  }

  /** For the last of them to end, its folder too. */
  removeDoor(): void {
    if (this.#doorPath === undefined || process.platform === 'win32') return;
    try {
      rmSync(this.#doorPath, { force: true });
      rmdirSync(dirname(this.#doorPath));
    } catch {
      // Others have theirs in it still.
    }
  }

  async #open(settings: OwnerSettings): Promise<void> {
    await checkThere(settings);
    const store = await this.#openStore(settings.directory);
    let partition: Partition | undefined;
    try {
      await claimPartition(store, settings);
      partition = await this.#openPartition(store, settings);
      const opened = partition;
      const door = await openDoor(settings.door, (socket) => this.#enter(socket, opened, settings));
      this.#doorPath = settings.door.path;
      this.#calls = {
        ...performCalls(opened),
        begin: () => opened.begin(),
        mustForward: (isAsked) => {
          this.#mustForward = isAsked;
        },
        close: () => this.#close(opened, door),
      };
      setInterval(() => this.#tell(opened), tellIntervalMs).unref();
    } catch (error) {
      await (partition ?? store).close();
      throw error;
    }
  }

  async #openStore(directory: string): Promise<Store> {
    const deadline = Date.now() + lockPatience.milliseconds;
    for (;;) {
      try {
        return await this.#program.openStore(directory, (error) =>
          this.#failed(error, 'work of the store in the background failed, and is tried again'),
        );
      } catch (error) {
        if (!(error instanceof StoreUnusable) || error.reason !== 'locked' || Date.now() > deadline) throw error;
        await delay(lockPatience.betweenTriesMs);
      }
    }
  }

  #openPartition(store: Store, { number }: OwnerSettings): Promise<Partition> {
    return Partition.open(store, {
      firstId: number * idsOfPartition + 1,
      elsewhere: {
        // A queue may have gone to another place since it was asked for.
        known: () => undefined,
        find: (path) => this.#home.call('find', path),
        ship: (to, letters) => this.#home.call('ship', to, letters),
        keysMoved: (ids) => this.#home.call('keysMoved', ids),
      },
      startTasks: false,
      onCommit: (commit) => this.#committed(commit),
      onFailure: (error) => this.#commitFailed(error),
      onError: (error) => this.#failed(error, 'background work failed'),
    });
  }

  #committed(commit: Commit): void {
    this.#commits.push(commit);
    this.#isFailing = false;
  }

  /** A full disk fails every commit; the first says it all. */
  #commitFailed(error: CommitFailed): void {
    this.#home.tell('commitFailed', writeError(error));
    if (!this.#isFailing) {
      this.#failed(error, 'a commit failed; what it held is refused, as is what can not be stored');
    }
    this.#isFailing = true;
  }

  #enter(socket: Socket, partition: Partition, settings: OwnerSettings): void {
    const channel = new Channel(
      socket,
      (frame) => {
        if (!calls.take(frame)) throw new Error(`a frame of the unknown kind ${frame.kind}`);
      },
      () => calls.close(),
    );
    const calls = new QueueCalls(channel, {
      partition,
      isPlain: (record) => !this.#program.isEncrypted(settings, record),
      mustForward: () => this.#mustForward,
      log: { error: ({ err }: { err?: Error }, text) => this.#failed(err ?? new Error(text), text) },
    });
  }

  /** What home shows of this partition, as far as nobody asks for it. */
  #tell({ problem }: Partition): void {
    if (this.#commits.length > 0) this.#home.tell('committed', this.#commits);
    this.#commits = [];
    if (problem?.message === this.#problem?.message) return;
    this.#problem = problem;
    this.#home.tell('problem', problem && writeError(problem));
  }

  #failed(error: Error, text: string): void {
    this.#home.tell('failed', writeError(error), text);
  }

  /** The process ends when home lets go of it. */
  async #close(partition: Partition, door: Server): Promise<void> {
    door.close();
    await partition.close();
    this.#tell(partition);
  }
}
