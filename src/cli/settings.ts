/**
 * The settings of `posthorn start`: one table, from which the flags, the environment variables, the keys of the
 * configuration file and the help text are all derived. A name is written once, as the program uses it (`dataDir`), and
 * shown as `--data-dir`, `POSTHORN_DATA_DIR` and `data-dir:`.
 */
import { isLoopback } from '#std/loopback';
import { readConfigFile, type SeedQueue } from './configFile.ts';
import { issuers } from './issuers.ts';
import { principals } from './principals.ts';
import {
  accessKeyIdRule,
  accountIdRule,
  accountIds,
  hosts,
  loginUrlRule,
  masterKeyRule,
  nonEmpty,
  regionRule,
  secretRule,
  urlRule,
} from './rules.ts';
import { oneOf, optional, type Setting, SettingsError, secret, text, toggle, wholeNumber } from './setting.ts';
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
  auth: oneOf(['off', 'enforce'], 'off', 'enforce: verify signatures, and let policies decide who may do what'),
  rootAccessKeyId: text('<id>', undefined, accessKeyIdRule, "access key id of the account's root; made unless given"),
  rootSecretAccessKey: secret('<secret>', secretRule, 'secret of that key'),
  accounts: accountIds('<list>', 'other accounts, whose roots get keys as well'),
  authDebug: toggle('say in refusals what should have been signed, and why access was denied'),
  masterKey: secret('<base64>', masterKeyRule, 'key that protects the secrets in the store'),
  masterKeyFile: text('<file>', undefined, nonEmpty, 'file with the master key; without it, master.key in the folder'),
  managedEncryption: optional(
    oneOf(['default', 'explicit'], 'explicit', 'whether queues are encrypted that do not say; explicit unless given'),
  ),
  auditDir: text(
    '<folder>',
    undefined,
    nonEmpty,
    'where records of calls go, or off; audit in the data folder unless given',
  ),
  auditMaxBytes: optional(
    wholeNumber('<bytes>', 1, { min: 4096, max: 2 ** 40 }, 'largest file of records; 64 MiB unless given'),
  ),
  auditMaxFiles: atLeastOne('<count>', 'files of records that are kept; 20 unless given'),
  auditDataEvents: toggle('record calls about messages, too'),
  strictTiming: toggle('make purges, and names of deleted queues, wait for 60 seconds, as AWS does'),
  enforceQuotas: toggle('throttle FIFO queues at the rates of AWS, and take 200 filter policies a topic'),
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
  tlsCert: text('<file>', undefined, nonEmpty, 'certificate, with the chain behind it; the port then speaks TLS only'),
  tlsKey: text('<file>', undefined, nonEmpty, 'private key of the certificate'),
  tlsClientCa: text('<file>', undefined, nonEmpty, 'authorities whose client certificates are asked for and believed'),
  tlsClientCertificates: optional(
    oneOf(
      ['required', 'optional'],
      'required',
      'whether clients without a certificate are refused; required unless given',
    ),
  ),
  tlsClientPrincipals: principals('<list>', 'whom client certificates stand for: name=ARN, or fingerprint=ARN'),
  webIdentityIssuers: issuers('<list>', 'who vouches for web identities: https://issuer=audience'),
  tlsMinVersion: optional(oneOf(['1.2', '1.3'], '1.2', 'oldest version of TLS that is spoken; 1.2 unless given')),
  threads: optional(
    wholeNumber(
      '<count>',
      1,
      { min: 1, max: 256 },
      'processes that share the work; 1 unless given, which does all of it',
    ),
  ),
  owners: optional(
    wholeNumber(
      '<count>',
      1,
      { min: 1, max: 256 },
      'processes that queues are spread over; as many as there were, which is 1 at first',
    ),
  ),
  maxConnections: atLeastOne('<count>', 'connections at a time; 10000 unless given'),
  maxConnectionsPerAddress: atLeastOne('<count>', 'connections at a time of one address; all of them unless given'),
  requestsPerSecond: atLeastOne('<count>', 'requests that one access key may make each second'),
  requestsPerSecondPerAddress: atLeastOne('<count>', 'requests that one address may make each second'),
  allowUnauthenticatedNetwork: toggle('listen beyond this machine with auth off: everybody may do everything'),
  config: text('<file>', undefined, nonEmpty, 'YAML file with these settings, and with queues to create'),
} satisfies Record<string, Setting<unknown>>;

