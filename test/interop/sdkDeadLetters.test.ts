/** Dead letters and their way back through AWS's client for JavaScript. */
import {
  CancelMessageMoveTaskCommand,
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ListDeadLetterSourceQueuesCommand,
  ListMessageMoveTasksCommand,
  paginateListDeadLetterSourceQueues,
  QueueDoesNotExist,
  ReceiveMessageCommand,
  ResourceNotFoundException,
  SendMessageBatchCommand,
  SendMessageCommand,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { expect, it, vi } from 'vitest';
import { client } from './posthorn.ts';

interface Queue {
  readonly QueueUrl: string;
  readonly arn: string;
}

async function createQueue(QueueName: string, Attributes: Record<string, string> = {}): Promise<Queue> {
  const { QueueUrl = '' } = await client().send(new CreateQueueCommand({ QueueName, Attributes }));
  const get = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] });
  return { QueueUrl, arn: (await client().send(get)).Attributes?.QueueArn ?? '' };
}

/** A move goes on in the background; this only bounds how long a slow machine may take for it. */
const patience = { timeout: 20_000 };

/** Two queues: one, and the one that its messages go to when they were received once. */
async function createPair(stem: string, more: Record<string, string> = {}, suffix = '') {
  const dead = await createQueue(`${stem}-dead${suffix}`, more);
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 1 });
  const source = await createQueue(`${stem}${suffix}`, { ...more, RedrivePolicy });
  return { source, dead };
}

async function receive({ QueueUrl }: Queue, WaitTimeSeconds = 0, VisibilityTimeout = 30) {
  const asked = { MaxNumberOfMessages: 10, MessageSystemAttributeNames: ['All' as const] };
  const { Messages = [] } = await client().send(
    new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds, VisibilityTimeout, ...asked }),
  );
  return Messages;
}

/** Sends them, and receives them twice, which is once too often. */
async function bury({ source, dead }: { source: Queue; dead: Queue }, bodies: readonly string[]): Promise<void> {
  for (let n = 0; n < bodies.length; n += 10) {
    const Entries = bodies.slice(n, n + 10).map((MessageBody, i) => ({ Id: `m${i}`, MessageBody }));
    await client().send(new SendMessageBatchCommand({ QueueUrl: source.QueueUrl, Entries }));
  }
  for (let received = 0; received < bodies.length; ) received += (await receive(source, 1, 0)).length;
  expect(await receive(source)).toEqual([]);
  expect(await countOf(dead)).toBe(bodies.length);
}

async function countOf({ QueueUrl }: Queue): Promise<number> {
  const get = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] });
  return Number((await client().send(get)).Attributes?.ApproximateNumberOfMessages);
}

async function lastTask({ arn }: Queue) {
  const { Results = [] } = await client().send(new ListMessageMoveTasksCommand({ SourceArn: arn }));
  return Results[0];
}

it('moves a message that was received too often, with everything that it has', async () => {
  const { source, dead } = await createPair('moved');
  const MessageAttributes = { kind: { DataType: 'String', StringValue: 'poison' } };
  const send = new SendMessageCommand({ QueueUrl: source.QueueUrl, MessageBody: 'x', MessageAttributes });
  const { MessageId } = await client().send(send);
  const [alive] = await receive(source, 0, 0);
  expect(await receive(source)).toEqual([]);
  const all = { MessageAttributeNames: ['All'], MessageSystemAttributeNames: ['All' as const] };
  const get = new ReceiveMessageCommand({ QueueUrl: dead.QueueUrl, WaitTimeSeconds: 5, ...all });
  const { Messages } = await client().send(get);
  expect(Messages).toMatchObject([
    {
      MessageId,
      Body: 'x',
      MessageAttributes,
      Attributes: { DeadLetterQueueSourceArn: source.arn, SentTimestamp: alive?.Attributes?.SentTimestamp },
    },
  ]);
});

it('moves a message of a FIFO queue, and frees its group', async () => {
  const fifo = { FifoQueue: 'true', ContentBasedDeduplication: 'true' };
  const { source, dead } = await createPair('moved', fifo, '.fifo');
  for (const MessageBody of ['poison', 'fine']) {
    await client().send(new SendMessageCommand({ QueueUrl: source.QueueUrl, MessageBody, MessageGroupId: 'g' }));
  }
  const { QueueUrl } = source;
  const one = new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 0, MaxNumberOfMessages: 1 });
  expect((await client().send(one)).Messages).toMatchObject([{ Body: 'poison' }]);
  expect(await receive(source, 5)).toMatchObject([{ Body: 'fine' }]);
  expect(await receive(dead, 5)).toMatchObject([
    { Body: 'poison', Attributes: { MessageGroupId: 'g', DeadLetterQueueSourceArn: source.arn } },
  ]);
});

