/** Where settings come from: the command line, the environment (the configuration file has a module of its own). */
import { nearest } from './nearest.ts';
import { SettingsError } from './setting.ts';

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
}

export const fromFile = 1;
const fromEnvironment = 2;
const fromFlag = 3;

const prefix = 'POSTHORN_';

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

/** Reads `--name value`, `--name=value` and, for switches, `--name`. The last one of several counts. */
export function readFlags(argv: readonly string[], known: readonly KnownSetting[]): Map<string, Given> {
  const given = new Map<string, Given>();
  const byFlag = new Map(known.map((setting) => [flagName(setting.name), setting]));
  for (let i = 0; i < argv.length; i += 1) {
    const argument = argv[i] ?? '';
    if (!argument.startsWith('-')) {
      throw new SettingsError(`"${argument}" is not expected here: every setting of posthorn start begins with --.`);
    }
    const [, flag = argument, inline] = /^([^=]+)=(.*)$/s.exec(argument) ?? [];
    const setting = byFlag.get(flag);
    if (setting === undefined)
      throw new SettingsError(unknownName(flag, 'a flag of posthorn start', [...byFlag.keys()]));
    const following = argv[i + 1];
    let text = inline;
    if (text === undefined && setting.isSwitch) {
      text = 'true';
    } else if (text === undefined) {
      if (following === undefined || following.startsWith('--')) {
        throw new SettingsError(`${flag} needs a value after it.`);
      }
      text = following;
      i += 1;
    }
    given.set(setting.name, { text, label: flag, source: fromFlag });
  }
  return given;
}

/** Reads every `POSTHORN_` variable; an empty one counts as not set, as container tools write unset ones. */
export function readEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  known: readonly KnownSetting[],
): Map<string, Given> {
  const given = new Map<string, Given>();
  const byVariable = new Map(known.map(({ name }) => [variableName(name), name]));
  for (const [variable, text] of Object.entries(env)) {
    if (!variable.startsWith(prefix) || text === undefined || text === '' || isServiceLink(variable, text)) continue;
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
