import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Arguments, chosen, readArguments, usage } from './arguments.ts';
import { localResultsFolder, resultsFolder } from './folders.ts';
import { Generators } from './load/generators.ts';
import { describeMachine } from './machine.ts';
import { clearOnExit, removeTemporaryFolder, temporaryFolder } from './processes.ts';
import { type BacklogRun, markdown, type Report } from './report.ts';
import { reason, runRounds } from './rounds.ts';
import { backlog } from './scenarios/backlog.ts';
import { calibrate } from './scenarios/calibration.ts';
import { deadLetters } from './scenarios/deadLetters.ts';
import { encryptionComparisons } from './scenarios/encryption.ts';
import { fairness } from './scenarios/fairness.ts';
import { fanOut, fanOutPauses, filters } from './scenarios/fanOut.ts';
import { fifoBacklogGroups, fifoComparisons, queueTitle } from './scenarios/fifo.ts';
import { latencyScenarios } from './scenarios/latency.ts';
import type { Comparison, Scenario } from './scenarios/scenario.ts';
import { throughputScenarios } from './scenarios/throughput.ts';
import { fauxqsMemory, fauxqsSqlite } from './servers/fauxqs.ts';
import { floor } from './servers/floor.ts';
import { posthorn, posthornEnforced } from './servers/posthorn.ts';
import type { Server } from './servers/server.ts';

const scenarios: readonly Scenario[] = [...throughputScenarios, ...latencyScenarios];
const comparisons: readonly Comparison[] = [
  ...fifoComparisons,
  ...[fairness, deadLetters, fanOut, filters, fanOutPauses],
  ...encryptionComparisons,
];
const backlogScenario = { name: 'backlog', groups: [undefined], messages: 5_000_000 };
const fifoBacklogScenario = { name: 'fifo-backlog', groups: fifoBacklogGroups, messages: 1_000_000 };

type Plan = Pick<Arguments, 'timing' | 'rounds' | 'messages'> & {
  readonly given: Arguments;
  readonly servers: readonly Server[];
  readonly generators: Generators;
  readonly dataParent: string;
};

type BacklogScenario = typeof backlogScenario | typeof fifoBacklogScenario;

async function main(given: Arguments): Promise<boolean> {
  const all = [...scenarios, ...comparisons, backlogScenario, fifoBacklogScenario];
  const asked: readonly unknown[] = chosen(all, given.scenarios);
  const measured = scenarios.filter((scenario) => asked.includes(scenario));
  const compared = comparisons.filter((comparison) => asked.includes(comparison));
  const posthorns = [posthorn(given.posthorn), posthornEnforced(given.posthorn)] as const;
  // Most rows are about other things than signatures.
  const usual = [posthorns[0], floor, fauxqsMemory, fauxqsSqlite] as const;
  const named = given.servers === undefined ? usual : chosen([...usual, posthorns[1]], given.servers);
  const { servers, unavailable } = await prepare(named);
  const dataParent = temporaryFolder(given.dataFolder);
  const generators = new Generators(given.generators);
  const machine = describeMachine(dataParent);
  console.error('calibrating the generator ...');
  const calibration = await calibrate(generators, Math.min(given.timing.seconds, 2));
  const plan: Plan = { given, ...given, servers, generators, dataParent };
  const runs = await runRounds({ ...plan, scenarios: measured, comparisons: compared });
  const filled = asked.includes(backlogScenario) ? await runBacklogs(plan, backlogScenario) : [];
  const fifoFilled = asked.includes(fifoBacklogScenario) ? await runBacklogs(plan, fifoBacklogScenario) : [];
  await generators.stop();
  removeTemporaryFolder(dataParent);

  const { rounds, timing } = given;
  const report: Report = {
    finishedAt: new Date().toISOString(),
    machine,
    settings: { rounds, timing, generators: given.generators },
    servers: servers.map(({ name, title, note }) => ({ name, title, note })),
    unavailable,
    calibration,
    runs,
    backlog: filled,
    fifoBacklog: fifoFilled,
  };
  publish(report, markdown(report, measured, compared), given.whole ? resultsFolder : localResultsFolder);
  return [...unavailable, ...runs, ...filled, ...fifoFilled].every((one) => one.failure === undefined);
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
async function runBacklogs(plan: Plan, scenario: BacklogScenario): Promise<BacklogRun[]> {
  const found: BacklogRun[] = [];
  const { timing, rounds, messages = scenario.messages, generators, dataParent } = plan;
  for (const server of plan.servers) {
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

function publish(report: Report, text: string, folder: string): void {
  console.log(text);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'latest.md'), text);
  writeFileSync(join(folder, 'latest.json'), `${JSON.stringify(report, undefined, 2)}\n`);
}

clearOnExit();
try {
  const given = readArguments(process.argv.slice(2));
  if (given === 'help') {
    console.log(usage);
    process.exit(0);
  }
  process.exit((await main(given)) ? 0 : 1);
} catch (error) {
  console.error(reason(error));
  process.exit(1);
}
