/** A data directory of its own for each test, which servers use before and after a command does. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { type PosthornOptions, startPosthorn } from '../../src/server.ts';

/** What the clients of AWS's SDK are made with. */
export interface ClientOptions {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly maxAttempts: number;
}

export class UsedDirectory {
  path = '';

  constructor() {
    beforeEach(async () => {
      this.path = await mkdtemp(join(tmpdir(), 'posthorn-used-'));
    });
    afterEach(() => rm(this.path, { recursive: true }));
  }

  /** Starts a server on the directory and lets `act` use it. */
  async use<Client extends { destroy(): void }, T>(
    connect: (options: ClientOptions) => Client,
    act: (client: Client) => Promise<T>,
    more: PosthornOptions = {},
  ): Promise<T> {
    const server = await startPosthorn({ port: 0, dataDir: this.path, ...more });
    const credentials = { accessKeyId: '111122223333', secretAccessKey: 'secret' };
    const client = connect({ endpoint: server.endpoint, region: 'eu-west-1', credentials, maxAttempts: 1 });
    try {
      return await act(client);
    } finally {
      client.destroy();
      await server.close();
    }
  }
}
