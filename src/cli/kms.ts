/** `posthorn kms rotate-master`: another master key. Opens the data directory itself, so no server may run on it. */
import type { CommandCall, CommandText } from './command.ts';
import { describeFailure, exitCodes } from './failure.ts';
import { nonEmpty } from './rules.ts';
import { SettingsError, text } from './setting.ts';
import { describeFlags, type Given, readArguments, settingValue, variableName } from './sources.ts';

/** What the server's part of it is told. */
export interface RotateMasterOptions {
  readonly dataDir: string;
  readonly masterKey?: string;
  readonly masterKeyFile?: string;
  readonly newMasterKey?: string;
}

export type RotateMaster = (options: RotateMasterOptions) => Promise<void>;

const flags = {
  dataDir: text('<folder>', './posthorn-data', nonEmpty, 'folder that everything is stored in'),
  masterKeyFile: text('<file>', undefined, nonEmpty, 'file with the master key; without it, master.key in that folder'),
};

const usage = 'posthorn kms rotate-master [flags]';

export const kms: CommandText & { call(call: CommandCall): Promise<number> } = {
  name: 'kms',
  words: ['rotate-master'],
  summary: 'replace the master key that protects all secrets',
  flags,
  call: async (call) => {
    const { argv, io } = call;
    if (argv.includes('--help') || argv.includes('-h')) {
      io.print(help());
      return exitCodes.ok;
    }
    try {
      io.print(await rotate(call));
      return exitCodes.ok;
    } catch (error) {
      // Nothing listens here, so no sentence will name an address.
      const { message, exitCode } = describeFailure(error, { host: '', port: 0 });
      io.printError(message);
      return exitCode;
    }
  },
};

async function rotate(call: CommandCall): Promise<string> {
  const { loadRotateMaster, env } = call;
  const { dataDir, masterKeyFile } = readInput(call);
  const secret = (name: string) => (env[name] === undefined || env[name] === '' ? undefined : env[name]);
  const [masterKey, newMasterKey] = [secret('POSTHORN_MASTER_KEY'), secret('POSTHORN_NEW_MASTER_KEY')];
  if (loadRotateMaster === undefined) throw new Error('assertion failed: the program can open data directories');
  const rotateMaster = await loadRotateMaster();
  await rotateMaster({
    dataDir,
    ...(masterKey !== undefined && { masterKey }),
    ...(masterKeyFile !== undefined && { masterKeyFile }),
    ...(newMasterKey !== undefined && { newMasterKey }),
  });
  const file = masterKeyFile ?? `${dataDir}/master.key`;
  if (newMasterKey === undefined)
    return `${file} holds a new master key. Backups of the old one open backups of before only.`;
  const rest = masterKey === undefined ? ` What is in ${file} is not needed any more.` : '';
  return `The master key is now the one in POSTHORN_NEW_MASTER_KEY: start the server with it as POSTHORN_MASTER_KEY.${rest}`;
}

function readInput({ argv, env }: CommandCall): { dataDir: string; masterKeyFile: string | undefined } {
  const known = Object.keys(flags).map((name) => ({ name, isSwitch: false }));
  const { flags: given, words } = readArguments(argv, known, 'posthorn kms');
  if (words[0] !== 'rotate-master' || words.length > 1) {
    throw new SettingsError(`posthorn kms has one word, rotate-master: ${usage}`);
  }
  const settingOf = (name: keyof typeof flags) =>
    settingValue(flags[name], given.get(name)?.at(-1) ?? variable(name, env)) as string | undefined;
  return { dataDir: settingOf('dataDir') ?? flags.dataDir.default, masterKeyFile: settingOf('masterKeyFile') };
}

function variable(name: string, env: CommandCall['env']): Given | undefined {
  const label = variableName(name);
  const value = env[label];
  return value === undefined || value === '' ? undefined : { text: value, label, source: 0 };
}

function help(): string {
  return [
    `Usage: ${usage}`,
    'Replaces the master key. Nothing else is rewritten, so it takes no longer with many secrets. Stop the server first.',
    describeFlags(flags),
    'The old key is POSTHORN_MASTER_KEY, if that is set, or in the file. A new one is made and written to the file;\nwhere the key is in no file, POSTHORN_NEW_MASTER_KEY is the new one ("openssl rand -base64 32" makes one).',
  ].join('\n\n');
}
