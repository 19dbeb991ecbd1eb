/** `posthorn <command>`: chooses the command, and answers --help and --version without loading anything of the server. */
import { exitCodes } from './failure.ts';
import { nearest } from './nearest.ts';
import type { SettingsInput } from './settings.ts';
import type { CommandIo, StartPosthorn } from './start.ts';

export interface CommandLine extends SettingsInput {
  readonly io: CommandIo;
  readonly readVersion: () => string;
  /** Loads the server, which takes most of the time of a start. */
  readonly loadServer: () => Promise<StartPosthorn>;
}

/** Loaded when asked for, so that --version is there at once. */
const commands = new Map<string, () => Promise<Command>>([['start', async () => (await import('./start.ts')).start]]);

type Command = (line: CommandLine) => Promise<number>;

const help = `Usage: posthorn <command> [settings]

  start      run the server until Ctrl-C
  --help     this text
  --version  the version

posthorn start --help lists the settings.`;

/** Resolves to the exit code. */
export async function runCommandLine(line: CommandLine): Promise<number> {
  const { argv, io } = line;
  const [command, ...rest] = argv;
  if (command === '--version') {
    io.print(line.readVersion());
    return exitCodes.ok;
  }
  if (command === '--help' || command === '-h') {
    io.print(help);
    return exitCodes.ok;
  }
  const load = commands.get(command ?? '');
  if (load !== undefined) return (await load())({ ...line, argv: rest });
  const meant = command === undefined ? undefined : nearest(command, [...commands.keys()]);
  const complaint = command === undefined ? '' : `posthorn has no command "${command}".`;
  io.printError([complaint, meant === undefined ? help : `Did you mean posthorn ${meant}?`].join('\n').trim());
  return exitCodes.settings;
}
