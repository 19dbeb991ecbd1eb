/**
 * `posthorn start`: runs the server until a signal stops it. The server itself is handed in, because the command line
 * knows nothing of what it starts.
 *
 * starting -> running -> (first signal) stopping -> stopped; a second signal ends the process wherever it is.
 */
import type { ProcessIo } from './commandIo.ts';
import type { CommandLine } from './commandLine.ts';
import type { SeedQueue } from './configFile.ts';
import { describeFailure, exitCodes } from './failure.ts';
import { greeting, type RootKey } from './greeting.ts';
import { SettingsError } from './setting.ts';
import { describeSettings, loadSettings, type Settings } from './settings.ts';

/** The settings as the server takes them; what is undefined is left out. */
export interface StartOptions {
  readonly port: number;
  readonly host: string;
  readonly dataDir: string;
  readonly memory: boolean;
  readonly publicUrl?: string;
  readonly region: string;
  readonly accountId: string;
  readonly logLevel: Settings['logLevel'];
  readonly auth: Settings['auth'];
  readonly rootAccessKeyId?: string;
  readonly rootSecretAccessKey?: string;
  readonly accounts: readonly string[];
  readonly authDebug: boolean;
  readonly managedEncryption?: 'default' | 'explicit';
  readonly auditDir?: string;
  readonly auditMaxBytes?: number;
  readonly auditMaxFiles?: number;
  readonly auditDataEvents: boolean;
  readonly masterKey?: string;
  readonly masterKeyFile?: string;
  readonly strictTiming: boolean;
  readonly enforceQuotas: boolean;
  readonly smtpUrl?: string;
  readonly emailFrom?: string;
  readonly smsGatewayUrl?: string;
  readonly fcmUrl?: string;
  readonly apnsUrl?: string;
  readonly apnsSandboxUrl?: string;
  readonly admUrl?: string;
  readonly smsSandbox: boolean;
  readonly production: boolean;
  readonly allowedHosts: readonly string[];
  readonly allowUnauthenticatedNetwork: boolean;
  readonly queues: readonly SeedQueue[];
}

export type StartPosthorn = (options: StartOptions) => Promise<RunningServer>;

export interface RunningServer {
  /** `http://host:port`, as a client on this machine reaches it. */
  readonly endpoint: string;
  /** If this start made it: nobody can ask for it again. */
  readonly rootKey?: RootKey;
  /** Those of other accounts. */
  readonly otherRootKeys?: readonly RootKey[];
  /** Resolves with the reason if the server can't go on by itself, and has to be closed. */
  readonly failed?: Promise<Error>;
  close(): Promise<void>;
}

/**
 * One Ctrl-C can arrive twice within milliseconds: from the terminal, and again from the npm that it reached as well.
 */
const sameSignalMilliseconds = 300;

/** The command: `line.argv` is what follows `start`. Resolves to the exit code. */
export async function start(line: CommandLine): Promise<number> {
  const { argv, io } = line;
  if (argv.includes('--help') || argv.includes('-h')) {
    io.print(startHelp());
    return exitCodes.ok;
  }
  try {
    const settings = await loadSettings(line);
    return await runStart(settings, await line.loadServer(), io);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    io.printError(error.message);
    return error.exitCode;
  }
}

/** Resolves to the exit code, once the server has stopped or could not start. */
export async function runStart(settings: Settings, startPosthorn: StartPosthorn, io: ProcessIo): Promise<number> {
  let announceStop: () => void = () => undefined;
  const stopAsked = new Promise<void>((asked) => {
    announceStop = asked;
  });
  let firstSignalAt: number | undefined;
  const forgetSignals = io.onStopSignal(() => {
    if (firstSignalAt === undefined) {
      firstSignalAt = io.now();
      announceStop();
    } else if (io.now() - firstSignalAt > sameSignalMilliseconds) {
      io.exit(exitCodes.interrupted);
    }
  });
  try {
    const server = await startPosthorn(optionsOf(settings));
    // A key that is shown once is shown even to someone who has lost patience.
    const { rootKey, otherRootKeys = [] } = server;
    const hasKeys = rootKey !== undefined || otherRootKeys.length > 0;
    if (firstSignalAt === undefined || hasKeys) io.print(greeting(settings, server, io.platform));
    const failure = await Promise.race(server.failed === undefined ? [stopAsked] : [stopAsked, server.failed]);
    await server.close();
    if (failure instanceof Error) throw failure;
    return 0;
  } catch (error) {
    const { message, exitCode } = describeFailure(error, settings);
    io.printError(message);
    return exitCode;
  } finally {
    forgetSignals();
  }
}

function optionsOf({ config: _config, ...settings }: Settings): StartOptions {
  return withoutUndefined(settings);
}

type WithoutUndefined<T> = {
  [Name in keyof T as undefined extends T[Name] ? never : Name]: T[Name];
} & {
  [Name in keyof T as undefined extends T[Name] ? Name : never]?: Exclude<T[Name], undefined>;
};

function withoutUndefined<T extends object>(given: T): WithoutUndefined<T> {
  // TypeScript doesn't follow a filter of members.
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as WithoutUndefined<T>;
}

function startHelp(): string {
  return `Usage: posthorn start [settings]

${describeSettings()}

Each can also be an environment variable (--data-dir is POSTHORN_DATA_DIR) or a line of the configuration file
(data-dir: ./posthorn-data). Flags win over variables, variables over the file. The file may list queues to create:

  queues:
    - name: orders
      attributes: { VisibilityTimeout: 60 }`;
}
