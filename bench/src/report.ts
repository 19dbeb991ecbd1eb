import type { Arguments } from './arguments.ts';
import { ratioCell } from './cells.ts';
import { type CurvePoint, curveOf } from './histogram.ts';
import type { Machine } from './machine.ts';
import { backlogSection } from './reportBacklog.ts';
import { comparisonSection } from './reportComparison.ts';
import { fifoBacklogSection } from './reportFifoBacklog.ts';
import { matrixSection, processesSections } from './reportMatrix.ts';
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

export type ReportedServer = {
  readonly name: string;
  readonly title: string;
  readonly note: string;
  /** It keeps messages, and loses them with its process. */
  readonly inMemory: boolean;
};

export type ReportedRow = { readonly name: string; readonly operation: string; readonly connections: number };

/** The latencies of one server in one scenario, of all rounds together. */
export type Curve = { readonly scenario: string; readonly server: string; readonly points: readonly CurvePoint[] };

export type Report = {
  readonly finishedAt: string;
  readonly machine: Machine;
  readonly settings: Pick<Arguments, 'rounds' | 'timing' | 'generators'>;
  readonly servers: readonly ReportedServer[];
  readonly unavailable: readonly { readonly name: string; readonly title: string; readonly failure: string }[];
  readonly calibration: readonly Calibration[];
  /** The rows of it that were asked for. */
  readonly matrix: readonly ReportedRow[];
  readonly runs: readonly Run[];
  readonly curves: readonly Curve[];
  readonly backlog: readonly BacklogRun[];
  readonly fifoBacklog: readonly BacklogRun[];
};

/** `charts`: files beside the report. */
export function markdown(
  report: Report,
  scenarios: readonly Scenario[],
  comparisons: readonly Comparison[],
  charts: readonly string[],
): string {
  const parts = ['# Benchmark', ...introduction(report)];
  for (const file of charts) parts.push('', `![${file}](${file})`);
  parts.push(...matrixSection(report), ...processesSections(report));
  for (const scenario of scenarios) parts.push(...scenarioSection(report, scenario));
  for (const comparison of comparisons) parts.push(...comparisonSection(comparison, report.servers, report.runs));
  for (const run of report.backlog) parts.push(...backlogSection(run));
  for (const server of new Set(report.fifoBacklog.map((run) => run.server))) {
    parts.push(...fifoBacklogSection(report.fifoBacklog.filter((run) => run.server === server)));
  }
  return `${parts.join('\n')}\n`;
}

export function curvesOf(scenarios: readonly Scenario[], runs: readonly Run[]): Curve[] {
  return scenarios.flatMap(({ name }) => {
    const found = runs.filter((run) => run.scenario === name);
    return [...new Set(found.map((run) => run.server))].map((server) => {
      const own = found.filter((run) => run.server === server);
      return { scenario: name, server, points: curveOf(own.flatMap((run) => run.measurement?.histogram ?? [])) };
    });
  });
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
      ['load', 'requests/s', 'messages/s', 'generator CPU'],
      calibration.map(({ title, requestsPerSecond, ratePerSecond, generatorShare }) => [
        ...[title, integer(requestsPerSecond), integer(ratePerSecond), generatorShare.toFixed(2)],
      ]),
    ),
  ];
}

const latencyColumns = [
  ...['messages/s', 'of a peak of', 'p50 ms', 'p99 ms', 'p99.9 ms', 'longest ms'],
  ...['Posthorn p50 is shorter by', 'samples', 'server CPU'],
];

/** Scenarios outside comparisons measure latencies; the matrix holds those that measure rates. */
function scenarioSection(report: Report, scenario: Scenario): string[] {
  const runsOf = (server: string): Run[] =>
    report.runs.filter((run) => run.scenario === scenario.name && run.server === server);
  const versus: Versus = (server) => runsOf(server).flatMap((run) => run.measurement ?? []);
  const rows = report.servers
    .filter(({ name }) => runsOf(name).length > 0)
    .map(({ name, title }) => {
      const failed = runsOf(name).find((run) => run.failure !== undefined);
      return failed === undefined
        ? [title, ...latencyCells(versus(name), versus)]
        : [title, `FAILED in round ${failed.round}: ${failed.failure}`];
    });
  return ['', `## ${scenario.title} (\`${scenario.name}\`)`, '', ...table(['server', ...latencyColumns], rows)];
}

type Versus = (server: string) => Measurement[];

function latencyCells(found: readonly Measurement[], versus: Versus): string[] {
  const cell = (of: (one: Measurement) => number | undefined, shown: (value: number) => string): string => {
    const values = found.flatMap((one) => of(one) ?? []);
    return values.length === 0 ? '-' : spreadCell(spread(values), shown);
  };
  const p50 = (of: readonly Measurement[]): number[] => of.map((one) => one.p50Milliseconds ?? Number.NaN);
  return [
    cell((one) => one.messagesPerSecond, integer),
    cell((one) => one.peakPerSecond, integer),
    cell((one) => one.p50Milliseconds, milliseconds),
    cell((one) => one.p99Milliseconds, milliseconds),
    cell((one) => one.p999Milliseconds, milliseconds),
    cell((one) => one.longestMilliseconds, milliseconds),
    ratioCell(p50(found), p50(versus('posthorn'))),
    integer(found.reduce((sum, one) => sum + one.samples, 0)),
    cell(
      (one) => one.serverShare,
      (share) => share.toFixed(2),
    ),
  ];
}