/** A limit that is not there, or the default of the server, unless someone sets it. */
function atLeastOne(placeholder: string, description: string): Setting<number | undefined> {
  return optional(wholeNumber(placeholder, 1, { min: 1, max: 1_000_000 }, description));
}

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
const knownSettings = rows.map(([name, row]) => ({
  name,
  isSwitch: row.isSwitch === true,
  isSecret: row.isSecret === true,
}));

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
      maps: ['tlsClientPrincipals', 'webIdentityIssuers'],
      rules: { accountId: accountIdRule, region: regionRule },
    });
    queues = file.queues;
    for (const [name, value] of file.settings) if (!given.has(name)) given.set(name, value);
  }
  const parsed = Object.fromEntries(rows.map(([name, row]) => [name, settingValue(row, given.get(name))]));
  // The table is the type: every row gave a value of its own kind.
  const settings = { ...(parsed as Omit<Settings, 'queues'>), queues };
  refuseOpenNetwork(settings);
  refuseHalfTls(settings, given);
  refuseHalfKeys(settings, given);
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

function refuseOpenNetwork({ host, auth, allowUnauthenticatedNetwork }: Settings): void {
  if (auth === 'enforce' || allowUnauthenticatedNetwork || isLoopback(host)) return;
  const name = 'allowUnauthenticatedNetwork';
  throw new SettingsError(
    `Listening on ${host} lets everyone who can reach this machine read, send and delete every message, because ` +
      `signatures are not verified. Add ${flagName('auth')} enforce to have them verified. If everyone may do ` +
      `everything, add ${flagName(name)} (or ${variableName(name)}=true, or ${keyName(name)}: true in the ` +
      'configuration file); if neither, leave the host at 127.0.0.1.',
  );
}

/** A certificate without a key, or a rule about certificates that nobody shows, would protect nothing in silence. */
function refuseHalfTls(settings: Settings, given: ReadonlyMap<string, Given>): void {
  const needs = [
    ['tlsCert', 'tlsKey'],
    ['tlsKey', 'tlsCert'],
    ['tlsMinVersion', 'tlsCert'],
    ['tlsClientCa', 'tlsCert'],
    ['tlsClientCertificates', 'tlsClientCa'],
    ['tlsClientPrincipals', 'tlsClientCa'],
  ] as const;
  for (const [name, needed] of needs) {
    if (settings[name] === undefined || settings[needed] !== undefined) continue;
    throw new SettingsError(`${given.get(name)?.label ?? flagName(name)} needs ${flagName(needed)} beside it.`);
  }
}

/** Half a key, two master keys, or a root key that nobody is asked for. */
function refuseHalfKeys({ rootAccessKeyId, rootSecretAccessKey }: Settings, given: ReadonlyMap<string, Given>): void {
  const id = given.get('rootAccessKeyId');
  const secretKey = given.get('rootSecretAccessKey');
  if (rootAccessKeyId !== undefined && rootSecretAccessKey === undefined) {
    throw new SettingsError(`${id?.label} needs ${variableName('rootSecretAccessKey')} beside it.`);
  }
  if (rootSecretAccessKey !== undefined && rootAccessKeyId === undefined) {
    throw new SettingsError(`${secretKey?.label} needs ${variableName('rootAccessKeyId')} beside it.`);
  }
  // Who says off in so many words has kept the key for another time.
  if (id !== undefined && given.get('auth') === undefined) {
    throw new SettingsError(`${id.label} protects nothing without ${flagName('auth')} enforce: add that.`);
  }
  const [masterKey, masterKeyFile] = [given.get('masterKey'), given.get('masterKeyFile')];
  if (masterKey === undefined || masterKeyFile === undefined) return;
  throw new SettingsError(`${masterKey.label} and ${masterKeyFile.label} both say what the master key is. Give one.`);
}
