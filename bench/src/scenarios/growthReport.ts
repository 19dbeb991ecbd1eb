/** Growth as tables. */
import type { Machine } from '../machine.ts';
import { integer, milliseconds, table } from '../table.ts';
import type { GrowthRow } from './growth.ts';
import type { Figures } from './growthMeasure.ts';
import type { DiskRow, PauseRow } from './growthPauses.ts';

export type GrowthReport = {
  readonly finishedAt: string;
  readonly machine: Machine;
  readonly settings: { readonly rounds: number; readonly seconds: number };
  readonly rows: readonly GrowthRow[];
  readonly pauses: readonly PauseRow[];
  readonly disk: readonly DiskRow[];
};

export function growthMarkdown({ finishedAt, machine, settings, rows, pauses, disk }: GrowthReport): string {
  const parts = [
    '# Growth',
    '',
    `${finishedAt.slice(0, 10)}. ${machine.processor}, ${machine.cores} cores, ${machine.platform}, Node.js ${machine.node}. ` +
      `Append and sync of 4 KiB: ${machine.syncMedianMilliseconds.toFixed(2)} ms. Messages of 200 bytes, 16 connections, ` +
      `medians of ${settings.rounds} round(s) of ${settings.seconds} s.`,
  ];
  if (rows.length > 0) {
    const note =
      'Each row is a server of its own, measured while it is empty and again when it has grown. In parentheses: what it has ' +
      'become of the same figure before. Processor time is that of all threads of the server, and does not depend on who ' +
      'else uses the machine; a rate does. Sends are 200 a second for the p99. The start is from the spawn of the process ' +
      'to the first answer about a queue, with the first row as what it is held against.';
    parts.push('', note, '', ...growthTable(rows));
  }
  if (pauses.length > 0) {
    const note = 'What 200 requests a second about another queue wait, each from when it was due, beside:';
    parts.push('', '## While messages go', '', note, '', ...pauseTable(pauses));
  }
  if (disk.length > 0) {
    const cells = disk.map(({ title, bytes }) => [title, (bytes / 2 ** 20).toFixed(1)]);
    parts.push('', '## On the disk', '', ...table(['the data directory', 'MiB'], cells));
  }
  return `${parts.join('\n')}\n`;
}

function growthTable(rows: readonly GrowthRow[]): string[] {
  const ratio = (after: number, before: number): string => `(${(after / before).toFixed(2)})`;
  const changed = (row: GrowthRow, of: (figures: Figures) => number, shown: (value: number) => string): string =>
    `${shown(of(row.after))} ${ratio(of(row.after), of(row.before))}`;
  const one = (value: number): string => value.toFixed(1);
  const mebibytes = (bytes: number): string => integer(bytes / 2 ** 20);
  const firstStart = rows[0]?.startMilliseconds ?? Number.NaN;
  return table(
    [
      '',
      'sent/s',
      'µs',
      'drained/s',
      'µs',
      'send p50 ms',
      'p99 ms',
      'resident MiB',
      'anonymous',
      'start ms',
      'disk MiB',
    ],
    rows.map((row) => [
      row.title,
      changed(row, ({ sent }) => sent.messagesPerSecond, integer),
      changed(row, ({ sent }) => sent.serverMicroseconds, one),
      changed(row, ({ drained }) => drained.messagesPerSecond, integer),
      changed(row, ({ drained }) => drained.serverMicroseconds, one),
      changed(row, ({ sendP50Milliseconds }) => sendP50Milliseconds, milliseconds),
      changed(row, ({ sendP99Milliseconds }) => sendP99Milliseconds, milliseconds),
      changed(row, ({ residentBytes }) => residentBytes, mebibytes),
      changed(row, ({ anonymousBytes }) => anonymousBytes, mebibytes),
      `${integer(row.startMilliseconds)} ${ratio(row.startMilliseconds, firstStart)}`,
      mebibytes(row.diskBytes),
    ]),
  );
}

function pauseTable(pauses: readonly PauseRow[]): string[] {
  return table(
    ['', 'p50 ms', 'p99 ms', 'longest ms', 'requests', 'answered after ms'],
    pauses.map((row) => [
      row.title,
      milliseconds(row.p50Milliseconds),
      milliseconds(row.p99Milliseconds),
      milliseconds(row.longestMilliseconds),
      integer(row.samples),
      integer(row.answeredMilliseconds),
    ]),
  );
}
