/** The package sqs-producer, as its users call it: batches that it cuts itself, and the failures that it reports. */
import { CreateQueueCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { Producer } from 'sqs-producer';
import { expect, it } from 'vitest';
import { client } from './posthorn.ts';

async function createQueue(QueueName: string, Attributes: Record<string, string> = {}): Promise<string> {
  const { QueueUrl = '' } = await client().send(new CreateQueueCommand({ QueueName, Attributes }));
  return QueueUrl;
}

async function receiveTen(QueueUrl: string) {
  const all = { MessageAttributeNames: ['All'], MessageSystemAttributeNames: ['All' as const] };
  const receive = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1, ...all });
  const { Messages = [] } = await client().send(receive);
  return Messages;
}

it('sends more than a batch holds, and counts what waits', async () => {
  const queueUrl = await createQueue('numbers');
  const producer = Producer.create({ queueUrl, sqs: client() });
  expect(await producer.queueSize()).toBe(0);
  const sent = await producer.send(Array.from({ length: 25 }, (_, n) => `number-${n}`));
  expect(new Set(sent.map(({ MessageId }) => MessageId)).size).toBe(25);
  expect(sent.map(({ Id }) => Id)).toEqual(Array.from({ length: 25 }, (_, n) => `number-${n}`));
  expect(await producer.queueSize()).toBe(25);
});

it('sends in batches of the size that it was told', async () => {
  const queueUrl = await createQueue('threes');
  const producer = Producer.create({ queueUrl, sqs: client(), batchSize: 3 });
  await producer.send(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
  expect((await receiveTen(queueUrl)).map(({ Body }) => Body).sort()).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
});

it('gives messages attributes, a delay and a group', async () => {
  const queueUrl = await createQueue('details');
  const producer = Producer.create({ queueUrl, sqs: client() });
  const messageAttributes = {
    size: { DataType: 'Number.int', StringValue: '12' },
    picture: { DataType: 'Binary.png', BinaryValue: Uint8Array.of(137, 80) },
  };
  await producer.send([
    { id: 'now', body: 'now', messageAttributes, groupId: 'tenant-1' },
    { id: 'later', body: 'later', delaySeconds: 900 },
  ]);
  expect(await producer.queueSize()).toBe(1);
  expect(await receiveTen(queueUrl)).toMatchObject([
    { Body: 'now', MessageAttributes: messageAttributes, Attributes: { MessageGroupId: 'tenant-1' } },
  ]);
});

it('reports the entries that are refused, and sends the others', async () => {
  const queueUrl = await createQueue('refusals');
  const producer = Producer.create({ queueUrl, sqs: client() });
  const broken = { size: { DataType: 'Number', StringValue: 'twelve' } };
  const sending = producer.send([
    { id: 'good', body: 'good' },
    { id: 'bad', body: 'bad', messageAttributes: broken },
  ]);
  await expect(sending).rejects.toMatchObject({ message: 'Failed to send messages: bad' });
  expect((await receiveTen(queueUrl)).map(({ Body }) => Body)).toEqual(['good']);
});

it('sends to a FIFO queue: in order, and what was sent before not again', async () => {
  const queueUrl = await createQueue('orders.fifo', { FifoQueue: 'true' });
  const producer = Producer.create({ queueUrl, sqs: client() });
  const orders = Array.from({ length: 12 }, (_, n) => ({
    id: `order-${n}`,
    body: `order ${n}`,
    groupId: `customer-${n % 2}`,
    deduplicationId: `order-${n}`,
  }));
  const first = await producer.send(orders);
  const again = await producer.send(orders);
  expect(again.map(({ MessageId, SequenceNumber }) => [MessageId, SequenceNumber])).toEqual(
    first.map(({ MessageId, SequenceNumber }) => [MessageId, SequenceNumber]),
  );
  expect(await producer.queueSize()).toBe(12);
  const [head, ...more] = await receiveTen(queueUrl);
  expect(head).toMatchObject({ Body: 'order 0', Attributes: { MessageGroupId: 'customer-0' } });
  const sameGroup = more.filter(({ Attributes }) => Attributes?.MessageGroupId === 'customer-0');
  const numbers = sameGroup.map(({ Body = '' }) => Number(Body.slice('order '.length)));
  expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
});
