/** A data directory of its own for each test, and an end to whatever a test starts. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { killAll, ServerProcess, type SpawnSettings } from './serverProcess.ts';
import { SqsClient } from './sqsClient.ts';

export class Fixture {
  root = '';
  dataDirectory = '';
  readonly #clients: SqsClient[] = [];

  constructor() {
    beforeEach(() => {
      this.root = mkdtempSync(join(tmpdir(), 'posthorn-crash-'));
      this.dataDirectory = join(this.root, 'data');
    });
    afterEach(async () => {
      for (const client of this.#clients.splice(0)) client.close();
      await killAll();
      rmSync(this.root, { recursive: true });
    });
  }

  start(args: readonly string[] = [], settings: SpawnSettings = {}): ServerProcess {
    const always = ['--data-dir', this.dataDirectory, '--port', '0', '--log-level', 'error'];
    return ServerProcess.start([...always, ...args], settings);
  }

  async connect(server: ServerProcess): Promise<SqsClient> {
    const client = new SqsClient(await server.endpoint());
    this.#clients.push(client);
    return client;
  }
}

/** The address of a queue whose server may have come back on another port. */
export function queueUrl(client: SqsClient, name: string): string {
  return `${client.endpoint}/000000000000/${name}`;
}
