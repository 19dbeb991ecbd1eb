/** The commands beside `start`. */
import { cert } from './cert.ts';
import { type Command, type CommandCall, type CommandText, type FlagTable, runCommand } from './command.ts';
import { compact } from './compact.ts';
import { iam } from './iam.ts';
import { kms } from './kms.ts';
import { peek } from './peek.ts';
import { purge } from './purge.ts';
import { queues } from './queues.ts';
import { receive } from './receive.ts';
import { redrive } from './redrive.ts';
import { send } from './send.ts';

export interface RunnableCommand extends CommandText {
  call(call: CommandCall): Promise<number>;
}

/** In the order of the help text. */
export const commands: readonly RunnableCommand[] = [
  runnable(queues),
  runnable(send),
  runnable(receive),
  runnable(peek),
  runnable(redrive),
  runnable(purge),
  runnable(iam),
  cert,
  kms,
  compact,
];

function runnable<Flags extends FlagTable>(command: Command<Flags>): RunnableCommand {
  const { name, words, summary, flags } = command;
  return { name, words, summary, flags, call: (call) => runCommand(command, call) };
}
