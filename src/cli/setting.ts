/** What one setting is, and how the text of a flag, a variable or a line of the configuration file becomes its value. */

export interface Setting<Value> {
  /** Undefined where there is no value unless someone gives one. */
  readonly default: Value;
  /** One line of the help text; says what it does, not how to write it. */
  readonly description: string;
  /** How the help text shows the value: `<port>`; absent for switches, which need none. */
  readonly placeholder?: string;
  /** A switch may stand on the command line without a value. */
  readonly isSwitch?: true;
  /** It may be given several times; each parses to a list of one, and all of them count. */
  readonly isList?: true;
  /** It is read from a variable or the configuration file alone, and no message shows it. */
  readonly isSecret?: true;
  /** The value of a text, or a sentence's end that says what is allowed: `a whole number from 0 to 65535`. */
  readonly parse: (text: string) => Parsed<Value>;
}

export type Parsed<Value> = { readonly value: Value } | { readonly allowed: string };

/** The text after the description is the same for every setting of a kind, so the kinds are made here. */
export function wholeNumber(
  placeholder: string,
  fallback: number,
  range: { min: number; max: number },
  description: string,
): Setting<number> {
  return {
    default: fallback,
    description,
    placeholder,
    parse: (text) => {
      const value = Number(text);
      if (/^\d+$/.test(text) && value >= range.min && value <= range.max) return { value };
      return { allowed: `a whole number from ${range.min} to ${range.max}` };
    },
  };
}

export function toggle(description: string): Setting<boolean> {
  return {
    default: false,
    description,
    isSwitch: true,
    parse: (text) => {
      if (text === 'true' || text === '1') return { value: true };
      if (text === 'false' || text === '0') return { value: false };
      return { allowed: 'true or false' };
    },
  };
}

export function oneOf<const Choice extends string>(
  choices: readonly Choice[],
  fallback: NoInfer<Choice>,
  description: string,
): Setting<Choice> {
  return {
    default: fallback,
    description,
    placeholder: `<${choices.join('|')}>`,
    parse: (text) => {
      const value = choices.find((choice) => choice === text);
      return value === undefined ? { allowed: `one of ${choices.join(', ')}` } : { value };
    },
  };
}

export interface TextRule {
  /** The end of a sentence: `12 digits`. */
  readonly allowed: string;
  /** The value to use, or undefined for a text that is not allowed. */
  readonly normalize: (text: string) => string | undefined;
}

export function text<Default extends string | undefined>(
  placeholder: string,
  fallback: Default,
  rule: TextRule,
  description: string,
): Setting<string | Default> {
  return {
    default: fallback,
    description,
    placeholder,
    parse: (given) => {
      const value = rule.normalize(given);
      return value === undefined ? { allowed: rule.allowed } : { value };
    },
  };
}

/** The same setting, without a value unless someone gives one. */
export function optional<Value>(setting: Setting<Value>): Setting<Value | undefined> {
  return { ...setting, default: undefined };
}

/** A value that lists of processes must not show. */
export function secret(placeholder: string, rule: TextRule, description: string): Setting<string | undefined> {
  return { ...text(placeholder, undefined, rule, description), isSecret: true };
}

/** A setting that may be given several times. */
export function list(placeholder: string, description: string): Setting<readonly string[]> {
  return { default: [], description, placeholder, isList: true, parse: (given) => ({ value: [given] }) };
}

/** The rule that the whole text matches `pattern`. */
export function matching(pattern: RegExp, allowed: string): TextRule {
  return { allowed, normalize: (given: string) => (pattern.test(given) ? given : undefined) };
}

/** A setting that can't be used. The message is for the person who wrote it, and says what to write instead. */
export class SettingsError extends Error {
  readonly exitCode = 2;

  constructor(message: string) {
    super(message);
    this.name = 'SettingsError';
  }
}
