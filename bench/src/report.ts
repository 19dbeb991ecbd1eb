import type { Arguments } from './arguments.ts';
import { processorCells, ratioCell } from './cells.ts';
import type { Machine } from './machine.ts';
import { backlogSection } from './reportBacklog.ts';
import { comparisonSection } from './reportComparison.ts';
import { fifoBacklogSection } from './reportFifoBacklog.ts';
import type { Run } from './rounds.ts';
import type { BacklogResult } from './scenarios/backlog.ts';
import type { Calibration } from './scenarios/calibration.ts';
import type { Comparison, Measurement, Scenario } from './scenarios/scenario.ts';
import { spread } from './statistics.ts';
import { integer, milliseconds, spreadCell, table } from './table.ts';

export type BacklogRun = {
  readonly server: string;
  readonly title: string;
  /** Whose backlog, as the report calls it: that of a standard queue, or of a FIFO queue with so many groups. */
  readonly queue: string;
  readonly result?: BacklogResult;
  readonly failure?: string;
};

export type Report = {
  readonly finishedAt: string;
  readonly machine: Machine;
  readonly settings: Pick<Arguments, 'rounds' | 'timing' | 'generators'>;
  readonly servers: readonly { readonly name: string; readonly title: string; readonly note: string }[];
  readonly unavailable: readonly { readonly name: string; readonly title: string; readonly failure: string }[];
  readonly calibration: readonly Calibration[];
  readonly runs: readonly Run[];
  readonly backlog: readonly BacklogRun[];
  readonly fifoBacklog: readonly BacklogRun[];
};

export function markdown(report: Report, scenarios: readonly Scenario[], comparisons: readonly Comparison[]): string {
  const parts = ['# Benchmark', ...introduction(report)];
  for (const scenario of scenarios) parts.push(...scenarioSection(report, scenario));
  for (const comparison of comparisons) parts.push(...comparisonSection(comparison, report.servers, report.runs));
  for (const run of report.backlog) parts.push(...backlogSection(run));
  for (const server of new Set(report.fifoBacklog.map((run) => run.server))) {
    parts.push(...fifoBacklogSection(report.fifoBacklog.filter((run) => run.server === server)));
  }
  return `${parts.join('\n')}\n`;
}

function introduction({ machine, settings, servers, unavailable, calibration, finishedAt }: Report): string[] {
  const { rounds, timing, generators } = settings;
  const sync = `${machine.syncMedianMilliseconds.toFixed(2)} ms (p99 ${machine.syncP99Milliseconds.toFixed(2)} ms)`;
  return [
    '',
    `${finishedAt.slice(0, 10)}. ${machine.processor}, ${machine.cores} cores, ${machine.memoryGibibytes} GiB, ` +
      `${machine.platform}, Node.js ${machine.node}. Append and sync of 4 KiB on the servers' disk: ${sync}. ` +
      `Load of the machine beforehand: ${machine.loadBefore.toFixed(2)}.`,
    '',
    `${rounds} interleaved round(s), ${timing.seconds} s measured after ${timing.warmUpSeconds} s of warm-up; medians, ` +
      `with min to max in parentheses. Processor use is in cores. ${generators} generator process(es).`,
    '',
    ...servers.map(({ title, note }) => `- **${title}**: ${note}.`),
    ...unavailable.map(({ title, failure }) => `- **${title}**: NOT MEASURED: ${failure}`),
    '',
    'The generator alone, against a bare socket that answers at once (the ceiling of every figure below):',
    '',
    ...table(
      ['load', 'requests/s', 'generator CPU'],
      calibration.map((one) => [one.title, integer(one.requestsPerSecond), one.generatorShare.toFixed(2)]),
    ),
  ];
}

function scenarioSection(report: Report, scenario: Scenario): string[] {
  const columns =
    scenario.kind === 'rate'
      ? ['messages/s', 'of the floor', 'Posthorn is faster by', 'server CPU', 'µs of CPU/message', 'generator CPU']
      : ['p50 ms', 'p99 ms', 'Posthorn p50 is shorter by', 'samples'];
  const runsOf = (server: string): Run[] =>
    report.runs.filter((run) => run.scenario === scenario.name && run.server === server);
  const versus = (server: string): Measurement[] => runsOf(server).flatMap((run) => run.measurement ?? []);
  const cells = scenario.kind === 'rate' ? rateCells : latencyCells;
  const rows = report.servers.map(({ name, title }) => {
    const failed = runsOf(name).find((run) => run.failure !== undefined);
    return failed === undefined
      ? [title, ...cells(versus(name), versus)]
      : [title, `FAILED in round ${failed.round}: ${failed.failure}`];
  });
  return ['', `## ${scenario.title} (\`${scenario.name}\`)`, '', ...table(['server', ...columns], rows)];
}

type Versus = (server: string) => Measurement[];

function rateCells(found: readonly Measurement[], versus: Versus): string[] {
  const rates = found.map((one) => one.messagesPerSecond);
  const floor = versus('floor').map((one) => one.messagesPerSecond);
  const posthorn = versus('posthorn').map((one) => one.messagesPerSecond);
  return [
    spreadCell(spread(rates), integer),
    ratioCell(rates, floor),
    ratioCell(posthorn, rates),
    ...processorCells(found),
  ];
}

function latencyCells(found: readonly Measurement[], versus: Versus): string[] {
  const p50 = found.map((one) => one.p50Milliseconds ?? Number.NaN);
  const p99 = found.map((one) => one.p99Milliseconds ?? Number.NaN);
  const posthorn = versus('posthorn').map((one) => one.p50Milliseconds ?? Number.NaN);
  const samples = found.reduce((sum, one) => sum + one.samples, 0);
  return [
    spreadCell(spread(p50), milliseconds),
    spreadCell(spread(p99), milliseconds),
    ratioCell(p50, posthorn),
    integer(samples),
  ];
}
