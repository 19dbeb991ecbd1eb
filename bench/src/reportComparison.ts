import { processorCells, ratioCell } from './cells.ts';
import type { Run } from './rounds.ts';
import type { Comparison, Measurement, Scenario } from './scenarios/scenario.ts';
import { spread } from './statistics.ts';
import { integer, milliseconds, spreadCell, table } from './table.ts';

type Servers = readonly { readonly name: string; readonly title: string }[];
type Found = (server: string, line: Scenario | undefined) => Measurement[];

function columnsOf({ kind, against = 'of the first', counted = 'messages' }: Comparison): string[] {
  if (kind === 'pause') {
    return ['p50 ms', 'p99 ms', 'longest ms', 'samples', 'publish p50 ms', 'publishes', 'copies/s'];
  }
  if (kind === 'dwell') {
    const samples = 'samples';
    return ['quiet p50 ms', 'quiet p99 ms', samples, 'noisy p50 ms', 'noisy p99 ms', samples, 'received of sent'];
  }
  return [`${counted}/s`, against, 'Posthorn is faster by', 'server CPU', 'µs of CPU/message', 'generator CPU'];
}

export function comparisonSection(comparison: Comparison, servers: Servers, runs: readonly Run[]): string[] {
  const { name, title, note, kind, lines } = comparison;
  const runsOf = (server: string, line: Scenario | undefined): Run[] =>
    runs.filter((run) => run.scenario === line?.name && run.server === server);
  const found: Found = (server, line) => runsOf(server, line).flatMap((run) => run.measurement ?? []);
  const rows = servers.flatMap((server) =>
    lines
      .filter((line) => runsOf(server.name, line).length > 0)
      .map((line) => {
        const start = [server.title, line.title];
        const failed = runsOf(server.name, line).find((run) => run.failure !== undefined);
        if (failed !== undefined) return [...start, `FAILED in round ${failed.round}: ${failed.failure}`];
        const cells = cellsOf(kind, found, server.name, line, lines[0]);
        return [...start, ...cells];
      }),
  );
  return ['', `## ${title} (\`${name}\`)`, '', note, '', ...table(['server', 'queue', ...columnsOf(comparison)], rows)];
}

function cellsOf(
  kind: Comparison['kind'],
  found: Found,
  server: string,
  line: Scenario,
  first: Scenario | undefined,
): string[] {
  if (kind === 'dwell') return dwellCells(found(server, line));
  if (kind === 'pause') return pauseCells(found(server, line));
  return rateCells(found, server, line, first);
}

function rateCells(found: Found, server: string, line: Scenario, first: Scenario | undefined): string[] {
  const rates = (name: string, of: Scenario | undefined): number[] =>
    found(name, of).map((one) => one.messagesPerSecond);
  return [
    spreadCell(spread(rates(server, line)), integer),
    ratioCell(rates(server, line), rates(server, first)),
    ratioCell(rates('posthorn', line), rates(server, line)),
    ...processorCells(found(server, line)),
  ];
}

function cell(values: readonly (number | undefined)[]): string {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? '-' : spreadCell(spread(known), milliseconds);
}

function totalOf(found: readonly Measurement[], of: (one: Measurement) => number | undefined): number {
  return found.reduce((total, one) => total + (of(one) ?? 0), 0);
}

function pauseCells(found: readonly Measurement[]): string[] {
  return [
    cell(found.map((one) => one.p50Milliseconds)),
    cell(found.map((one) => one.p99Milliseconds)),
    cell(found.map((one) => one.longestMilliseconds)),
    integer(totalOf(found, (one) => one.samples)),
    cell(found.map((one) => one.noisy?.p50Milliseconds)),
    integer(totalOf(found, (one) => one.noisy?.samples)),
    spreadCell(spread(found.map((one) => one.messagesPerSecond)), integer),
  ];
}

function dwellCells(found: readonly Measurement[]): string[] {
  const sum = (of: (one: Measurement) => number | undefined): number => totalOf(found, of);
  return [
    cell(found.map((one) => one.p50Milliseconds)),
    cell(found.map((one) => one.p99Milliseconds)),
    integer(sum((one) => one.samples)),
    cell(found.map((one) => one.noisy?.p50Milliseconds)),
    cell(found.map((one) => one.noisy?.p99Milliseconds)),
    integer(sum((one) => one.noisy?.samples)),
    (sum((one) => one.received) / sum((one) => one.sent)).toFixed(2),
  ];
}
