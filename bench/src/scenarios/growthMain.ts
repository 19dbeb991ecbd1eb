/** The program that measures growth: `node bench/dist/scenarios/growthMain.js --help`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { defaultDataFolder, localResultsFolder } from '../folders.ts';
import { describeMachine } from '../machine.ts';
import { clearOnExit, removeTemporaryFolder, temporaryFolder } from '../processes.ts';
import { defaultPosthornCommand, posthorn } from '../servers/posthorn.ts';
import { backlogs, type Growth, type GrowthPlan, growthRow, inFlight, queues, waiters, waiting } from './growth.ts';
import { type DiskRow, disappearances, diskRows, type PauseRow, pauseRow } from './growthPauses.ts';
import { type GrowthReport, growthMarkdown } from './growthReport.ts';

const usage = `node bench/dist/scenarios/growthMain.js [options]

  --waiting LIST    messages that wait (0,1000000,10000000)
  --queues LIST     queues that requests are spread over (1,1000,100000)
  --backlogs LIST   queues with a backlog of 1,500 messages each, all of them read (1000)
  --waiters LIST    long polls, on one queue and on as many (1,1000,10000)
  --in-flight LIST  messages in flight, 100,000 a queue (1000000)
  --leaving N       messages of the purge, the deletion and the expiry that others are beside (1000000; 0 leaves it out)
  --disk N          messages that a queue is filled with three times (1000000; 0 leaves it out)
  --only NAMES      some of waiting,queues,backlogs,waiters,in-flight,leaving,disk
  --rounds N        rounds of each measurement (3)
  --seconds N       of each (2)
  --quick           a hundredth of it all, for a minute
  --posthorn CMD    how Posthorn is started (${defaultPosthornCommand} --max-connections 20000)
  --data-dir DIR    where the servers' folders are created and removed again (bench/data)

10,000 long polls take as many sockets in both processes: see ulimit -n.
`;

const words = { type: 'string' } as const;
const options = {
  ...{
    waiting: words,
    queues: words,
    backlogs: words,
    waiters: words,
    'in-flight': words,
    leaving: words,
    disk: words,
    only: words,
  },
  ...{ rounds: words, seconds: words, posthorn: words, 'data-dir': words },
  quick: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

type Values = ReturnType<typeof parse>;

function parse(argv: string[]) {
  return parseArgs({ args: argv, options }).values;
}

function numbers(
  values: Values,
  name: 'waiting' | 'queues' | 'backlogs' | 'waiters' | 'in-flight' | 'leaving' | 'disk',
): number[] {
  const defaults = {
    waiting: [0, 1e6, 1e7],
    queues: [1, 1e3, 1e5],
    backlogs: [1e3],
    waiters: [1, 1e3, 1e4],
    'in-flight': [1e6],
    leaving: [1e6],
    disk: [1e6],
  };
  if (values.only !== undefined && !values.only.split(',').includes(name)) return [];
  const given = values[name]?.split(',').map(Number);
  if (given?.some((each) => !(each >= 0))) throw new Error(`--${name} takes numbers, not ${values[name]}`);
  const all = given ?? defaults[name].map((each) => (values.quick ? Math.ceil(each / 100) : each));
  return [...new Set(all)];
}

function growths(values: Values): Growth[] {
  return [
    ...numbers(values, 'waiting').map(waiting),
    ...numbers(values, 'queues').map(queues),
    ...numbers(values, 'backlogs').map(backlogs),
    ...numbers(values, 'waiters').flatMap((count) =>
      count === 1 ? [waiters(1, 1)] : [waiters(count, 1), waiters(count, count)],
    ),
    ...numbers(values, 'in-flight').map(inFlight),
  ];
}

async function main(values: Values): Promise<void> {
  const dataParent = temporaryFolder(values['data-dir'] ?? defaultDataFolder);
  const server = posthorn(values.posthorn ?? `${defaultPosthornCommand} --max-connections 20000`);
  await server.prepare();
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 3));
  const plan: GrowthPlan = { server, dataParent, rounds, seconds: Number(values.seconds ?? (values.quick ? 1 : 2)) };
  const rows = [];
  for (const growth of growths(values)) {
    console.error(`${growth.title} ...`);
    rows.push(noted(await growthRow(plan, growth)));
  }
  const pauses: PauseRow[] = [];
  for (const messages of numbers(values, 'leaving').filter((count) => count > 0)) {
    for (const how of disappearances) {
      console.error(`beside ${how} ...`);
      pauses.push(noted(await pauseRow(plan, how, messages)));
    }
  }
  const disk: DiskRow[] = [];
  for (const messages of numbers(values, 'disk').filter((count) => count > 0)) {
    console.error('filling a queue three times ...');
    disk.push(...(await diskRows(plan, messages)));
  }
  const { seconds } = plan;
  const settings = { rounds, seconds };
  publish({ finishedAt: new Date().toISOString(), machine: describeMachine(dataParent), settings, rows, pauses, disk });
  removeTemporaryFolder(dataParent);
}

/** A run takes long; what it has found so far is not lost with it. */
function noted<Row>(row: Row): Row {
  console.error(JSON.stringify(row));
  return row;
}

function publish(report: GrowthReport): void {
  const text = growthMarkdown(report);
  console.log(text);
  mkdirSync(localResultsFolder, { recursive: true });
  writeFileSync(join(localResultsFolder, 'growth.md'), text);
  writeFileSync(join(localResultsFolder, 'growth.json'), `${JSON.stringify(report, undefined, 2)}\n`);
}

clearOnExit();
try {
  const values = parse(process.argv.slice(2));
  if (values.help) console.log(usage);
  else await main(values);
  process.exit(0);
} catch (error) {
  console.error(error);
  process.exit(1);
}
