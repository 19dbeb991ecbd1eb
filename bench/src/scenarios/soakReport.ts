import type { SoakCounts } from '../load/soakLedger.ts';
import type { Minute } from '../load/soakLoad.ts';
import type { Machine } from '../machine.ts';
import { integer, milliseconds, table } from '../table.ts';
import type { SoakArguments } from './soakArguments.ts';
import type { MemorySample, Trend } from './soakMemory.ts';

export type SoakReport = {
  readonly finishedAt: string;
  readonly machine: Machine;
  readonly note: string;
  readonly given: SoakArguments;
  /** Messages per second that were sent, received and deleted; undefined if the rate was given. */
  readonly peak: number | undefined;
  readonly rate: number;
  readonly minutes: readonly Minute[];
  readonly samples: readonly MemorySample[];
  readonly trends: readonly Trend[];
  readonly kills: number;
  /** Requests whose connection died before their answer. */
  readonly cutRequests: number;
  readonly totals: SoakCounts;
  readonly checkerBytes: number;
  readonly findings: { readonly counts: Readonly<Record<string, number>>; readonly examples: readonly string[] };
  readonly judgesMemory: boolean;
  readonly failure?: string;
  readonly passed: boolean;
};

export function soakMarkdown(report: SoakReport): string {
  const { given, machine, totals, peak } = report;
  const { counts, examples } = report.findings;
  const found = (fault: string): string => integer(counts[fault] ?? 0);
  const lines = [
    `# Soak: ${given.minutes} minutes, ${report.passed ? 'passed' : 'FAILED'}`,
    '',
    `${report.finishedAt.slice(0, 10)}; ${machine.processor}, ${machine.cores} cores, ${machine.platform}, Node.js ` +
      `${machine.node}; load before ${machine.loadBefore.toFixed(2)}; a sync of 4 KiB takes ` +
      `${milliseconds(machine.syncMedianMilliseconds)} ms (p99 ${milliseconds(machine.syncP99Milliseconds)}). ` +
      `The server: ${report.note}.`,
    '',
    `${integer(report.rate)} messages/s${peak === undefined ? '' : `, 70 % of the peak of ${integer(peak)}`}: single sends, ` +
      'batches, long polls, deletes and changes of visibility, on two standard queues and one FIFO queue. ' +
      `${report.kills} edge workers were killed, and ${integer(report.cutRequests)} requests were under way there.`,
    ...(report.failure === undefined ? [] : ['', `It ended early: ${report.failure}`]),
    '',
    ...table(
      ['messages', 'count'],
      [
        ['sent', integer(totals.sent)],
        ['received', integer(totals.received)],
        ['of them again, as they had been returned or forgotten', integer(totals.receivedAgain)],
        ['deleted', integer(totals.deleted)],
        ['in doubt, as an answer was lost', integer(totals.inDoubt)],
        ['**lost**', found('lost')],
        ['**doubled**', found('doubled')],
        ['**out of order**', found('disordered')],
        ['altered', found('altered')],
        ['left over', found('left over')],
        ['answers that were errors', found('refused')],
        ['connections that died without a kill', found('disconnected')],
      ],
    ),
    ...(examples.length === 0 ? [] : ['', ...examples.map((example) => `- ${example.replaceAll('|', '/')}`)]),
    '',
    ...memoryTable(report),
    '',
    ...minutesTable(report),
  ];
  return `${lines.join('\n')}\n`;
}

function memoryTable({ trends, judgesMemory }: SoakReport): string[] {
  const verdict = ({ isFlat }: Trend): string => {
    if (!judgesMemory) return 'too short to tell';
    return isFlat ? 'yes' : 'NO';
  };
  return [
    'Memory in the last two thirds, MiB, sampled every 10 s. Flat: the line of least squares rises by no more than 5 % or 8 MiB.',
    '',
    ...table(
      ['', 'first', 'last', 'slope, MiB/hour', 'rise of the line', 'flat'],
      trends.map((trend) => [
        trend.name,
        mebibytes(trend.firstBytes),
        mebibytes(trend.lastBytes),
        mebibytes(trend.bytesPerHour),
        mebibytes(trend.growthBytes),
        verdict(trend),
      ]),
    ),
  ];
}

function minutesTable({ minutes }: SoakReport): string[] {
  return [
    'Sends by the minute; latencies count from when a send was due, up to a millisecond of them is the timer of the clients.',
    '',
    ...table(
      ['minute', 'sent', 'deleted', 'there at its end', 'given up', 'p50 ms', 'p99 ms', 'longest ms'],
      minutes.map((each) => [
        String(each.minute),
        ...[each.sent, each.deleted, each.backlog, each.givenUp].map(integer),
        ...[each.p50Milliseconds, each.p99Milliseconds, each.longestMilliseconds].map(milliseconds),
      ]),
    ),
  ];
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}
