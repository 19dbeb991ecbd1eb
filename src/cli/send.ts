/** `posthorn send` */
import type { Command, CommandInput } from './command.ts';
import { exitCodes } from './failure.ts';
import { nonEmpty } from './rules.ts';
import { list, optional, SettingsError, text, wholeNumber } from './setting.ts';
import { printableJson } from './table.ts';

const flags = {
  delay: optional(
    wholeNumber('<seconds>', 0, { min: 0, max: 900 }, 'hide it first; without it, the DelaySeconds of the queue'),
  ),
  group: text('<id>', undefined, nonEmpty, 'message group'),
  dedupId: text('<id>', undefined, nonEmpty, 'deduplication id, of FIFO queues'),
  attribute: list('<name>=<value>', 'message attribute; several are possible'),
};

export const send: Command<typeof flags> = {
  name: 'send',
  words: ['<queue>', '[body]'],
  summary: 'send a message',
  flags,
  notes: `Without a body, or with - in its place, standard input is the body, without the line break at its end.
An attribute is a String unless it names another type: --attribute price:Number=12, --attribute logo:Binary=<base64>.`,
  run: async (given) => {
    const { words, flags, client, io } = given;
    const [queue = '', word = '-'] = words;
    const attributes = attributesOf(flags.attribute);
    const body = word === '-' ? await standardInput(given) : word;
    const { url } = await client.queue(queue);
    const sent = await client.call<{ MessageId: string; SequenceNumber?: string }>('SendMessage', {
      QueueUrl: url,
      MessageBody: body,
      ...(flags.delay !== undefined && { DelaySeconds: flags.delay }),
      ...(flags.group !== undefined && { MessageGroupId: flags.group }),
      ...(flags.dedupId !== undefined && { MessageDeduplicationId: flags.dedupId }),
      ...(flags.attribute.length > 0 && { MessageAttributes: attributes }),
    });
    io.print(flags.json ? printableJson(sent) : sent.MessageId);
    return exitCodes.ok;
  },
};

async function standardInput({ io }: Pick<CommandInput<typeof flags>, 'io'>): Promise<string> {
  if (io.input.isTerminal) {
    throw new SettingsError('The message has no body. Give one behind the queue, or pipe it in.');
  }
  try {
    const decoded = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await io.input.readAll());
    return decoded.replace(/\r?\n$/, '');
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new SettingsError('Standard input is not UTF-8 text, which the body of a message must be.');
  }
}

/** Names of attributes hold no colon, so what follows one is the type. */
function attributesOf(given: readonly string[]): Record<string, object> {
  const attributes = given.map((each) => {
    const [, name, type = 'String', value = ''] = /^([^:=]+)(?::([^=]*))?=(.*)$/s.exec(each) ?? [];
    if (name === undefined) {
      throw new SettingsError(
        `--attribute is ${JSON.stringify(each)}, but must be <name>=<value> or <name>:<type>=<value>.`,
      );
    }
    return [name, { DataType: type, [/^Binary\b/.test(type) ? 'BinaryValue' : 'StringValue']: value }] as const;
  });
  return Object.fromEntries(attributes);
}
