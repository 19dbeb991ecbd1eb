import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { repositoryFolder } from '../folders.ts';
import { freePort } from '../freePort.ts';
import { checkingPorts } from '../load/requests.ts';
import { hasEnded, removeTemporaryFolder, stop, temporaryFolder, track } from '../processes.ts';
import type { Server } from './server.ts';

const readyLimitMilliseconds = 30_000;
const readyPollMilliseconds = 20;
const outputKept = 2_000;
const lastWordsShown = 300;

/** A server's process and its folder. A spawned server need not serve yet: `ready` waits for that. */
export class RunningServer {
  readonly server: Server;
  readonly port: number;
  readonly pid: number;
  readonly dataFolder: string;
  readonly #child: ChildProcess;
  readonly #folder: string;
  #output = '';

  private constructor(server: Server, port: number, folder: string) {
    this.server = server;
    this.port = port;
    this.#folder = folder;
    this.dataFolder = join(folder, 'data');
    if (server.checksSignatures === true) checkingPorts.add(port);
    const command = server.command(port, this.dataFolder);
    this.#child = track(
      spawn(command.program, command.arguments, {
        cwd: repositoryFolder,
        env: { ...process.env, ...command.environment },
        stdio: ['ignore', 'pipe', 'pipe'],
        windowsHide: true,
      }),
    );
    this.pid = this.#child.pid ?? 0;
    const keep = (chunk: Buffer): void => {
      this.#output = (this.#output + chunk.toString()).slice(-outputKept);
    };
    this.#child.stdout?.on('data', keep);
    this.#child.stderr?.on('data', keep);
    this.#child.once('error', (error) => keep(Buffer.from(error.message)));
  }

  static async start(server: Server, dataParent: string): Promise<RunningServer> {
    const running = new RunningServer(server, await freePort(), temporaryFolder(dataParent));
    try {
      await running.ready();
      return running;
    } catch (error) {
      await running.stopAndForget();
      throw error;
    }
  }

  /** Starts the same server again over the data that this one left; returns as soon as the process is spawned. */
  async respawn(): Promise<RunningServer> {
    return new RunningServer(this.server, await freePort(), this.#folder);
  }

  get ended(): boolean {
    return hasEnded(this.#child);
  }

  async ready(): Promise<void> {
    const deadline = performance.now() + readyLimitMilliseconds;
    while (performance.now() < deadline) {
      if (this.ended) throw new Error(`it ended while starting: ${this.lastWords()}`);
      try {
        const answer = await fetch(`http://127.0.0.1:${this.port}${this.server.readyPath}`);
        await answer.arrayBuffer();
        if (answer.ok) return;
      } catch {
        // It does not listen yet.
      }
      await sleep(readyPollMilliseconds);
    }
    throw new Error(`not ready within ${readyLimitMilliseconds / 1000} s: ${this.lastWords()}`);
  }

  /** The line that names the error when there is one, else the last it printed; without this machine's folders. */
  lastWords(): string {
    const lines = this.#output.split('\n').filter((line) => line.trim() !== '');
    const words = lines.find((line) => /error/i.test(line)) ?? lines.slice(-3).join(' | ');
    const shown = words.replaceAll(this.#folder, 'DATA').replaceAll(repositoryFolder, '.');
    return shown.slice(0, lastWordsShown) || 'it printed nothing';
  }

  /** Resolves with the milliseconds that it took to end. */
  stop(): Promise<number> {
    return stop(this.#child);
  }

  async stopAndForget(): Promise<void> {
    await this.stop();
    removeTemporaryFolder(this.#folder);
  }
}
