/** Where settings come from: the command line, the environment (the configuration file has a module of its own). */
import { nearest } from './nearest.ts';
import { type Setting, SettingsError } from './setting.ts';

/** A setting as someone wrote it. */
export interface Given {
  readonly text: string;
  /** How a message names the place: `--port`, `POSTHORN_PORT`, `posthorn.yaml, line 3: port`. */
  readonly label: string;
  /** The larger one wins. */
  readonly source: number;
}

export interface KnownSetting {
  readonly name: string;
  readonly isSwitch: boolean;
  readonly isSecret?: boolean;
}

export const fromFile = 1;
const fromEnvironment = 2;
const fromFlag = 3;

const prefix = 'POSTHORN_';

/** What only other commands read. A server that is started beside them is not to stumble over it. */
const commandVariables: ReadonlySet<string> = new Set(['POSTHORN_ENDPOINT', 'POSTHORN_NEW_MASTER_KEY']);

/** `dataDir` is `--data-dir` on the command line, ... */
export function flagName(name: string): string {
  return `--${keyName(name)}`;
}

/** ... `POSTHORN_DATA_DIR` in the environment, ... */
export function variableName(name: string): string {
  return prefix + keyName(name).replaceAll('-', '_').toUpperCase();
}

/** ... and `data-dir` in the configuration file. */
export function keyName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The settings of a server: every argument is a flag. The last one of several counts. */
export function readFlags(argv: readonly string[], known: readonly KnownSetting[]): Map<string, Given> {
  const { flags, words } = readArguments(argv, known, 'posthorn start');
  if (words[0] !== undefined) {
    throw new SettingsError(`"${words[0]}" is not expected here: every setting of posthorn start begins with --.`);
  }
  return new Map([...flags].flatMap(([name, given]) => given.slice(-1).map((last) => [name, last] as const)));
}

export interface Arguments {
  /** By the name of the setting, in the order of the command line. */
  readonly flags: ReadonlyMap<string, readonly Given[]>;
  /** What is no flag. */
  readonly words: readonly string[];
}

/** Reads `--name value`, `--name=value` and, for switches, `--name`. Behind `--` there are words only; `-` is one, too. */
export function readArguments(argv: readonly string[], known: readonly KnownSetting[], command: string): Arguments {
  const flags = new Map<string, Given[]>();
  const words: string[] = [];
  const byFlag = new Map(known.map((setting) => [flagName(setting.name), setting]));
  for (let i = 0; i < argv.length; i += 1) {
    const argument = argv[i] ?? '';
    if (argument === '--') {
      words.push(...argv.slice(i + 1));
      break;
    }
    if (!argument.startsWith('-') || argument === '-') {
      words.push(argument);
      continue;
    }
    const [, flag = argument, inline] = /^([^=]+)=(.*)$/s.exec(argument) ?? [];
    const setting = byFlag.get(flag);
    if (setting === undefined) throw new SettingsError(unknownName(flag, `a flag of ${command}`, [...byFlag.keys()]));
    if (setting.isSecret) throw new SettingsError(refusalOfSecret(setting.name));
    let given = inline;
    if (given === undefined && setting.isSwitch) {
      given = 'true';
    } else if (given === undefined) {
      given = argv[i + 1];
      if (given === undefined || given.startsWith('--')) throw new SettingsError(`${flag} needs a value after it.`);
      i += 1;
    }
    const before = flags.get(setting.name) ?? [];
    flags.set(setting.name, [...before, { text: given, label: flag, source: fromFlag }]);
  }
  return { flags, words };
}

function refusalOfSecret(name: string): string {
  const places = `the variable ${variableName(name)}, or ${keyName(name)}: in the configuration file`;
  return `${flagName(name)} would show its value to everybody who can list the processes of this machine. Use ${places}.`;
}

/** The value of a setting, or its default where nobody gave one. */
export function settingValue(row: Setting<unknown>, given: Given | undefined): unknown {
  if (given === undefined) return row.default;
  const parsed = row.parse(given.text);
  if ('value' in parsed) return parsed.value;
  const found = row.isSecret ? '' : ` is ${JSON.stringify(given.text)}, but`;
  throw new SettingsError(`${given.label}${found} must be ${parsed.allowed}.`);
}

/** A table of settings as help texts list it. */
export function describeFlags(table: Readonly<Record<string, Setting<unknown>>>): string {
  const lines = Object.entries(table).map(([name, { placeholder, description, default: fallback, isSecret }]) => {
    if (isSecret)
      return `  ${variableName(name)}=${placeholder}\n      ${description}; no flag, as others could see it`;
    const flag = placeholder === undefined ? flagName(name) : `${flagName(name)} ${placeholder}`;
    const hasDefault = typeof fallback === 'number' || (typeof fallback === 'string' && fallback !== '');
    return `  ${flag}\n      ${description}${hasDefault ? ` (default: ${fallback})` : ''}`;
  });
  return lines.join('\n');
}

/** Reads every `POSTHORN_` variable of a server; an empty one counts as not set, as container tools write unset ones. */
export function readEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  known: readonly KnownSetting[],
): Map<string, Given> {
  const given = new Map<string, Given>();
  const byVariable = new Map(known.map(({ name }) => [variableName(name), name]));
  for (const [variable, text] of Object.entries(env)) {
    if (!variable.startsWith(prefix) || text === undefined || text === '' || isServiceLink(variable, text)) continue;
    if (commandVariables.has(variable)) continue;
    const name = byVariable.get(variable);
    if (name === undefined) {
      throw new SettingsError(unknownName(variable, 'a variable that Posthorn knows', [...byVariable.keys()]));
    }
    given.set(name, { text, label: variable, source: fromEnvironment });
  }
  return given;
}

/** `--prot is not a flag of posthorn start. Did you mean --port?` */
export function unknownName(typed: string, kind: string, names: readonly string[]): string {
  const meant = nearest(typed, names);
  const advice = meant === undefined ? `Known are ${names.join(', ')}.` : `Did you mean ${meant}?`;
  return `${typed} is not ${kind}. ${advice}`;
}

/**
 * Kubernetes puts the addresses of every service into the environment of every container, so a service that is called
 * `posthorn` sets POSTHORN_PORT=tcp://10.0.0.1:4566 and a dozen more that nobody wrote.
 */
function isServiceLink(variable: string, text: string): boolean {
  if (/^POSTHORN_PORT_\d+_(TCP|UDP)(_|$)/.test(variable) || /^POSTHORN_SERVICE_(HOST|PORT)(_|$)/.test(variable)) {
    return true;
  }
  return variable === 'POSTHORN_PORT' && /^(tcp|udp):\/\//.test(text);
}
