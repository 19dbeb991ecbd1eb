import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Arguments, chosen, readArguments, usage } from './arguments.ts';
import { charts } from './charts.ts';
import { localResultsFolder, resultsFolder } from './folders.ts';
import { Generators } from './load/generators.ts';
import { describeMachine } from './machine.ts';
import { clearOnExit, removeTemporaryFolder, temporaryFolder } from './processes.ts';
import { type BacklogRun, curvesOf, markdown, type Report } from './report.ts';
import { type Run, reason, runRounds } from './rounds.ts';
import { backlog } from './scenarios/backlog.ts';
import { calibrate } from './scenarios/calibration.ts';
import { deadLetters } from './scenarios/deadLetters.ts';
import { encryptionComparisons } from './scenarios/encryption.ts';
import { fairness } from './scenarios/fairness.ts';
import { fanOut, fanOutPauses, filters } from './scenarios/fanOut.ts';
import { fifoBacklogGroups, fifoComparisons, queueTitle } from './scenarios/fifo.ts';
import { halfPeak } from './scenarios/halfPeak.ts';
import { latencyScenarios } from './scenarios/latency.ts';
import { matrix, matrixScenario, owners, threads } from './scenarios/matrix.ts';
import { rowsNamed } from './scenarios/rows.ts';
import type { Comparison, Scenario } from './scenarios/scenario.ts';
import { soak } from './scenarios/soak.ts';
import { asksForSoak } from './scenarios/soakArguments.ts';
import { elasticmqMemory, elasticmqStored } from './servers/elasticmq.ts';
import { fauxqsMemory, fauxqsSqlite } from './servers/fauxqs.ts';
import { floor } from './servers/floor.ts';
import {
  posthorn,
  posthornEnforced,
  posthornWithOwners,
  posthornWithThreads,
  withThreads,
} from './servers/posthorn.ts';
import { ministack, moto } from './servers/pythonRivals.ts';
import type { Server } from './servers/server.ts';

const scenarios: readonly Scenario[] = [...latencyScenarios, halfPeak];
const comparisons: readonly Comparison[] = [
  ...fifoComparisons,
  ...[fairness, deadLetters, fanOut, filters, fanOutPauses],
  ...encryptionComparisons,
];
const backlogScenario = { name: 'backlog', groups: [undefined], messages: 5_000_000 };
const fifoBacklogScenario = { name: 'fifo-backlog', groups: fifoBacklogGroups, messages: 1_000_000 };

/** Scenarios that go through the rounds together, on the same servers. */
type Sheet = {
  readonly servers: readonly Server[];
  readonly scenarios: readonly Scenario[];
  readonly comparisons: readonly Comparison[];
};

type Plan = Pick<Arguments, 'timing' | 'rounds' | 'messages'> & {
  readonly given: Arguments;
  readonly generators: Generators;
  readonly dataParent: string;
};

type BacklogScenario = typeof backlogScenario | typeof fifoBacklogScenario;

async function main(given: Arguments): Promise<boolean> {
  const all = [matrix, threads, owners, ...scenarios, ...comparisons, backlogScenario, fifoBacklogScenario];
  const asked: readonly unknown[] = chosen(all, given.scenarios);
  const rows = asked.includes(matrix) ? rowsNamed(given.rows) : [];
  const measured = scenarios.filter((scenario) => asked.includes(scenario));
  const compared = comparisons.filter((comparison) => asked.includes(comparison));
  const backlogs = [backlogScenario, fifoBacklogScenario].filter((one) => asked.includes(one));

  const { usual, forMatrix, forThreads, forOwners } = serversFor(given);
  const sheets: readonly Sheet[] = [
    { servers: forMatrix, scenarios: rows.map(matrixScenario), comparisons: [] },
    { servers: forThreads, scenarios: asked.includes(threads) ? threads.scenarios : [], comparisons: [] },
    { servers: forOwners, scenarios: asked.includes(owners) ? owners.scenarios : [], comparisons: [] },
    { servers: usual, scenarios: measured, comparisons: compared },
  ].filter((sheet) => sheet.scenarios.length + sheet.comparisons.length > 0);
  const needed = new Set([...sheets.flatMap((sheet) => sheet.servers), ...(backlogs.length > 0 ? usual : [])]);
  const { servers, unavailable } = await prepare([...needed]);

  const dataParent = temporaryFolder(given.dataFolder);
  const generators = new Generators(given.generators);
  const machine = describeMachine(dataParent);
  console.error('calibrating the generator ...');
  const calibration = await calibrate(generators, Math.min(given.timing.seconds, 2));
  const plan: Plan = { given, ...given, generators, dataParent };
  const runs: Run[] = [];
  for (const sheet of sheets) {
    const ready = sheet.servers.filter((server) => servers.includes(server));
    runs.push(...(await runRounds({ ...plan, ...sheet, servers: ready })));
  }
  const filled: Record<string, BacklogRun[]> = {};
  for (const one of backlogs) {
    const ready = usual.filter((server) => servers.includes(server));
    filled[one.name] = await runBacklogs(plan, ready, one);
  }
  await generators.stop();
  removeTemporaryFolder(dataParent);

  const { rounds, timing } = given;
  const report: Report = {
    finishedAt: new Date().toISOString(),
    machine,
    settings: { rounds, timing, generators: given.generators },
    servers: servers.map(({ name, title, note, keepsMessages, durable }) => {
      return { name, title, note, inMemory: keepsMessages && !durable };
    }),
    unavailable,
    calibration,
    matrix: rows.map(({ name, operation, connections }) => ({ name, operation: operation.name, connections })),
    runs,
    curves: curvesOf(measured, runs),
    backlog: filled[backlogScenario.name] ?? [],
    fifoBacklog: filled[fifoBacklogScenario.name] ?? [],
  };
  publish(report, measured, compared, given.out);
  return [...unavailable, ...runs, ...Object.values(filled).flat()].every((one) => one.failure === undefined);
}

