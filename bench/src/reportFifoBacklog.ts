import type { BacklogRun } from './report.ts';
import type { BacklogResult } from './scenarios/backlog.ts';
import type { Spread } from './statistics.ts';
import { integer, milliseconds, spreadCell, table } from './table.ts';

/** `runs` are those of one server: its standard queue first, then FIFO queues. */
export function fifoBacklogSection(runs: readonly BacklogRun[]): string[] {
  const [first] = runs;
  if (first === undefined) return [];
  const measured = runs.flatMap(({ queue, result }) => (result === undefined ? [] : [{ queue, result }]));
  const failed = runs.filter((run) => run.result === undefined);
  const standard = first.result;
  return [
    '',
    `## FIFO backlog: ${first.title} (\`fifo-backlog\`)`,
    '',
    ...rates('send, 64 connections', measured, standard, ({ sent }) => sent),
    '',
    ...rates('receive and delete, 16 connections', measured, standard, ({ drained }) => drained),
    '',
    ...table(
      [
        '',
        'resident MiB before',
        'peak while filling',
        'of it anonymous',
        'MiB on disk',
        'restart to the first message, ms',
        'MiB then',
      ],
      measured.map(({ queue, result }) => [queue, ...growthCells(result)]),
    ),
    ...failed.flatMap(({ queue, failure }) => ['', `${queue}: FAILED: ${failure}`]),
  ];
}

function rates(
  what: string,
  measured: readonly { queue: string; result: BacklogResult }[],
  standard: BacklogResult | undefined,
  of: (rates: BacklogResult['empty']) => Spread,
): string[] {
  const messages = integer(measured[0]?.result.messages ?? 0);
  return table(
    [
      `${what}, messages/s of 200 bytes, batches of 10`,
      'empty queue',
      `${messages} waiting`,
      'ratio',
      'of the standard queue, empty',
      'of the standard queue, full',
    ],
    measured.map(({ queue, result }) => [
      queue,
      spreadCell(of(result.empty), integer),
      spreadCell(of(result.filled), integer),
      ratio(of(result.filled), of(result.empty)),
      ratio(of(result.empty), standard && of(standard.empty)),
      ratio(of(result.filled), standard && of(standard.filled)),
    ]),
  );
}

/** Of medians: here one follows minutes after the other, so no round belongs to another. */
function ratio(above: Spread, below: Spread | undefined): string {
  return below === undefined ? '-' : (above.median / below.median).toFixed(2);
}

function growthCells({ memoryBefore, memoryPeak, diskBytes, restart }: BacklogResult): string[] {
  const mebibytes = (bytes: number | undefined): string => (bytes === undefined ? '-' : integer(bytes / 2 ** 20));
  return [
    mebibytes(memoryBefore?.residentBytes),
    mebibytes(memoryPeak?.residentBytes),
    mebibytes(memoryPeak?.anonymousBytes),
    mebibytes(diskBytes),
    restart === undefined ? '-' : milliseconds(restart.firstMessageMilliseconds),
    mebibytes(restart?.memory?.residentBytes),
  ];
}
