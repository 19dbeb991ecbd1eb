/** The lives of a server on one data directory, each of which a `kill -9` ends. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Prng } from '../../src/std/prng.ts';
import { killAll, ServerProcess } from './serverProcess.ts';
import { SqsClient } from './sqsClient.ts';

/** The exit code of a server one of whose owners has died. */
const ownerLost = 70;

/**
 * POSTHORN_CRASH_OWNERS is how many processes queues are spread over, 1 unless given. With more, any of them is killed, and the
 * server has to end by itself when that is not its own: what is under way then may be answered 500, which says nothing of what
 * became of it.
 */
export class Lives {
  /** How many processes were killed that are not the server's own. */
  static lostOwners = 0;
  readonly #random: Prng;
  readonly #owners = Number(process.env.POSTHORN_CRASH_OWNERS ?? 1);
  #dataDirectory: string | undefined;

  constructor(random: Prng) {
    this.#random = random;
  }

  /** Within a test, with which the directory goes. */
  start(): ServerProcess {
    this.#dataDirectory ??= this.#makeDirectory();
    const spread = this.#owners > 1 ? ['--owners', String(this.#owners), '--threads', '2'] : [];
    return ServerProcess.start(['--data-dir', this.#dataDirectory, '--port', '0', '--log-level', 'error', ...spread]);
  }

  /** Whose answers of 500 are as good as none. */
  async connect(server: ServerProcess): Promise<SqsClient> {
    return new SqsClient(await server.endpoint(), { lostAt: this.#owners > 1 ? 500 : undefined });
  }

  /**
   * One life, with clients that `live` until their connections are lost, and tell of every answer. It ends after as many
   * answers as chance has it, a bound of which is one of `answers`, or with `live`, should that end first.
   */
  async live(answers: readonly number[], live: (client: SqsClient, onAnswer: () => void) => Promise<void>) {
    const random = this.#random;
    const server = this.start();
    const client = await this.connect(server);
    const victim = this.#chooseVictim(server);
    const killAfter = 1 + random.below(random.pick(answers) ?? 1);
    // real time: answers come with the commits, so without it every kill would fall just behind one.
    const killDelayMs = random.below(12);
    let answered = 0;
    let isStruck = false;
    try {
      await live(client, () => {
        answered += 1;
        if (answered !== killAfter) return;
        setTimeout(() => {
          isStruck = true;
          process.kill(victim, 'SIGKILL');
        }, killDelayMs);
      });
      if (isStruck && victim !== server.pid) await this.#endsByItself(server);
      else await server.kill();
    } finally {
      client.close();
    }
  }

  /** A life that ends while it recovers from the death before, as a rule before anybody is served. */
  async dieAtStart(): Promise<void> {
    const server = this.start();
    // real time: nothing that is seen from outside marks the moments of a start.
    setTimeout(() => server.signal('SIGKILL'), this.#random.below(600));
    await server.ended;
  }

  #makeDirectory(): string {
    const directory = mkdtempSync(join(tmpdir(), 'posthorn-kill-'));
    onTestFinished(async () => {
      await killAll();
      // Processes that have lost their server go a moment later.
      rmSync(directory, { recursive: true, maxRetries: 10 });
      this.#dataDirectory = undefined;
    });
    return directory;
  }

  #chooseVictim(server: ServerProcess): number {
    if (this.#owners === 1) return server.pid;
    return this.#random.pick([server.pid, ...ownersOf(server.pid)]) ?? server.pid;
  }

  async #endsByItself(server: ServerProcess): Promise<void> {
    Lives.lostOwners += 1;
    const { code } = await server.ended;
    if (code !== ownerLost) throw new Error(`A server that lost an owner ended with ${code}: ${server.errors}`);
  }
}

function ownersOf(pid: number): number[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n');
  return lines
    .filter((line) => Number(line.trim().split(/\s+/)[1]) === pid && line.includes('owner.js'))
    .map((line) => Number(line.trim().split(/\s+/)[0]));
}
