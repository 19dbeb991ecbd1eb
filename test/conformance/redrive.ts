/** FIFO queues, and queues with a dead-letter queue, for the cases that need them. */
import type { Input, MoveTask, ReceivedMessage } from './client.ts';
import { type Api, uniqueName } from './target.ts';

export function fifoQueue(api: Api, attributes: Readonly<Record<string, string>> = {}): Promise<string> {
  return api.queue({ FifoQueue: 'true', ...attributes }, `${uniqueName('fifo')}.fifo`);
}

/** A queue, its dead-letter queue, and their ARNs. */
export interface DeadLetterPair {
  readonly QueueUrl: string;
  readonly arn: string;
  readonly deadLetterUrl: string;
  readonly deadLetterArn: string;
}

export async function deadLetterPair(
  api: Api,
  options: { maxReceiveCount?: number; fifo?: boolean; deadLetterUrl?: string } = {},
): Promise<DeadLetterPair> {
  const { maxReceiveCount = 1, fifo = false } = options;
  const create = (attributes: Readonly<Record<string, string>> = {}) =>
    fifo ? fifoQueue(api, attributes) : api.queue(attributes);
  const deadLetterUrl = options.deadLetterUrl ?? (await create());
  const deadLetterArn = await arnOf(api, deadLetterUrl);
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: deadLetterArn, maxReceiveCount });
  const QueueUrl = await create({ RedrivePolicy });
  return { QueueUrl, arn: await arnOf(api, QueueUrl), deadLetterUrl, deadLetterArn };
}

export async function arnOf(api: Api, QueueUrl: string): Promise<string> {
  const arn = await api.attribute(QueueUrl, 'QueueArn');
  if (arn === undefined) throw new Error('A queue without an ARN');
  return arn;
}

/** Sends messages, and receives them too often: they are dead letters when this returns. */
export async function sendDeadLetters(api: Api, pair: DeadLetterPair, ...bodies: readonly string[]): Promise<void> {
  const { QueueUrl, deadLetterUrl } = pair;
  for (const MessageBody of bodies) await api.ok('SendMessage', { QueueUrl, MessageBody });
  await receiveTooOften(api, QueueUrl);
  const count = await api.attribute(deadLetterUrl, 'ApproximateNumberOfMessages');
  if (Number(count) < bodies.length) throw new Error(`${count} of ${bodies.length} dead letters arrived`);
}

/** Receives, and makes visible again at once, until nothing comes any more. */
export async function receiveTooOften(api: Api, QueueUrl: string): Promise<void> {
  const input = { VisibilityTimeout: 0, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 };
  for (let received = 1; received > 0; ) received = (await api.receive(QueueUrl, input)).length;
}

/** Receives until so many have come; in the order in which they came. */
export async function receiveMany(
  api: Api,
  QueueUrl: string,
  count: number,
  input: Input = {},
): Promise<readonly ReceivedMessage[]> {
  const received: ReceivedMessage[] = [];
  while (received.length < count) {
    const MaxNumberOfMessages = Math.min(10, count - received.length);
    const messages = await api.receive(QueueUrl, { WaitTimeSeconds: 5, MaxNumberOfMessages, ...input });
    if (messages.length === 0) throw new Error(`${received.length} of ${count} messages came`);
    received.push(...messages);
  }
  return received;
}

/** The newest task of a dead-letter queue, once it has one of these states. */
export async function taskWhen(
  api: Api,
  { deadLetterArn }: DeadLetterPair,
  ...statuses: readonly string[]
): Promise<MoveTask> {
  // A long poll that finds nothing is how to wait.
  const empty = await api.queue();
  for (let attempts = 0; attempts < 30; attempts += 1) {
    const { Results: [task] = [] } = await api.ok('ListMessageMoveTasks', { SourceArn: deadLetterArn });
    if (task !== undefined && statuses.includes(task.Status)) return task;
    await api.receive(empty, { WaitTimeSeconds: 1 });
  }
  throw new Error(`No task came to be ${statuses.join(' or ')}`);
}
