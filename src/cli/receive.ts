/** `posthorn receive` */
import type { Client } from './client.ts';
import { RequestFailed } from './client.ts';
import type { Command } from './command.ts';
import { exitCodes } from './failure.ts';
import { type AttributeValue, attributeTexts, type MessageRow, messageTable } from './messageTable.ts';
import { messages as countOf } from './progress.ts';
import { optional, toggle, wholeNumber } from './setting.ts';
import { printableJson } from './table.ts';

const flags = {
  max: wholeNumber('<number>', 10, { min: 1, max: 10 }, 'messages at most'),
  wait: optional(wholeNumber('<seconds>', 0, { min: 0, max: 20 }, 'how long to wait for the first')),
  visibility: optional(
    wholeNumber('<seconds>', 0, { min: 0, max: 43_200 }, 'how long they are hidden; without it, as the queue has it'),
  ),
  delete: toggle('delete what has been printed'),
};

interface ReceivedMessage {
  readonly MessageId: string;
  readonly ReceiptHandle: string;
  readonly Body: string;
  readonly Attributes?: Readonly<Record<string, string>>;
  readonly MessageAttributes?: Readonly<Record<string, AttributeValue>>;
}

export const receive: Command<typeof flags> = {
  name: 'receive',
  words: ['<queue>'],
  summary: 'receive messages',
  flags,
  notes: `What is received is hidden from others for a while, and counts as a receive: posthorn peek only looks.
--json prints whole bodies, with the receipt handles.`,
  run: async ({ words: [word = ''], flags, client, io }) => {
    const { url } = await client.queue(word);
    const { Messages: received = [] } = await client.call<{ Messages?: ReceivedMessage[] }>('ReceiveMessage', {
      ...{ QueueUrl: url, MaxNumberOfMessages: flags.max },
      ...{ MessageSystemAttributeNames: ['All'], MessageAttributeNames: ['All'] },
      ...(flags.wait !== undefined && { WaitTimeSeconds: flags.wait }),
      ...(flags.visibility !== undefined && { VisibilityTimeout: flags.visibility }),
    });
    if (flags.json) io.print(printableJson(received));
    else if (received.length === 0) io.printError('There are no messages to receive.');
    else
      io.print(
        messageTable(
          received.map((message) => rowOf(message, io.wallClock())),
          io.output,
        ),
      );
    if (!flags.delete || received.length === 0) return exitCodes.ok;
    await io.printed().catch(() => {
      throw new RequestFailed('What was printed found no reader, so nothing was deleted.', exitCodes.other);
    });
    await deleteAll(client, url, received);
    if (!flags.json) io.printError(`Deleted ${countOf(received.length)}.`);
    return exitCodes.ok;
  },
};

function rowOf({ MessageId, Body, Attributes = {}, MessageAttributes }: ReceivedMessage, now: number): MessageRow {
  return {
    messageId: MessageId,
    age: now - Number(Attributes.SentTimestamp),
    receiveCount: Number(Attributes.ApproximateReceiveCount),
    groupId: Attributes.MessageGroupId,
    attributes: attributeTexts(MessageAttributes),
    body: Body,
  };
}

async function deleteAll(client: Client, url: string, received: readonly ReceivedMessage[]): Promise<void> {
  const entries = received.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
  const { Failed = [] } = await client.call<{ Failed?: { Code: string; Message?: string }[] }>('DeleteMessageBatch', {
    ...{ QueueUrl: url, Entries: entries },
  });
  const [first] = Failed;
  if (first === undefined) return;
  throw new RequestFailed(
    `${Failed.length} of ${countOf(entries.length)} could not be deleted: ${first.Code}: ${first.Message}`,
    exitCodes.refused,
  );
}
