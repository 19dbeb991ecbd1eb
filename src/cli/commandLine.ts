/** `posthorn <command>`: chooses the command, and answers --help and --version without loading anything of the server. */
import type { CommandIo } from './commandIo.ts';
import type { CompactStore } from './compact.ts';
import { exitCodes } from './failure.ts';
import type { RotateMaster } from './kms.ts';
import { nearest } from './nearest.ts';
import type { SettingsInput } from './settings.ts';
import type { StartPosthorn } from './start.ts';

export interface CommandLine extends SettingsInput {
  readonly io: CommandIo;
  readonly readVersion: () => string;
  /** Loads the server, which takes most of the time of a start. */
  readonly loadServer: () => Promise<StartPosthorn>;
  /** Loads what opens a data directory without a server. */
  readonly loadRotateMaster?: () => Promise<RotateMaster>;
  readonly loadCompactStore?: () => Promise<CompactStore>;
}

/** Resolves to the exit code. Commands are loaded when asked for, so that --version is there at once. */
export async function runCommandLine(line: CommandLine): Promise<number> {
  const { argv, io } = line;
  const [name, ...rest] = argv;
  if (name === '--version') {
    io.print(line.readVersion());
    return exitCodes.ok;
  }
  if (name === 'start') return (await import('./start.ts')).start({ ...line, argv: rest });
  const { commands } = await import('./commands.ts');
  const command = commands.find((each) => each.name === name);
  if (command !== undefined) return command.call({ ...line, argv: rest });
  const help = helpOf(commands);
  if (name === '--help' || name === '-h') {
    io.print(help);
    return exitCodes.ok;
  }
  const meant = name && nearest(name, ['start', ...commands.map((each) => each.name)]);
  const complaint = name === undefined ? '' : `posthorn has no command "${name}".`;
  io.printError([complaint, meant === undefined ? help : `Did you mean posthorn ${meant}?`].join('\n').trim());
  return exitCodes.settings;
}

function helpOf(commands: readonly { readonly name: string; readonly summary: string }[]): string {
  const lines = [
    ['start', 'run the server until Ctrl-C'],
    ...commands.map(({ name, summary }) => [name, summary]),
    ['--help', 'this text'],
    ['--version', 'the version'],
  ].map(([name = '', what]) => `  ${name.padEnd(9)}  ${what}`);
  return `Usage: posthorn <command> [settings]

${lines.join('\n')}

posthorn <command> --help says more about each. All but start, cert, kms and compact talk to a server that runs.`;
}
