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
import { latencyScenarios } from './scenarios/latency.ts';
import type { Scenario } from './scenarios/scenario.ts';
import { throughputScenarios } from './scenarios/throughput.ts';
import { fauxqsMemory, fauxqsSqlite } from './servers/fauxqs.ts';
import { floor } from './servers/floor.ts';
import { posthorn } from './servers/posthorn.ts';
import type { Server } from './servers/server.ts';

const scenarios: readonly Scenario[] = [...throughputScenarios, ...latencyScenarios];
const backlogScenario = { name: 'backlog' };

async function main(given: Arguments): Promise<boolean> {
  const asked = chosen([...scenarios, backlogScenario], given.scenarios);
  const measured = scenarios.filter((scenario) => asked.includes(scenario));
  const named = chosen([posthorn(given.posthorn), floor, fauxqsMemory, fauxqsSqlite], given.servers);
  const { servers, unavailable } = await prepare(named);
  const dataParent = temporaryFolder(given.dataFolder);
  const generators = new Generators(given.generators);
  const machine = describeMachine(dataParent);
  console.error('calibrating the generator ...');
  const calibration = await calibrate(generators, Math.min(given.timing.seconds, 2));
  const runs = await runRounds({ ...given, servers, scenarios: measured, generators, dataParent });
  const filled = asked.includes(backlogScenario) ? await runBacklogs(given, servers, generators, dataParent) : [];
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
  };
  publish(report, measured, given.whole ? resultsFolder : localResultsFolder);
  return [...unavailable, ...runs, ...filled].every((one) => one.failure === undefined);
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
async function runBacklogs(
  given: Arguments,
  servers: readonly Server[],
  generators: Generators,
  dataParent: string,
): Promise<BacklogRun[]> {
  const found: BacklogRun[] = [];
  for (const server of servers) {
    const wanted = server.name === 'posthorn' || (given.servers !== undefined && given.scenarios !== undefined);
    if (!wanted || !server.keepsMessages) continue;
    const { timing, rounds, messages } = given;
    try {
      const result = await backlog({ server, generators, timing, rounds, messages, dataParent });
      found.push({ server: server.name, title: server.title, result });
    } catch (error) {
      found.push({ server: server.name, title: server.title, failure: reason(error) });
      console.error(`  backlog, ${server.title}: FAILED: ${reason(error)}`);
    }
  }
  return found;
}

function publish(report: Report, measured: readonly Scenario[], folder: string): void {
  const text = markdown(report, measured);
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
