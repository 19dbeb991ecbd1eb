/**
 * The settings of `posthorn start`: one table, from which the flags, the environment variables, the keys of the
 * configuration file and the help text are all derived. A name is written once, as the program uses it (`dataDir`), and
 * shown as `--data-dir`, `POSTHORN_DATA_DIR` and `data-dir:`.
 */
import { isLoopback } from '#std/loopback';
import { readConfigFile, type SeedQueue } from './configFile.ts';
import { accountIdRule, hosts, loginUrlRule, nonEmpty, regionRule, urlRule } from './rules.ts';
import { oneOf, type Setting, SettingsError, text, toggle, wholeNumber } from './setting.ts';
import {
  describeFlags,
  flagName,
  type Given,
  keyName,
  readEnvironment,
  readFlags,
  settingValue,
  variableName,
} from './sources.ts';

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug'] as const;

const table = {
  port: wholeNumber('<port>', 4566, { min: 0, max: 65_535 }, 'port to listen on; 0 takes any free one'),
  host: text('<address>', '127.0.0.1', nonEmpty, 'address to listen on'),
  dataDir: text('<folder>', './posthorn-data', nonEmpty, 'folder that everything is stored in'),
  memory: toggle('store nothing: everything is lost when the server stops'),
  publicUrl: text(
    '<url>',
    undefined,
    urlRule('https://queues.example.com'),
    'what queue URLs begin with; without it, the address that the client used',
  ),
  region: text('<region>', 'us-east-1', regionRule, 'region of requests that name none'),
  accountId: text('<12 digits>', '000000000000', accountIdRule, 'account of requests whose access key names none'),
  logLevel: oneOf(logLevels, 'info', 'least important messages to log'),
  strictTiming: toggle('make purges, and names of deleted queues, wait for 60 seconds, as AWS does'),
  enforceQuotas: toggle('throttle FIFO queues at the rates of AWS'),
  smtpUrl: text(
    '<url>',
    undefined,
    loginUrlRule(['smtp:', 'smtps:'], 'smtp://user:password@mail.example.com:587'),
    "relay for SNS's e-mails; without it they go to the outbox",
  ),
  emailFrom: text('<address>', undefined, nonEmpty, "sender of SNS's e-mails"),
  smsGatewayUrl: text(
    '<url>',
    undefined,
    loginUrlRule(['http:', 'https:'], 'https://sms.example.com/send'),
    'what SMS are posted to; without it they go to the outbox',
  ),
  fcmUrl: pushService('https://fcm.googleapis.com', 'pushes to Android devices'),
  apnsUrl: pushService('https://api.push.apple.com', "pushes to Apple's devices"),
  apnsSandboxUrl: pushService('https://api.sandbox.push.apple.com', 'pushes of sandbox applications'),
  admUrl: pushService('https://api.amazon.com', "pushes to Amazon's devices"),
  smsSandbox: toggle('send SMS to verified numbers only, as AWS does with new accounts'),
  production: toggle('keep deliveries from addresses that are not on the public internet'),
  allowedHosts: hosts('<list>', 'hosts and networks that deliveries reach in production all the same'),
  allowUnauthenticatedNetwork: toggle('listen beyond this machine although signatures are not checked'),
  config: text('<file>', undefined, nonEmpty, 'YAML file with these settings, and with queues to create'),
} satisfies Record<string, Setting<unknown>>;

/** Pushes need to be told where to, so that nobody's test wakes a telephone. */
function pushService(example: string, what: string): Setting<string | undefined> {
  return text(
    '<url>',
    undefined,
    urlRule(example),
    `service for ${what}, ${example}; without it they go to the outbox`,
  );
}

type Table = typeof table;
type SettingName = keyof Table;

export type Settings = { readonly [Name in SettingName]: Table[Name]['default'] } & {
  /** Queues of the configuration file, to exist once the server has started. */
  readonly queues: readonly SeedQueue[];
};

export interface SettingsInput {
  /** What follows `posthorn start`. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readFile: (path: string) => Promise<string>;
}

const rows = Object.entries<Setting<unknown>>(table);
const knownSettings = rows.map(([name, row]) => ({ name, isSwitch: row.isSwitch === true }));

/** Flags win over the environment, the environment over the configuration file, the file over the defaults. */
export async function loadSettings(input: SettingsInput): Promise<Settings> {
  const given = new Map<string, Given>([
    ...readEnvironment(input.env, knownSettings),
    ...readFlags(input.argv, knownSettings),
  ]);
  let queues: readonly SeedQueue[] = [];
  const configFile = given.get('config');
  if (configFile !== undefined) {
    const file = await readConfigFile(configFile, input.readFile, {
      keys: knownSettings.map(({ name }) => name).filter((name) => name !== 'config'),
      rules: { accountId: accountIdRule, region: regionRule },
    });
    queues = file.queues;
    for (const [name, value] of file.settings) if (!given.has(name)) given.set(name, value);
  }
  const parsed = Object.fromEntries(rows.map(([name, row]) => [name, settingValue(row, given.get(name))]));
  // The table is the type: every row gave a value of its own kind.
  const settings = { ...(parsed as Omit<Settings, 'queues'>), queues };
  refuseOpenNetwork(settings);
  return { ...settings, memory: choosesMemory(settings, given) };
}

/** The settings as the help text lists them. */
export function describeSettings(): string {
  return describeFlags(table);
}

/** A folder and no folder: the stronger source wins, so that `--memory` can be tried on an existing configuration. */
function choosesMemory({ memory }: Settings, given: ReadonlyMap<string, Given>): boolean {
  const folder = given.get('dataDir');
  const choice = given.get('memory');
  if (!memory || folder === undefined || choice === undefined) return memory;
  if (folder.source === choice.source) {
    throw new SettingsError(
      `${choice.label} stores nothing, but ${folder.label} says where to store. Give one of them.`,
    );
  }
  return choice.source > folder.source;
}

function refuseOpenNetwork({ host, allowUnauthenticatedNetwork }: Settings): void {
  if (allowUnauthenticatedNetwork || isLoopback(host)) return;
  const name = 'allowUnauthenticatedNetwork';
  throw new SettingsError(
    `Listening on ${host} lets everyone who can reach this machine read, send and delete every message, because ` +
      `signatures are not checked. If that is what you want, add ${flagName(name)} (or ${variableName(name)}=true, or ` +
      `${keyName(name)}: true in the configuration file); if not, leave the host at 127.0.0.1.`,
  );
}