it('lists the queues that lead to a dead letter queue, page by page', async () => {
  const { dead } = await createPair('listed-1');
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 3 });
  for (const n of [2, 3, 4, 5]) await createQueue(`listed-${n}`, { RedrivePolicy });
  const found: string[] = [];
  const pages = paginateListDeadLetterSourceQueues({ client: client(), pageSize: 2 }, { QueueUrl: dead.QueueUrl });
  for await (const { queueUrls = [] } of pages) {
    expect(queueUrls.length).toBeLessThanOrEqual(2);
    found.push(...queueUrls);
  }
  expect(found.map((url) => url.split('/').at(-1)).sort()).toEqual([1, 2, 3, 4, 5].map((n) => `listed-${n}`));
  const missing = new ListDeadLetterSourceQueuesCommand({ QueueUrl: `${dead.QueueUrl}-not` });
  await expect(client().send(missing)).rejects.toBeInstanceOf(QueueDoesNotExist);
});

it('moves dead letters back to where they came from', async () => {
  const pair = await createPair('back');
  const bodies = Array.from({ length: 25 }, (_, n) => `m${n}`);
  await bury(pair, bodies);
  const { TaskHandle } = await client().send(new StartMessageMoveTaskCommand({ SourceArn: pair.dead.arn }));
  expect(TaskHandle).toBeTruthy();
  const task = await vi.waitFor(async () => {
    const found = await lastTask(pair.dead);
    expect(found?.Status).toBe('COMPLETED');
    return found;
  }, patience);
  expect(task).toMatchObject({
    SourceArn: pair.dead.arn,
    ApproximateNumberOfMessagesMoved: 25,
    ApproximateNumberOfMessagesToMove: 25,
  });
  expect(await countOf(pair.dead)).toBe(0);
  const returned: (string | undefined)[] = [];
  while (returned.length < 25) returned.push(...(await receive(pair.source, 5)).map(({ Body }) => Body));
  expect(returned.sort()).toEqual(bodies.toSorted());
});

it('moves dead letters to another queue', async () => {
  const pair = await createPair('elsewhere');
  const other = await createQueue('elsewhere-other');
  await bury(pair, ['a', 'b', 'c']);
  const start = new StartMessageMoveTaskCommand({ SourceArn: pair.dead.arn, DestinationArn: other.arn });
  await client().send(start);
  await vi.waitFor(async () => expect((await lastTask(pair.dead))?.Status).toBe('COMPLETED'), patience);
  expect(await lastTask(pair.dead)).toMatchObject({ DestinationArn: other.arn });
  expect((await receive(other, 5)).map(({ Body }) => Body).sort()).toEqual(['a', 'b', 'c']);
});

it('stops a move that is cancelled', async () => {
  const pair = await createPair('cancelled');
  await bury(
    pair,
    Array.from({ length: 30 }, (_, n) => `m${n}`),
  );
  const start = new StartMessageMoveTaskCommand({ SourceArn: pair.dead.arn, MaxNumberOfMessagesPerSecond: 1 });
  const { TaskHandle } = await client().send(start);
  expect(await lastTask(pair.dead)).toMatchObject({ Status: 'RUNNING', TaskHandle, MaxNumberOfMessagesPerSecond: 1 });
  const { ApproximateNumberOfMessagesMoved: moved = -1 } = await client().send(
    new CancelMessageMoveTaskCommand({ TaskHandle }),
  );
  expect(moved).toBeGreaterThanOrEqual(0);
  expect(moved).toBeLessThan(30);
  await vi.waitFor(async () => expect((await lastTask(pair.dead))?.Status).toBe('CANCELLED'), patience);
  expect((await countOf(pair.dead)) + (await countOf(pair.source))).toBe(30);
});

it('refuses to move what is no dead letter queue, and to cancel what does not run', async () => {
  const plain = await createQueue('plain');
  const start = new StartMessageMoveTaskCommand({ SourceArn: plain.arn });
  await expect(client().send(start)).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  const unknown = new StartMessageMoveTaskCommand({ SourceArn: `${plain.arn}-not` });
  await expect(client().send(unknown)).rejects.toBeInstanceOf(ResourceNotFoundException);
  const task = { taskId: '7d0c3a0e-3f0f-4f2c-9d0e-5a2d1c0b9a81', sourceArn: plain.arn };
  const TaskHandle = Buffer.from(JSON.stringify(task)).toString('base64');
  const cancel = new CancelMessageMoveTaskCommand({ TaskHandle });
  await expect(client().send(cancel)).rejects.toBeInstanceOf(ResourceNotFoundException);
});
