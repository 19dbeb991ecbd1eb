import { installedFolder, installRival, pinsOf, type RivalFolder } from './rivalFolders.ts';
import type { Command, Server } from './server.ts';

const python = process.platform === 'win32' ? 'python' : 'python3';

function rivalFolder(name: string): RivalFolder {
  return {
    name,
    pins: 'requirements.txt',
    runtime: python,
    installer: (pins, target) => ({
      program: python,
      arguments: ['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', target, '--requirement', pins],
    }),
  };
}

type Variant = Pick<Server, 'name' | 'title' | 'readyPath'> & {
  readonly how: string;
  readonly module: string;
  readonly arguments?: (port: number) => readonly string[];
  readonly environment?: (port: number) => Readonly<Record<string, string>>;
};

function pythonRival({ how, module, arguments: words, environment, ...variant }: Variant): Server {
  const rival = rivalFolder(variant.name);
  return {
    ...variant,
    get note() {
      const version = new RegExp(`^${variant.name}==(.+)$`, 'm').exec(pinsOf(rival))?.[1];
      return `${variant.name} ${version ?? 'of an unknown version'}, ${how}, on Python`;
    },
    keepsMessages: true,
    durable: false,
    lacks: ['move tasks', 'encryption'],
    prepare: () => installRival(rival),
    command: (port): Command => ({
      program: python,
      arguments: ['-m', module, ...(words?.(port) ?? [])],
      environment: { PYTHONPATH: installedFolder(rival), ...environment?.(port) },
    }),
  };
}

/** It ends each connection after one answer, and has no switch for the line that it logs per request. */
export const moto = pythonRival({
  name: 'moto',
  title: 'moto server',
  how: 'everything in memory; it takes a new connection for each request, and logs each',
  readyPath: '/moto-api/',
  module: 'moto.server',
  arguments: (port) => ['-H', '127.0.0.1', '-p', String(port)],
});

export const ministack = pythonRival({
  name: 'ministack',
  title: 'MiniStack',
  how: 'everything in memory, logging warnings only (its own switch)',
  readyPath: '/health',
  module: 'ministack',
  environment: (port) => ({ GATEWAY_PORT: String(port), BIND_HOST: '127.0.0.1', LOG_LEVEL: 'WARNING' }),
});
