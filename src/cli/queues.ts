/** `posthorn queues` */
import type { QueueSummary } from './client.ts';
import type { Command } from './command.ts';
import { exitCodes } from './failure.ts';
import { count } from './progress.ts';
import { type Column, formatTable, printableJson } from './table.ts';

const columns: readonly Column[] = [
  { title: 'QUEUE', minWidth: 12 },
  { title: 'VISIBLE', isNumber: true },
  { title: 'IN FLIGHT', isNumber: true },
  { title: 'DELAYED', isNumber: true },
  { title: 'DEAD LETTERS TO', minWidth: 15 },
];

const flags = {};

export const queues: Command<typeof flags> = {
  name: 'queues',
  words: ['[prefix]'],
  summary: 'list queues, and how many messages they hold',
  flags,
  notes: `VISIBLE messages can be received, those IN FLIGHT have been and are hidden, those DELAYED have their time to come.`,
  run: async ({ words: [prefix], flags: { json }, client, io }) => {
    const found: QueueSummary[] = [];
    for await (const queue of client.queues(prefix)) found.push(queue);
    if (json) io.print(printableJson(found));
    else if (found.length > 0) io.print(formatTable(columns, found.map(rowOf), io.output.columns));
    else io.printError(`There are no queues${prefix === undefined ? '' : ` that begin with ${prefix}`} here.`);
    return exitCodes.ok;
  },
};

function rowOf({ name, visible, inFlight, delayed, deadLetterQueue, maxReceiveCount }: QueueSummary): string[] {
  const deadLetters = deadLetterQueue === undefined ? '' : `${deadLetterQueue} after ${maxReceiveCount}`;
  return [name, count(visible), count(inFlight), count(delayed), deadLetters];
}
