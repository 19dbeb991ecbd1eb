/** `posthorn purge` */
import type { Client } from './client.ts';
import type { Command } from './command.ts';
import { exitCodes } from './failure.ts';
import { messages } from './progress.ts';
import { SettingsError, toggle } from './setting.ts';
import { printableJson } from './table.ts';

const flags = { yes: toggle('do not ask') };

const counts = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
] as const;

export const purge: Command<typeof flags> = {
  name: 'purge',
  words: ['<queue>'],
  summary: 'delete all messages of a queue',
  flags,
  notes: 'Nothing brings them back. Messages in flight and delayed ones go, too.',
  run: async ({ words: [word = ''], flags: { yes, json }, client, io }) => {
    if (!yes && !io.input.isTerminal) {
      throw new SettingsError('Nobody is there to ask whether all messages shall go: add --yes.');
    }
    const { url, name } = await client.queue(word);
    const held = await countMessages(client, url);
    if (held > 0 && !yes) {
      const answer = await io.input.ask(`Delete ${messages(held)} from ${name} for good? [y/N] `);
      if (!/^y(es)?$/i.test(answer)) {
        io.printError('Nothing was deleted.');
        return exitCodes.interrupted;
      }
    }
    await client.call('PurgeQueue', { QueueUrl: url });
    io.print(json ? printableJson({ queue: name, purged: held }) : `Deleted ${messages(held)} from ${name}.`);
    return exitCodes.ok;
  },
};

async function countMessages(client: Client, url: string): Promise<number> {
  const { Attributes } = await client.call<{ Attributes: Record<string, string> }>('GetQueueAttributes', {
    ...{ QueueUrl: url, AttributeNames: counts },
  });
  return counts.reduce((total, name) => total + Number(Attributes[name]), 0);
}
