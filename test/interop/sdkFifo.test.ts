/** FIFO queues through AWS's client for JavaScript: order, deduplication, groups that wait, and what it refuses. */
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageBatchCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { expect, it } from 'vitest';
import { client } from './posthorn.ts';

async function createFifo(stem: string, more: Record<string, string> = {}): Promise<string> {
  const create = new CreateQueueCommand({ QueueName: `${stem}.fifo`, Attributes: { FifoQueue: 'true', ...more } });
  return (await client().send(create)).QueueUrl ?? '';
}

const contentBased = { ContentBasedDeduplication: 'true' };

async function receive(QueueUrl: string, more: Partial<ReceiveMessageCommandInput> = {}) {
  const asked = { MaxNumberOfMessages: 10, MessageSystemAttributeNames: ['All' as const] };
  const { Messages = [] } = await client().send(new ReceiveMessageCommand({ QueueUrl, ...asked, ...more }));
  return Messages;
}

async function send(QueueUrl: string, MessageGroupId: string, ...bodies: string[]): Promise<void> {
  const Entries = bodies.map((MessageBody, n) => ({ Id: `m${n}`, MessageBody, MessageGroupId }));
  const { Failed = [] } = await client().send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  expect(Failed).toEqual([]);
}

const bodiesOf = (messages: readonly { Body?: string | undefined }[]) => messages.map(({ Body }) => Body);

it('keeps the attributes of high throughput', async () => {
  const Attributes = {
    ...contentBased,
    DeduplicationScope: 'messageGroup',
    FifoThroughputLimit: 'perMessageGroupId',
  };
  const QueueUrl = await createFifo('fast', Attributes);
  const get = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] });
  expect((await client().send(get)).Attributes).toMatchObject({ FifoQueue: 'true', ...Attributes });
  // The same name with the same attributes is the same queue.
  expect(await createFifo('fast', Attributes)).toBe(QueueUrl);
});

it('answers a duplicate with the original, and delivers it once', async () => {
  const QueueUrl = await createFifo('duplicates');
  const once = { QueueUrl, MessageGroupId: 'g', MessageDeduplicationId: 'd-1' };
  const sqs = client();
  const first = await sqs.send(new SendMessageCommand({ ...once, MessageBody: 'first' }));
  const second = await sqs.send(new SendMessageCommand({ ...once, MessageBody: 'first' }));
  const other = await sqs.send(
    new SendMessageCommand({ ...once, MessageDeduplicationId: 'd-2', MessageBody: 'other' }),
  );
  expect(second).toMatchObject({ MessageId: first.MessageId, SequenceNumber: first.SequenceNumber });
  expect(first.SequenceNumber).toMatch(/^\d{20}$/);
  expect(BigInt(other.SequenceNumber ?? 0)).toBeGreaterThan(BigInt(first.SequenceNumber ?? 0));
  const messages = await receive(QueueUrl);
  expect(bodiesOf(messages)).toEqual(['first', 'other']);
  expect(messages[0]?.Attributes).toMatchObject({
    MessageGroupId: 'g',
    MessageDeduplicationId: 'd-1',
    SequenceNumber: first.SequenceNumber,
    ApproximateReceiveCount: '1',
  });
  for (const { ReceiptHandle } of messages) await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  const afterDeletion = await sqs.send(new SendMessageCommand({ ...once, MessageBody: 'first' }));
  expect(afterDeletion.MessageId).toBe(first.MessageId);
  expect(await receive(QueueUrl)).toEqual([]);
});

it('tells bodies apart by their content, in the scope of a group or of the queue', async () => {
  const whole = await createFifo('whole', contentBased);
  const grouped = await createFifo('grouped', { ...contentBased, DeduplicationScope: 'messageGroup' });
  for (const QueueUrl of [whole, grouped]) {
    await send(QueueUrl, 'a', 'same', 'same', 'different');
    await send(QueueUrl, 'b', 'same');
  }
  expect(bodiesOf(await receive(whole))).toEqual(['same', 'different']);
  expect(bodiesOf(await receive(grouped)).sort()).toEqual(['different', 'same', 'same']);
});

it('holds a group back while a message of it is in flight', async () => {
  const QueueUrl = await createFifo('held', contentBased);
  await send(QueueUrl, 'a', 'a1', 'a2', 'a3', 'a4');
  await send(QueueUrl, 'b', 'b1');
  const taken = await receive(QueueUrl, { MaxNumberOfMessages: 2 });
  expect(bodiesOf(taken)).toEqual(['a1', 'a2']);
  expect(bodiesOf(await receive(QueueUrl))).toEqual(['b1']);
  expect(await receive(QueueUrl)).toEqual([]);
  // Deleting only one of the two leaves the group with one in flight.
  const [one, two] = taken.map(({ ReceiptHandle }) => ReceiptHandle);
  await client().send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: one }));
  expect(await receive(QueueUrl)).toEqual([]);
  await client().send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: two, VisibilityTimeout: 0 }));
  expect(bodiesOf(await receive(QueueUrl))).toEqual(['a2', 'a3', 'a4']);
});

it('wakes a long poll when a group is free again', async () => {
  const QueueUrl = await createFifo('woken', contentBased);
  await send(QueueUrl, 'a', '1', '2');
  const [first] = await receive(QueueUrl, { MaxNumberOfMessages: 1 });
  const waiting = receive(QueueUrl, { WaitTimeSeconds: 20 });
  const Entries = [{ Id: 'one', ReceiptHandle: first?.ReceiptHandle }];
  await client().send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  expect(bodiesOf(await waiting)).toEqual(['2']);
});

it('gives the same receive again for the same attempt', async () => {
  const QueueUrl = await createFifo('attempts', contentBased);
  await send(QueueUrl, 'a', '1', '2', '3');
  const attempt = { MaxNumberOfMessages: 2, ReceiveRequestAttemptId: 'attempt-1' };
  const lost = await receive(QueueUrl, attempt);
  const again = await receive(QueueUrl, attempt);
  expect(bodiesOf(again)).toEqual(['1', '2']);
  expect(again.map(({ MessageId }) => MessageId)).toEqual(lost.map(({ MessageId }) => MessageId));
  expect(await receive(QueueUrl, { ReceiveRequestAttemptId: 'attempt-2' })).toEqual([]);
});

it('refuses what a FIFO queue needs or does not take', async () => {
  const QueueUrl = await createFifo('strict');
  const sqs = client();
  const MessageBody = 'x';
  await expect(sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }))).rejects.toMatchObject({
    name: 'MissingParameter',
    message: 'The request must contain the parameter MessageGroupId.',
  });
  await expect(sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, MessageGroupId: 'g' }))).rejects.toMatchObject({
    name: 'InvalidParameterValue',
  });
  const ids = { MessageGroupId: 'g', MessageDeduplicationId: 'd' };
  const delayed = new SendMessageCommand({ QueueUrl, MessageBody, ...ids, DelaySeconds: 1 });
  await expect(sqs.send(delayed)).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  const standard = new CreateQueueCommand({ QueueName: 'without-suffix', Attributes: { FifoQueue: 'true' } });
  await expect(sqs.send(standard)).rejects.toMatchObject({ name: 'InvalidParameterValue' });
});
