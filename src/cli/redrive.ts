/** `posthorn redrive` */
import { type Client, RequestFailed } from './client.ts';
import type { Command } from './command.ts';
import type { CommandIo } from './commandIo.ts';
import { exitCodes } from './failure.ts';
import { messages, Progress } from './progress.ts';
import { nonEmpty } from './rules.ts';
import { optional, text, toggle, wholeNumber } from './setting.ts';
import { printableJson } from './table.ts';

const flags = {
  to: text('<queue>', undefined, nonEmpty, 'move all to that queue; without it, each to where it came from'),
  rate: optional(wholeNumber('<number>', 1, { min: 1, max: 500 }, 'messages a second at most')),
  cancel: toggle('stop the task that runs'),
};

interface MoveTask {
  readonly TaskHandle?: string;
  readonly Status: 'RUNNING' | 'COMPLETED' | 'CANCELLING' | 'CANCELLED' | 'FAILED';
  readonly ApproximateNumberOfMessagesMoved?: number;
  readonly ApproximateNumberOfMessagesToMove?: number;
  readonly FailureReason?: string;
  readonly StartedTimestamp: number;
}

/** Tasks that the API lists at most. */
const listMax = 10;
const pollMs = 500;

export const redrive: Command<typeof flags> = {
  name: 'redrive',
  words: ['<dead-letter-queue>'],
  summary: 'move dead letters back to where they came from',
  flags,
  notes: `The server does the moving; the command shows how far it is. Ctrl-C ends the showing only, --cancel the moving.`,
  run: async ({ words: [word = ''], flags, client, io }) => {
    const source = await arnOf(client, word);
    if (flags.cancel) return cancel({ client, io, source, queue: word, json: flags.json });
    const destination = flags.to === undefined ? undefined : await arnOf(client, flags.to);
    await client.call('StartMessageMoveTask', {
      SourceArn: source,
      ...(destination !== undefined && { DestinationArn: destination }),
      ...(flags.rate !== undefined && { MaxNumberOfMessagesPerSecond: flags.rate }),
    });
    const task = await follow(client, io, source, `Moving from ${word}`);
    if (task === undefined) {
      io.printError(`The moving goes on in the server. posthorn redrive ${word} --cancel stops it.`);
      return exitCodes.interrupted;
    }
    if (flags.json) io.print(printableJson(task));
    return report(io, task, flags.to ?? 'where they came from', flags.json);
  },
};

async function arnOf(client: Client, word: string): Promise<string> {
  const { url } = await client.queue(word);
  const { Attributes } = await client.call<{ Attributes: { QueueArn: string } }>('GetQueueAttributes', {
    ...{ QueueUrl: url, AttributeNames: ['QueueArn'] },
  });
  return Attributes.QueueArn;
}

async function tasksOf(client: Client, source: string): Promise<MoveTask[]> {
  const input = { SourceArn: source, MaxResults: listMax };
  return (await client.call<{ Results?: MoveTask[] }>('ListMessageMoveTasks', input)).Results ?? [];
}

/** The task once it has ended; undefined if the person does not want to wait for that. */
async function follow(client: Client, io: CommandIo, source: string, label: string): Promise<MoveTask | undefined> {
  let leave: () => void = () => undefined;
  const left = new Promise<'left'>((resolve) => {
    leave = () => resolve('left');
  });
  const forgetSignals = io.onStopSignal(leave);
  const progress = new Progress(io, label);
  let startedAt: number | undefined;
  try {
    for (;;) {
      const tasks = await tasksOf(client, source);
      // The newest is the one that was started; once it is known, by its time, should another be started behind it.
      const task = tasks.find((each) => startedAt === undefined || each.StartedTimestamp === startedAt);
      if (task === undefined) throw new RequestFailed('The server has forgotten the task.', exitCodes.refused);
      startedAt = task.StartedTimestamp;
      const { moved, toMove } = figuresOf(task);
      progress.show(moved, toMove);
      if (task.Status !== 'RUNNING' && task.Status !== 'CANCELLING') return task;
      if ((await Promise.race([left, io.wait(pollMs)])) === 'left') return undefined;
    }
  } finally {
    progress.clear();
    forgetSignals();
  }
}

function figuresOf({
  ApproximateNumberOfMessagesMoved: moved = 0,
  ApproximateNumberOfMessagesToMove: toMove = 0,
}: MoveTask) {
  return { moved, toMove: Math.max(moved, toMove) };
}

function report(io: CommandIo, task: MoveTask, target: string, isSilent: boolean): number {
  const { moved } = figuresOf(task);
  if (task.Status === 'COMPLETED') {
    if (!isSilent) io.print(`Moved ${messages(moved)} to ${target}.`);
    return exitCodes.ok;
  }
  const reason = task.Status === 'FAILED' ? `failed: ${task.FailureReason ?? 'no reason is known'}` : 'was cancelled';
  io.printError(`After ${messages(moved)} the task ${reason}.`);
  return exitCodes.refused;
}

interface CancelInput {
  readonly client: Client;
  readonly io: CommandIo;
  readonly source: string;
  readonly queue: string;
  readonly json: boolean;
}

async function cancel({ client, io, source, queue, json }: CancelInput): Promise<number> {
  const running = (await tasksOf(client, source)).find(({ Status }) => Status === 'RUNNING');
  if (running?.TaskHandle === undefined) {
    throw new RequestFailed(`Nothing is being moved from ${queue}.`, exitCodes.refused);
  }
  const cancelled = await client.call<{ ApproximateNumberOfMessagesMoved?: number }>('CancelMessageMoveTask', {
    TaskHandle: running.TaskHandle,
  });
  const moved = cancelled.ApproximateNumberOfMessagesMoved ?? 0;
  io.print(json ? printableJson(cancelled) : `Stopped after ${messages(moved)}; they stay where they were moved to.`);
  return exitCodes.ok;
}