function serversFor({ servers: names, posthorn: command, posthornThreads }: Arguments) {
  const withGiven = posthornThreads === undefined ? command : withThreads(command, posthornThreads);
  const ours = posthorn(withGiven);
  const enforced = posthornEnforced(withGiven);
  // Most rows are about other things than signatures, and rivals of other languages have to be asked for.
  const usual: readonly Server[] = [ours, floor, fauxqsMemory, fauxqsSqlite];
  const forMatrix: readonly Server[] = [ours, enforced, floor, fauxqsMemory];
  const forThreads = threads.counts.map((count) => posthornWithThreads(command, count));
  const forOwners = owners.counts.map((count) => posthornWithOwners(command, owners.threads, count));
  const all = [ours, enforced, floor, fauxqsMemory, fauxqsSqlite, elasticmqMemory, elasticmqStored, moto, ministack];
  if (names === undefined) return { usual, forMatrix, forThreads, forOwners };
  const named = chosen(all, names);
  return { usual: named, forMatrix: named, forThreads, forOwners };
}

async function prepare(named: readonly Server[]) {
  const servers: Server[] = [];
  const unavailable: { name: string; title: string; failure: string }[] = [];
  for (const server of named) {
    try {
      await server.prepare();
      servers.push(server);
    } catch (error) {
      unavailable.push({ name: server.name, title: server.title, failure: reason(error) });
      console.error(`${server.title}: not measured: ${reason(error)}`);
    }
  }
  return { servers, unavailable };
}

/** Posthorn alone by default: a server that keeps its queues in memory would spend the time on running out of it. */
async function runBacklogs(plan: Plan, servers: readonly Server[], scenario: BacklogScenario): Promise<BacklogRun[]> {
  const found: BacklogRun[] = [];
  const { timing, rounds, messages = scenario.messages, generators, dataParent } = plan;
  for (const server of servers) {
    const wanted =
      server.name === 'posthorn' || (plan.given.servers !== undefined && plan.given.scenarios !== undefined);
    if (!wanted || !server.keepsMessages) continue;
    for (const groups of scenario.groups) {
      const what = { server: server.name, title: server.title, queue: queueTitle(groups) };
      const one = { server, generators, timing, rounds, messages, dataParent };
      try {
        found.push({ ...what, result: await backlog({ ...one, ...(groups !== undefined && { groups }) }) });
      } catch (error) {
        found.push({ ...what, failure: reason(error) });
        console.error(`  ${scenario.name}, ${what.queue}, ${what.title}: FAILED: ${reason(error)}`);
      }
    }
  }
  return found;
}

function publish(
  report: Report,
  measured: readonly Scenario[],
  compared: readonly Comparison[],
  out: string | undefined,
): void {
  const folder = out === undefined ? localResultsFolder : resultsFolder;
  const name = out ?? 'latest';
  mkdirSync(folder, { recursive: true });
  const drawn = draw(report, folder, name);
  const text = markdown(report, measured, compared, drawn);
  console.log(text);
  writeFileSync(join(folder, `${name}.md`), text);
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(report, undefined, 2)}\n`);
}

/** The charts of a report, beside it; returns their files' names. */
function draw(report: Report, folder: string, name: string): string[] {
  return charts(report).map((chart) => {
    const file = `${name}-${chart.name}.svg`;
    writeFileSync(join(folder, file), chart.svg);
    return file;
  });
}

clearOnExit();
try {
  const words = process.argv.slice(2);
  if (asksForSoak(words)) process.exit((await soak(words)) ? 0 : 1);
  const given = readArguments(words);
  if (given === 'help') {
    console.log(usage);
    process.exit(0);
  }
  if (given.redraw !== undefined) {
    const report = JSON.parse(readFileSync(given.redraw, 'utf8')) as Report;
    console.log(draw(report, dirname(given.redraw), basename(given.redraw, '.json')).join('\n'));
    process.exit(0);
  }
  process.exit((await main(given)) ? 0 : 1);
} catch (error) {
  console.error(reason(error));
  process.exit(1);
}
