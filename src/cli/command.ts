/** A command that talks to a running server: its words and flags, its help, and what happens when it fails. */
import { Client, RequestFailed, type Target } from './client.ts';
import type { CommandIo } from './commandIo.ts';
import type { CompactStore } from './compact.ts';
import { readCredentials, signingRegion } from './credentials.ts';
import { exitCodes } from './failure.ts';
import type { RotateMaster } from './kms.ts';
import { accountIdRule, regionRule, urlRule } from './rules.ts';
import { type Setting, SettingsError, text, toggle } from './setting.ts';
import { describeFlags, type Given, readArguments, settingValue, variableName } from './sources.ts';

export type FlagTable = Readonly<Record<string, Setting<unknown>>>;

export type FlagValues<Flags extends FlagTable> = { readonly [Name in keyof Flags]: Flags[Name]['default'] };

/** What a command says of itself. */
export interface CommandText {
  readonly name: string;
  /** What follows the name, as the help writes it: `<queue>`, or `[body]` for what may be left out. */
  readonly words: readonly string[];
  readonly summary: string;
  readonly flags: FlagTable;
  /** The end of the help text: what needs saying beyond the flags. */
  readonly notes?: string;
}

export interface Command<Flags extends FlagTable> extends CommandText {
  readonly flags: Flags;
  readonly run: (given: CommandInput<Flags>) => Promise<number>;
}

export interface CommandInput<Flags extends FlagTable> {
  readonly words: readonly string[];
  readonly flags: FlagValues<Flags> & { readonly json: boolean };
  readonly client: Client;
  readonly io: CommandIo;
}

export interface CommandCall {
  /** What follows the name of the command. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly io: CommandIo;
  /** For those that work on a data directory. */
  readonly loadRotateMaster?: () => Promise<RotateMaster>;
  readonly loadCompactStore?: () => Promise<CompactStore>;
}

const sharedFlags = {
  endpoint: text('<url>', 'http://127.0.0.1:4566', urlRule('http://127.0.0.1:4566'), 'where the server is'),
  region: text('<region>', undefined, regionRule, 'region of the queues; without it, the default of the server'),
  accountId: text(
    '<12 digits>',
    undefined,
    accountIdRule,
    'account of the queues; without it, the default of the server',
  ),
  json: toggle('print JSON, for programs'),
} satisfies FlagTable;

/** These may be variables, too; what else a command does is said where it is called. */
const fromEnvironment = ['endpoint', 'region', 'accountId'] as const;

/** Resolves to the exit code. */
export async function runCommand<Flags extends FlagTable>(command: Command<Flags>, call: CommandCall): Promise<number> {
  const { io, argv } = call;
  const beforeWords = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv;
  if (beforeWords.includes('--help') || beforeWords.includes('-h')) {
    io.print(helpOf(command));
    return exitCodes.ok;
  }
  try {
    const { words, flags } = readInput(command, call);
    const client = new Client(targetOf(flags, call.env), io);
    return await command.run({ words, flags, client, io });
  } catch (error) {
    if (!(error instanceof SettingsError || error instanceof RequestFailed)) throw error;
    io.printError(error.message);
    return error.exitCode;
  }
}

function targetOf({ endpoint, region, accountId }: FlagValues<typeof sharedFlags>, env: CommandCall['env']): Target {
  const credentials = readCredentials(env);
  if (credentials === undefined) return { endpoint, region, accountId, credentials };
  // A key that is an account's number stands for that account, where signatures are not verified.
  const account = /^\d{12}$/.test(credentials.accessKeyId) ? credentials.accessKeyId : undefined;
  return { endpoint, region: region ?? signingRegion(env), accountId: accountId ?? account, credentials };
}

function readInput<Flags extends FlagTable>(command: Command<Flags>, { argv, env }: CommandCall) {
  const table: FlagTable = { ...command.flags, ...sharedFlags };
  const known = Object.entries(table).map(([name, row]) => ({ name, isSwitch: row.isSwitch === true }));
  const { flags: given, words } = readArguments(argv, known, `posthorn ${command.name}`);
  checkWords(command, words);
  const values = Object.entries(table).map(([name, row]) => {
    const all = given.get(name) ?? variable(name, env);
    if (row.isList) return [name, all.flatMap((each) => settingValue(row, each))];
    return [name, settingValue(row, all.at(-1))];
  });
  // The tables are the type: every row gave a value of its own kind.
  const flags = Object.fromEntries(values) as FlagValues<Flags> & FlagValues<typeof sharedFlags>;
  return { words, flags };
}

function variable(name: string, env: CommandCall['env']): Given[] {
  const label = variableName(name);
  const value = fromEnvironment.some((each) => each === name) ? env[label] : undefined;
  return value === undefined || value === '' ? [] : [{ text: value, label, source: 0 }];
}

function checkWords(command: CommandText, words: readonly string[]): void {
  const missing = command.words[words.length];
  if (missing?.startsWith('<')) throw new SettingsError(`A ${missing} is missing: ${usageOf(command)}`);
  const unexpected = words[command.words.length];
  if (unexpected !== undefined) {
    throw new SettingsError(
      `"${unexpected}" is not expected here: ${usageOf(command)}. Words with spaces need quotes.`,
    );
  }
}

function usageOf({ name, words }: CommandText): string {
  return ['posthorn', name, ...words, '[flags]'].join(' ');
}

function helpOf(command: CommandText): string {
  const { summary, flags, notes } = command;
  const variables = fromEnvironment.map(variableName).join(', ');
  return [
    `Usage: ${usageOf(command)}`,
    `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`,
    describeFlags({ ...flags, ...sharedFlags }),
    ...(notes === undefined ? [] : [notes]),
    `Variables that stand for flags: ${variables}.
Requests are signed with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN) where these are set, for
the region of AWS_REGION or AWS_DEFAULT_REGION unless a flag names another.`,
  ].join('\n\n');
}
