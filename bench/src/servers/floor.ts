import { program } from '../folders.ts';
import type { Server } from './server.ts';

/** What `node:http` alone costs: no server built on it can be faster. */
export const floor: Server = {
  name: 'floor',
  title: 'floor (bare node:http)',
  note: `reads the body and answers fixed bytes: no parsing, no queue, no disk; Node.js ${process.version}`,
  keepsMessages: false,
  durable: false,
  readyPath: '/ready',
  prepare: async () => {},
  command: (port) => ({ program: process.execPath, arguments: [program('servers/floorProcess.js'), String(port)] }),
};
