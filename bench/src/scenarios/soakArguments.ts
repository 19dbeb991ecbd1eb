import { parseArgs } from 'node:util';
import { defaultDataFolder } from '../folders.ts';
import { defaultPosthornCommand } from '../servers/posthorn.ts';

export type SoakArguments = {
  readonly minutes: number;
  /** Undefined leaves it to the server. */
  readonly threads: number | undefined;
  /** Messages per second; undefined stands for 70 % of the peak. */
  readonly rate: number | undefined;
  readonly killEverySeconds: number;
  readonly posthorn: string;
  readonly dataFolder: string;
};

export const soakUsage = `npm run bench -- --scenario soak [options]

  --minutes N      how long (30)
  --threads N      passed on to the server
  --rate N         messages per second; by default 70 % of a peak that is measured first
  --kill-every N   seconds between the kills of edge workers (20)
  --posthorn CMD   how Posthorn is started, without --port and --data-dir (${defaultPosthornCommand})
  --data-dir DIR   where the server's folder is created and removed again (bench/data)
`;

const options = {
  scenario: { type: 'string' },
  minutes: { type: 'string' },
  threads: { type: 'string' },
  rate: { type: 'string' },
  'kill-every': { type: 'string' },
  posthorn: { type: 'string' },
  'data-dir': { type: 'string' },
  help: { type: 'boolean' },
} as const;

/** A soak has a server, a load and a report of its own, so it is not one scenario among others of a run. */
export function asksForSoak(words: readonly string[]): boolean {
  return words.some((word, index) => {
    return word === '--scenario=soak' || (word === 'soak' && words[index - 1] === '--scenario');
  });
}

export function readSoakArguments(words: readonly string[]): SoakArguments | 'help' {
  const { values } = parseArgs({ args: [...words], options });
  if (values.help === true) return 'help';
  return {
    minutes: positive('minutes', values.minutes) ?? 30,
    threads: positive('threads', values.threads),
    rate: positive('rate', values.rate),
    killEverySeconds: positive('kill-every', values['kill-every']) ?? 20,
    posthorn: values.posthorn ?? defaultPosthornCommand,
    dataFolder: values['data-dir'] ?? defaultDataFolder,
  };
}

function positive(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${name} takes a number above zero, not ${text}`);
  return value;
}
