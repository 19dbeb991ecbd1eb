import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { repositoryFolder } from '../folders.ts';
import { exampleKey } from '../load/signing.ts';
import type { Server } from './server.ts';

export const defaultPosthornCommand = 'node --max-semi-space-size=64 dist/main.js start';

export function withThreads(command: string, threads: number): string {
  return `${command} --threads ${threads}`;
}

/** Posthorn by another name, for rows that compare it with itself. */
export function posthornWithThreads(command: string, threads: number): Server {
  return {
    ...posthorn(withThreads(command, threads)),
    name: `posthorn-threads-${threads}`,
    title: `Posthorn, --threads ${threads}`,
  };
}

/** The same with its queues spread over so many processes. */
export function posthornWithOwners(command: string, threads: number, owners: number): Server {
  return {
    ...posthorn(`${withThreads(command, threads)} --owners ${owners}`),
    name: `posthorn-owners-${owners}`,
    title: `Posthorn, --threads ${threads} --owners ${owners}`,
  };
}

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

/** The same, with every signature verified and policies deciding; its clients are the root of the account. */
export function posthornEnforced(command: string): Server {
  const plain = posthorn(command);
  return {
    ...plain,
    name: 'posthorn-enforced',
    title: 'Posthorn, signatures enforced',
    note: `the same with \`--auth enforce\`: each request is signed, and verified`,
    checksSignatures: true,
    command: (port, dataFolder) => {
      const { arguments: given, ...rest } = plain.command(port, dataFolder);
      const environment = {
        POSTHORN_ROOT_ACCESS_KEY_ID: exampleKey.accessKeyId,
        POSTHORN_ROOT_SECRET_ACCESS_KEY: exampleKey.secretAccessKey,
      };
      return { ...rest, arguments: [...given, '--auth', 'enforce'], environment };
    },
  };
}
