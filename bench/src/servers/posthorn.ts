import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { repositoryFolder } from '../folders.ts';
import type { Server } from './server.ts';

export const defaultPosthornCommand = 'node dist/main.js start';

/** The command is split at spaces and runs in the repository; `node` means the Node.js that runs the bench. */
export function posthorn(command: string): Server {
  const [first = '', ...rest] = command.split(' ').filter((word) => word !== '');
  return {
    name: 'posthorn',
    title: 'Posthorn',
    note: `this checkout, durable, started by \`${command.replaceAll(repositoryFolder, '.')}\` on Node.js ${process.version}`,
    keepsMessages: true,
    durable: true,
    readyPath: '/_posthorn/health',
    prepare: async () => {
      const script = rest.find((word) => !word.startsWith('-'));
      if (first !== 'node' || script === undefined || existsSync(resolve(repositoryFolder, script))) return;
      throw new Error(`${script} does not exist: build Posthorn first`);
    },
    command: (port, dataFolder) => ({
      program: first === 'node' ? process.execPath : first,
      arguments: [...rest, '--port', String(port), '--data-dir', dataFolder],
    }),
  };
}
