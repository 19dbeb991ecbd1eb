import type { BacklogRun } from './report.ts';
import type { BacklogResult } from './scenarios/backlog.ts';
import type { Spread } from './statistics.ts';
import { integer, milliseconds, spreadCell, table } from './table.ts';
import type { Memory } from './usage.ts';

export function backlogSection(run: BacklogRun): string[] {
  const heading = ['', `## Backlog: ${run.title} (\`backlog\`)`, ''];
  if (run.result === undefined) return [...heading, `FAILED: ${run.failure}`];
  const { result } = run;
  return [...heading, ...rates(result), '', ...growth(result), '', ...restart(result)];
}

function rates({ empty, filled, messages }: BacklogResult): string[] {
  const row = (what: string, before: Spread, after: Spread): string[] => [
    what,
    spreadCell(before, integer),
    spreadCell(after, integer),
    (after.median / before.median).toFixed(2),
  ];
  return table(
    ['messages/s of 200 bytes, batches of 10', 'empty queue', `${integer(messages)} waiting`, 'ratio'],
    [
      row('send, 64 connections', empty.sent, filled.sent),
      row('receive and delete, 16 connections', empty.drained, filled.drained),
    ],
  );
}

function growth({ steps, memoryBefore, memoryPeak, memoryAfter }: BacklogResult): string[] {
  return table(
    ['while filling', 'messages/s', 'resident MiB', 'of it anonymous', 'of it mapped files'],
    [
      ['before', '', ...memoryCells(memoryBefore)],
      ...steps.map((step) => [
        `${integer(step.messages)} waiting`,
        integer(step.messagesPerSecond),
        ...memoryCells(step.memory),
      ]),
      ['peak', '', ...memoryCells(memoryPeak)],
      ['after the last measurement', '', ...memoryCells(memoryAfter)],
    ],
  );
}

function restart({ restart: found, diskBytes }: BacklogResult): string[] {
  if (found === undefined) return ['It keeps nothing over a restart.'];
  const [resident, anonymous, mapped] = memoryCells(found.memory);
  return [
    `Stopped in ${milliseconds(found.stopMilliseconds)} ms, ${integer(diskBytes / 2 ** 20)} MiB on disk. From the spawn of ` +
      `the new process to the first received message: **${milliseconds(found.firstMessageMilliseconds)} ms**; then all ` +
      `${integer(found.messagesFound)} messages were counted, with ${resident} MiB resident (${anonymous} anonymous, ` +
      `${mapped} mapped files).`,
  ];
}

function memoryCells(memory: Memory | undefined): string[] {
  const mebibytes = (bytes: number | undefined): string => (bytes === undefined ? '-' : integer(bytes / 2 ** 20));
  return [mebibytes(memory?.residentBytes), mebibytes(memory?.anonymousBytes), mebibytes(memory?.fileBytes)];
}
