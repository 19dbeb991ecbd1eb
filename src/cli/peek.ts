/** `posthorn peek` */
import type { Client } from './client.ts';
import type { Command } from './command.ts';
import { exitCodes } from './failure.ts';
import { type AttributeValue, attributeTexts, duration, type MessageRow, messageTable } from './messageTable.ts';
import { nonEmpty } from './rules.ts';
import { oneOf, optional, text, wholeNumber } from './setting.ts';
import { printableJson } from './table.ts';

const flags = {
  state: optional(oneOf(['waiting', 'delayed', 'in-flight'], 'waiting', 'only messages in that state')),
  group: text('<id>', undefined, nonEmpty, 'only messages of that group'),
  contains: text('<text>', undefined, nonEmpty, 'only messages whose body holds that text'),
  limit: wholeNumber('<number>', 20, { min: 1, max: 100_000 }, 'messages at most'),
};

interface PeekedMessage {
  readonly messageId: string;
  readonly body: string;
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  readonly groupId?: string;
  readonly state: string;
  readonly sentAt: string;
  readonly availableAt: string;
  readonly visibleAt?: string;
  readonly receiveCount: number;
}

/** Messages of one request; the page takes no more. */
const pageMax = 1000;

export const peek: Command<typeof flags> = {
  name: 'peek',
  words: ['<queue>'],
  summary: 'look at messages without receiving them',
  flags,
  notes: `Messages keep their state and their receive count. They come as they become available; those of a standard
queue that have a group come last. --json prints whole bodies.`,
  run: async ({ words: [word = ''], flags, client, io }) => {
    const { accountId, name } = await client.queue(word);
    const path = `queues/${accountId}/${encodeURIComponent(name)}/messages`;
    const { found, isAll } = await search(client, path, flags);
    if (flags.json) {
      io.print(printableJson(found));
      return exitCodes.ok;
    }
    const isFiltered = (flags.state ?? flags.group ?? flags.contains) !== undefined;
    if (found.length > 0)
      io.print(
        messageTable(
          found.map((each) => rowOf(each, io.wallClock())),
          io.output,
        ),
      );
    else io.printError(isFiltered ? `No message in ${name} is like that.` : `${name} is empty.`);
    if (!isAll) io.printError(`There may be more; --limit ${flags.limit * 10} shows them.`);
    return exitCodes.ok;
  },
};

type Query = { readonly [Name in keyof typeof flags]: (typeof flags)[Name]['default'] };

/** Asks until there are enough, or no more: a request that filters may end before it has found anything. */
async function search(client: Client, path: string, { state, group, contains, limit }: Query) {
  const found: PeekedMessage[] = [];
  let next: string | undefined;
  do {
    const wanted = String(Math.min(pageMax, limit - found.length));
    const page: { messages: PeekedMessage[]; next?: string } = await client.page(path, {
      ...{ region: client.region, state, group, contains, limit: wanted, next },
    });
    found.push(...page.messages);
    next = page.next;
  } while (next !== undefined && found.length < limit);
  return { found, isAll: next === undefined };
}

function rowOf(message: PeekedMessage, now: number): MessageRow {
  const { messageId, body, attributes, groupId, receiveCount, sentAt } = message;
  return {
    ...{ messageId, body, groupId, receiveCount },
    state: stateOf(message, now),
    age: now - Date.parse(sentAt),
    attributes: attributeTexts(attributes),
  };
}

/** With the time that is left until it can be received, where that is known. */
function stateOf({ state, availableAt, visibleAt }: PeekedMessage, now: number): string {
  const until = state === 'delayed' ? availableAt : state === 'in-flight' ? visibleAt : undefined;
  return until === undefined ? state : `${state}, ${duration(Date.parse(until) - now)}`;
}
