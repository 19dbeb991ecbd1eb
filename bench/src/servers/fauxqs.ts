import { installRivals, rivalNode, rivalNodeVersion, rivalProgram, rivalVersion } from './rivalPackages.ts';
import type { Server } from './server.ts';

/**
 * Both variants log nothing (`FAUXQS_LOGGER=false`, as its README offers): its default, a line per request, would make
 * them slower than they are.
 */
function environment(port: number): Record<string, string> {
  return { FAUXQS_PORT: String(port), FAUXQS_LOGGER: 'false' };
}

function fauxqs(variant: Pick<Server, 'name' | 'title' | 'durable' | 'command'>, how: string): Server {
  return {
    ...variant,
    get note() {
      return `fauxqs ${rivalVersion('fauxqs')}, ${how}, on Node.js ${rivalNodeVersion()}`;
    },
    keepsMessages: true,
    lacks: ['move tasks', 'encryption'],
    readyPath: '/health',
    prepare: installRivals,
  };
}

/** Started as its README says: `npx fauxqs`, which is this file. */
export const fauxqsMemory = fauxqs(
  {
    name: 'fauxqs-memory',
    title: 'fauxqs, in memory',
    durable: false,
    command: (port) => ({
      program: rivalNode(),
      arguments: [rivalProgram('fauxqs/dist/cli.js')],
      environment: environment(port),
    }),
  },
  'everything in memory, nothing survives',
);

/** Started as its Docker image starts it; the command of the in-memory variant ignores the data folder. */
export const fauxqsSqlite = fauxqs(
  {
    name: 'fauxqs-sqlite',
    title: 'fauxqs, SQLite',
    durable: true,
    command: (port, dataFolder) => ({
      program: rivalNode(),
      arguments: [rivalProgram('fauxqs/dist/server.js')],
      environment: { ...environment(port), FAUXQS_DATA_DIR: dataFolder, FAUXQS_PERSISTENCE: 'true' },
    }),
  },
  'with its SQLite persistence (write-ahead log, synced at each statement)',
);
