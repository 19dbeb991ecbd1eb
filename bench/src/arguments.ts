import { parseArgs } from 'node:util';
import { defaultDataFolder } from './folders.ts';
import type { Timing } from './scenarios/scenario.ts';
import { defaultPosthornCommand } from './servers/posthorn.ts';

export type Arguments = {
  /** Undefined stands for all of them. */
  readonly scenarios: readonly string[] | undefined;
  readonly servers: readonly string[] | undefined;
  readonly rounds: number;
  readonly timing: Timing;
  /** Undefined stands for each backlog's own size. */
  readonly messages: number | undefined;
  readonly generators: number;
  readonly posthorn: string;
  readonly dataFolder: string;
  /** Nothing was left out or cut short. */
  readonly whole: boolean;
};

export const usage = `npm run bench -- [options]

  --scenario NAMES   separated by commas; all by default
  --servers NAMES    separated by commas; all by default
  --rounds N         rounds, interleaved over the servers (3)
  --seconds N        measured time of each run (2.5)
  --messages N       size of a backlog (5000000; fifo-backlog: 1000000)
  --generators N     load generator processes (1)
  --quick            a smoke check: 1 round, short runs, a small backlog
  --posthorn CMD     how Posthorn is started, without --port and --data-dir (${defaultPosthornCommand})
  --data-dir DIR     where the servers' folders are created and removed again (bench/data)
  --help             this text
`;

const options = {
  scenario: { type: 'string' },
  servers: { type: 'string' },
  rounds: { type: 'string' },
  seconds: { type: 'string' },
  messages: { type: 'string' },
  generators: { type: 'string' },
  quick: { type: 'boolean' },
  posthorn: { type: 'string' },
  'data-dir': { type: 'string' },
  help: { type: 'boolean' },
} as const;

export function readArguments(words: readonly string[]): Arguments | 'help' {
  const { values } = parseArgs({ args: [...words], options });
  if (values.help === true) return 'help';
  const quick = values.quick === true;
  const seconds = positive('seconds', values.seconds, quick ? 0.6 : 2.5);
  return {
    scenarios: values.scenario?.split(','),
    servers: values.servers?.split(','),
    rounds: positive('rounds', values.rounds, quick ? 1 : 3),
    timing: { seconds, warmUpSeconds: quick ? 0.4 : 1.5 },
    messages: quick || values.messages !== undefined ? positive('messages', values.messages, 100_000) : undefined,
    generators: positive('generators', values.generators, 1),
    posthorn: values.posthorn ?? defaultPosthornCommand,
    dataFolder: values['data-dir'] ?? defaultDataFolder,
    whole: !quick && values.scenario === undefined && values.servers === undefined,
  };
}

function positive(name: string, text: string | undefined, otherwise: number): number {
  const value = text === undefined ? otherwise : Number(text);
  if (!(value > 0)) throw new Error(`--${name} takes a number above zero, not ${text}`);
  return value;
}

/** Those of `all` that were asked for, in their own order; an unknown name is an error, not an empty run. */
export function chosen<Named extends { readonly name: string }>(
  all: readonly Named[],
  names: readonly string[] | undefined,
): Named[] {
  const unknown = names?.find((name) => !all.some((one) => one.name === name));
  if (unknown !== undefined) throw new Error(`no ${unknown}; there are ${all.map((one) => one.name).join(', ')}`);
  return all.filter((one) => names === undefined || names.includes(one.name));
}
