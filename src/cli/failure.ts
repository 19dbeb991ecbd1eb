/** The sentence and the exit code for a server that could not start, or not stop in order. */
import type { Settings } from './settings.ts';

export const exitCodes = {
  ok: 0,
  other: 1,
  settings: 2,
  listen: 3,
  dataDirectory: 4,
  /** Of the commands that talk to a server: there is none. */
  unreachable: 5,
  /** The server said no. */
  refused: 6,
  /** The server can't go on: a process that owned queues has died. */
  ownerLost: 70,
  interrupted: 130,
} as const;

export interface Failure {
  readonly message: string;
  readonly exitCode: number;
}

type Endpoint = Pick<Settings, 'host' | 'port'>;

export function describeFailure(error: unknown, { host, port }: Endpoint): Failure {
  if (!(error instanceof Error)) return { message: String(error), exitCode: exitCodes.other };
  const code = 'code' in error ? error.code : undefined;
  const during = 'syscall' in error ? error.syscall : undefined;
  if ('exitCode' in error && typeof error.exitCode === 'number') {
    return { message: error.message, exitCode: error.exitCode };
  }
  // By its name: the class belongs to the storage, which the command line does not know.
  if (error.name === 'StoreUnusable') return { message: error.message, exitCode: exitCodes.dataDirectory };
  if (code === 'EADDRINUSE') {
    const advice = 'Stop the program that uses it, or choose another port with --port (0 takes any free one).';
    return { message: `Port ${port} on ${host} is in use. ${advice}`, exitCode: exitCodes.listen };
  }
  if (code === 'EACCES' && during === 'listen') {
    const message = `This user may not listen on port ${port}. Choose one from 1024 on with --port.`;
    return { message, exitCode: exitCodes.listen };
  }
  if (code === 'EADDRNOTAVAIL' || during === 'getaddrinfo') {
    const message = `${host} is not an address of this machine. Give one that is with --host.`;
    return { message, exitCode: exitCodes.listen };
  }
  // Nothing that was foreseen: the stack is for the report.
  return { message: error.stack ?? error.message, exitCode: exitCodes.other };
}
