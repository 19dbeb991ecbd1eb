import { processorCells, ratioCell } from './cells.ts';
import type { Report, ReportedRow, ReportedServer } from './report.ts';
import type { Run } from './rounds.ts';
import { operations } from './scenarios/rows.ts';
import type { Measurement } from './scenarios/scenario.ts';
import { median, spread } from './statistics.ts';
import { integer, spreadCell, table } from './table.ts';

/** From here on, the generator may be what is measured. */
const busyGeneratorShare = 0.9;
/** Of servers that are Posthorn by another name, for a section of their own. */
const sections = [
  { prefix: 'posthorn-threads-', title: 'Threads (`threads`)' },
  { prefix: 'posthorn-owners-', title: 'Owners of queues (`owners`)' },
];

/** Asks a report for what was found in a row. */
class Findings {
  readonly #report: Report;

  constructor(report: Report) {
    this.#report = report;
  }

  runs(server: string, row: string): Run[] {
    return this.#report.runs.filter((run) => run.server === server && run.scenario === row);
  }

  measured(server: string, row: string): Measurement[] {
    return this.runs(server, row).flatMap((run) => run.measurement ?? []);
  }

  rates(server: string, row: string): number[] {
    return this.measured(server, row).map((one) => one.messagesPerSecond);
  }

  failure(server: string, row: string): string | undefined {
    const failed = this.runs(server, row).find((run) => run.failure !== undefined);
    return failed === undefined ? undefined : `FAILED in round ${failed.round}: ${failed.failure}`;
  }

  /** The one that keeps everything in memory, and has the highest median of the row. */
  fastestInMemory(row: string): ReportedServer | undefined {
    const medians = this.#report.servers
      .filter(({ inMemory, name }) => inMemory && this.failure(name, row) === undefined)
      .map((server) => ({ server, rate: median(this.rates(server.name, row)) }))
      .filter(({ rate }) => !Number.isNaN(rate));
    return medians.sort((a, b) => b.rate - a.rate)[0]?.server;
  }
}

export function matrixSection(whole: Report): string[] {
  const hasOwnSection = (name: string) => sections.some(({ prefix }) => name.startsWith(prefix));
  const report = { ...whole, servers: whole.servers.filter(({ name }) => !hasOwnSection(name)) };
  const { matrix } = report;
  if (matrix.length === 0) return [];
  const findings = new Findings(report);
  const details = operations
    .filter(({ name }) => matrix.some((row) => row.operation === name))
    .flatMap(({ name, title, counted }) => {
      const rows = matrix.filter((row) => row.operation === name);
      return ['', `### ${title} (\`${name}\`)`, '', ...detail(report, findings, rows, counted)];
    });
  return ['', '## The matrix (`matrix`)', '', ...summary(report, findings), ...details];
}

/** Posthorn, as it was started each time, beside the floor and the fastest rival that syncs nothing. */
function summary({ matrix, servers }: Report, findings: Findings): string[] {
  const ours = servers.filter(
    ({ name }) => name.startsWith('posthorn') && matrix.some((row) => findings.runs(name, row.name).length > 0),
  );
  const columns = ours.flatMap(({ title }) => [`${title}: messages/s`, 'of the floor', 'of the rival']);
  const rows = matrix.map(({ name }) => {
    const rival = findings.fastestInMemory(name);
    const rivalCell =
      rival === undefined ? '-' : `${integer(median(findings.rates(rival.name, name)))} (${rival.title})`;
    return [name, ...ours.flatMap((one) => againstCells(findings, one.name, name)), rivalCell];
  });
  return table(['row', ...columns, 'fastest rival in memory'], rows);
}

function againstCells(findings: Findings, server: string, row: string): string[] {
  const failure = findings.failure(server, row);
  if (failure !== undefined) return ['FAILED', '-', '-'];
  const rates = findings.rates(server, row);
  const rival = findings.fastestInMemory(row);
  return [
    rates.length === 0 ? '-' : spreadCell(spread(rates), integer),
    ratioCell(rates, findings.rates('floor', row)),
    rival === undefined ? '-' : ratioCell(rates, findings.rates(rival.name, row)),
  ];
}

function detail(
  report: Report,
  findings: Findings,
  rows: readonly ReportedRow[],
  counted: 'messages' | 'copies',
): string[] {
  const columns = [`${counted}/s`, 'of the floor', 'of the fastest rival in memory', ...processorColumns(counted)];
  const lines = rows.flatMap((row) =>
    report.servers
      .filter(({ name }) => findings.runs(name, row.name).length > 0)
      .map(({ name, title }) => {
        const start = [String(row.connections), title];
        const failure = findings.failure(name, row.name);
        if (failure !== undefined) return [...start, failure];
        return [...start, ...againstCells(findings, name, row.name), ...markedCells(findings.measured(name, row.name))];
      }),
  );
  return table(['connections', 'server', ...columns], lines);
}

function processorColumns(counted: 'messages' | 'copies'): string[] {
  return ['server CPU', `µs of CPU/${counted === 'copies' ? 'copy' : 'message'}`, 'generator CPU'];
}

/** A figure that may be the generator's and not the server's says so. */
function markedCells(found: readonly Measurement[]): string[] {
  const generator = median(found.flatMap((one) => one.generatorShare ?? []));
  const [server = '-', cost = '-', own = '-'] = processorCells(found);
  return [server, cost, generator >= busyGeneratorShare ? `**${own}: the limit**` : own];
}

/** What more threads bring, or more owners, and which process has the work. */
export function processesSections(report: Report): string[] {
  return sections.flatMap((section) => processesSection(report, section));
}

function processesSection(report: Report, { prefix, title: heading }: (typeof sections)[number]): string[] {
  const findings = new Findings(report);
  const servers = report.servers.filter(({ name }) => name.startsWith(prefix));
  const first = servers[0];
  if (first === undefined) return [];
  const rows = [...new Set(report.runs.filter((run) => run.server === first.name).map((run) => run.scenario))];
  const lines = rows.flatMap((row) =>
    servers.map(({ name, title }) => {
      const failure = findings.failure(name, row);
      if (failure !== undefined) return [row, title, failure];
      const found = findings.measured(name, row);
      const rates = findings.rates(name, row);
      const against = ratioCell(rates, findings.rates(first.name, row));
      return [row, title, spreadCell(spread(rates), integer), against, ...markedCells(found), byProcess(found)];
    }),
  );
  const columns = ['messages/s', `of ${first.title}`, ...processorColumns('messages'), 'CPU by process'];
  return ['', `## ${heading}`, '', ...table(['row', 'server', ...columns], lines)];
}

/** The process that was started first, then those that it started; medians of each. */
function byProcess(found: readonly Measurement[]): string {
  const shares = found.map((one) => one.processShares ?? (one.serverShare === undefined ? [] : [one.serverShare]));
  const places = Math.max(0, ...shares.map((one) => one.length));
  return Array.from({ length: places }, (_, place) =>
    median(shares.flatMap((one) => one[place] ?? [])).toFixed(2),
  ).join(' + ');
}
