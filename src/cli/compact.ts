/** `posthorn compact`: a smaller file for the same store. Opens the data directory itself, so no server may run on it. */
import type { CommandCall, CommandText } from './command.ts';
import { describeFailure, exitCodes } from './failure.ts';
import { nonEmpty } from './rules.ts';
import { SettingsError, text } from './setting.ts';
import { describeFlags, readArguments, settingValue, variableName } from './sources.ts';

/** What the part of it that knows the store does. */
export type CompactStore = (options: {
  readonly dataDir: string;
}) => Promise<{ readonly bytesBefore: number; readonly bytesAfter: number }>;

const flags = {
  dataDir: text('<folder>', './posthorn-data', nonEmpty, 'folder that everything is stored in'),
};

const usage = 'posthorn compact [flags]';

export const compact: CommandText & { call(call: CommandCall): Promise<number> } = {
  name: 'compact',
  words: [],
  summary: 'give back the disk space that a stopped server no longer needs',
  flags,
  call: async (call) => {
    const { argv, io, loadCompactStore } = call;
    if (argv.includes('--help') || argv.includes('-h')) {
      io.print(help());
      return exitCodes.ok;
    }
    try {
      const dataDir = readInput(call);
      if (loadCompactStore === undefined) throw new Error('assertion failed: the program can open data directories');
      const compactStore = await loadCompactStore();
      const { bytesBefore, bytesAfter } = await compactStore({ dataDir });
      io.print(`The store in ${dataDir} took ${mebibytes(bytesBefore)} and takes ${mebibytes(bytesAfter)}.`);
      return exitCodes.ok;
    } catch (error) {
      // Nothing listens here, so no sentence will name an address.
      const { message, exitCode } = describeFailure(error, { host: '', port: 0 });
      io.printError(message);
      return exitCode;
    }
  },
};

function readInput({ argv, env }: CommandCall): string {
  const { flags: given, words } = readArguments(argv, [{ name: 'dataDir', isSwitch: false }], 'posthorn compact');
  if (words[0] !== undefined) throw new SettingsError(`"${words[0]}" is not expected here: ${usage}`);
  const label = variableName('dataDir');
  const value = env[label];
  const variable = value === undefined || value === '' ? undefined : { text: value, label, source: 0 };
  return settingValue(flags.dataDir, given.get('dataDir')?.at(-1) ?? variable) as string;
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

function help(): string {
  return [
    `Usage: ${usage}`,
    'Rewrites the store without the space that deleted messages have left in its file. Stop the server first.',
    describeFlags(flags),
    'The new file is written beside the present one and then replaces it, so there must be room for what is stored once\nmore. Interrupted or killed at any moment, it leaves the store as it was, or compacted.',
  ].join('\n\n');
}
