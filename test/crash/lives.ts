/** The lives of a server on one data directory, each of which a `kill -9` ends. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import type { Prng } from '../../src/std/prng.ts';
import { killAll, ServerProcess } from './serverProcess.ts';
import { SqsClient } from './sqsClient.ts';

export class Lives {
  readonly #random: Prng;
  readonly #dataDirectory = mkdtempSync(join(tmpdir(), 'posthorn-kill-'));

  constructor(random: Prng) {
    this.#random = random;
    afterEach(async () => {
      await killAll();
      rmSync(this.#dataDirectory, { recursive: true });
    });
  }

  start(): ServerProcess {
    return ServerProcess.start(['--data-dir', this.#dataDirectory, '--port', '0', '--log-level', 'error']);
  }

  /**
   * One life, with clients that `live` until their connections are lost, and tell of every answer. It ends after as many
   * answers as chance has it, a bound of which is one of `answers`, or with `live`, should that end first.
   */
  async live(answers: readonly number[], live: (client: SqsClient, onAnswer: () => void) => Promise<void>) {
    const random = this.#random;
    const server = this.start();
    const client = new SqsClient(await server.endpoint());
    const killAfter = 1 + random.below(random.pick(answers) ?? 1);
    // real time: answers come with the commits, so without it every kill would fall just behind one.
    const killDelayMs = random.below(12);
    let answered = 0;
    try {
      await live(client, () => {
        answered += 1;
        if (answered === killAfter) setTimeout(() => server.signal('SIGKILL'), killDelayMs);
      });
      await server.kill();
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
}
