import { parseArgs } from 'node:util';
import { defaultDataFolder } from './folders.ts';
import type { Timing } from './scenarios/scenario.ts';
import { defaultPosthornCommand } from './servers/posthorn.ts';

export type Arguments = {
  /** Undefined stands for all of them. */
  readonly scenarios: readonly string[] | undefined;
  readonly servers: readonly string[] | undefined;
  /** Of the matrix; undefined stands for all of them. */
  readonly rows: readonly string[] | undefined;
  readonly rounds: number;
  readonly timing: Timing;
  /** Undefined stands for each backlog's own size. */
  readonly messages: number | undefined;
  readonly generators: number;
  readonly posthorn: string;
  /** Undefined leaves it to Posthorn. */
  readonly posthornThreads: number | undefined;
  readonly dataFolder: string;
  /** Names the result files; undefined where a part of the run was left out or cut short, and no name was given. */
  readonly out: string | undefined;
  /** A result whose charts are drawn again, instead of measuring anything. */
  readonly redraw: string | undefined;
};

export const usage = `npm run bench -- [options]

  --scenario NAMES   separated by commas; all by default
  --servers NAMES    separated by commas; those of another language only if named, like elasticmq-memory
  --rows WORDS       rows of the matrix: names (send-64), operations (drain) or connections (512); all by default
  --rounds N         rounds, interleaved over the servers (3)
  --seconds N        measured time of each run (2.5)
  --warm-up N        seconds of load before what is measured (1.5)
  --messages N       size of a backlog (5000000; fifo-backlog: 1000000)
  --generators N     load generator processes (1)
  --quick            a smoke check: 1 round, short runs, a small backlog
  --posthorn CMD     how Posthorn is started, without --port and --data-dir (${defaultPosthornCommand})
  --posthorn-threads N  starts it with --threads N; the scenario \`threads\` has its own numbers
  --data-dir DIR     where the servers' folders are created and removed again (bench/data)
  --out NAME         writes results/NAME.md, .json and .svg (latest, or local/latest for a part of it all)
  --redraw FILE      draws the charts of a result's JSON again, and ends
  --help             this text
`;

const options = {
  scenario: { type: 'string' },
  servers: { type: 'string' },
  rows: { type: 'string' },
  rounds: { type: 'string' },
  seconds: { type: 'string' },
  'warm-up': { type: 'string' },
  messages: { type: 'string' },
  generators: { type: 'string' },
  quick: { type: 'boolean' },
  posthorn: { type: 'string' },
  'posthorn-threads': { type: 'string' },
  'data-dir': { type: 'string' },
  out: { type: 'string' },
  redraw: { type: 'string' },
  help: { type: 'boolean' },
} as const;

export function readArguments(words: readonly string[]): Arguments | 'help' {
  const { values } = parseArgs({ args: [...words], options });
  if (values.help === true) return 'help';
  const quick = values.quick === true;
  const threads = values['posthorn-threads'];
  const isWhole = !quick && [values.scenario, values.servers, values.rows].every((one) => one === undefined);
  const seconds = positive('seconds', values.seconds, quick ? 0.6 : 2.5);
  return {
    scenarios: values.scenario?.split(','),
    servers: values.servers?.split(','),
    rows: values.rows?.split(','),
    rounds: positive('rounds', values.rounds, quick ? 1 : 3),
    timing: { seconds, warmUpSeconds: positive('warm-up', values['warm-up'], quick ? 0.4 : 1.5) },
    messages: quick || values.messages !== undefined ? positive('messages', values.messages, 100_000) : undefined,
    generators: positive('generators', values.generators, 1),
    posthorn: values.posthorn ?? defaultPosthornCommand,
    posthornThreads: threads === undefined ? undefined : positive('posthorn-threads', threads, 1),
    dataFolder: values['data-dir'] ?? defaultDataFolder,
    out: values.out ?? (isWhole ? 'latest' : undefined),
    redraw: values.redraw,
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
