/** Messages that are received too often, and go to the dead-letter queue. */
import { describe, expect, it } from 'vitest';
import type { Input } from '../client.ts';
import { attributesMd5 } from '../digests.ts';
import { type DeadLetterPair, deadLetterPair, fifoQueue, receiveMany, sendDeadLetters } from '../redrive.ts';
import { protocols } from '../target.ts';

describe.concurrent.each(protocols)('dead letters over $name', (api) => {
  const all: Input = { AttributeNames: ['All'], MessageAttributeNames: ['All'] };
  const count = (QueueUrl: string) => api.attribute(QueueUrl, 'ApproximateNumberOfMessages');

  it('move on the receive that would be one too many [facts: dead letters]', async () => {
    const { QueueUrl, deadLetterUrl } = await deadLetterPair(api, { maxReceiveCount: 3 });
    await api.ok('SendMessage', { QueueUrl, MessageBody: 'x' });
    for (let n = 0; n < 3; n += 1) {
      expect((await api.receiveOne(QueueUrl, { VisibilityTimeout: 0 })).Body).toBe('x');
      expect(await count(deadLetterUrl)).toBe('0');
    }
    expect(await api.receive(QueueUrl, { WaitTimeSeconds: 1 })).toEqual([]);
    expect((await api.receiveOne(deadLetterUrl)).Body).toBe('x');
    expect(await count(QueueUrl)).toBe('0');
  });

  it('keep id, body, attributes and time of sending, and tell where they come from [facts: dead letters]', async () => {
    const { QueueUrl, deadLetterUrl, arn } = await deadLetterPair(api);
    const MessageAttributes = { a: { DataType: 'Binary', BinaryValue: Uint8Array.of(7) } };
    const MessageSystemAttributes = { AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1' } };
    await api.ok('SendMessage', { QueueUrl, MessageBody: 'é\r', MessageAttributes, MessageSystemAttributes });
    const sent = await api.receiveOne(QueueUrl, { VisibilityTimeout: 0, ...all });
    expect(sent.Attributes?.DeadLetterQueueSourceArn).toBeUndefined();
    expect(await api.receive(QueueUrl, { WaitTimeSeconds: 1 })).toEqual([]);
    const moved = await api.receiveOne(deadLetterUrl, all);
    expect(moved).toMatchObject({
      MessageId: sent.MessageId,
      Body: 'é\r',
      MessageAttributes: sent.MessageAttributes,
      MD5OfMessageAttributes: attributesMd5(MessageAttributes),
      Attributes: {
        AWSTraceHeader: 'Root=1',
        SenderId: sent.Attributes?.SenderId,
        SentTimestamp: sent.Attributes?.SentTimestamp,
        DeadLetterQueueSourceArn: arn,
      },
    });
  });

  it('do not hold up the messages behind them [facts: dead letters]', async () => {
    const { QueueUrl, deadLetterUrl } = await deadLetterPair(api);
    await api.ok('SendMessage', { QueueUrl, MessageBody: 'bad' });
    await api.receiveOne(QueueUrl, { VisibilityTimeout: 0 });
    await api.ok('SendMessage', { QueueUrl, MessageBody: 'good' });
    const received = await api.receive(QueueUrl, { MaxNumberOfMessages: 10, WaitTimeSeconds: 5 });
    expect(received.map(({ Body }) => Body)).toEqual(['good']);
    expect((await api.receiveOne(deadLetterUrl)).Body).toBe('bad');
  });

  it('wake a long poll at the dead-letter queue [facts: long polling]', async () => {
    const { QueueUrl, deadLetterUrl } = await deadLetterPair(api);
    await api.ok('SendMessage', { QueueUrl, MessageBody: 'x' });
    await api.receiveOne(QueueUrl, { VisibilityTimeout: 0 });
    const waiting = api.receiveOne(deadLetterUrl, { WaitTimeSeconds: 20 });
    expect(await api.receive(QueueUrl, { WaitTimeSeconds: 1 })).toEqual([]);
    expect((await waiting).Body).toBe('x');
  });

  it('are not those that were deleted in time [facts: dead letters]', async () => {
    const { QueueUrl, deadLetterUrl } = await deadLetterPair(api);
    await api.ok('SendMessage', { QueueUrl, MessageBody: 'x' });
    const { ReceiptHandle } = await api.receiveOne(QueueUrl);
    await api.ok('DeleteMessage', { QueueUrl, ReceiptHandle });
    expect(await api.receive(QueueUrl)).toEqual([]);
    expect(await api.receive(deadLetterUrl, { WaitTimeSeconds: 1 })).toEqual([]);
  });

  it('are none any more when the policy is taken away [model: RedrivePolicy]', async () => {
    const { QueueUrl, deadLetterUrl } = await deadLetterPair(api);
    await api.ok('SendMessage', { QueueUrl, MessageBody: 'x' });
    await api.receiveOne(QueueUrl, { VisibilityTimeout: 0 });
    await api.ok('SetQueueAttributes', { QueueUrl, Attributes: { RedrivePolicy: '' } });
    expect((await api.receiveOne(QueueUrl)).Body).toBe('x');
    expect(await count(deadLetterUrl)).toBe('0');
  });

  it('are told apart from what was sent to their queue [model: DeadLetterQueueSourceArn]', async () => {
    const pair = await deadLetterPair(api);
    await api.ok('SendMessage', { QueueUrl: pair.deadLetterUrl, MessageBody: 'sent' });
    await sendDeadLetters(api, pair, 'moved');
    const names = { MessageSystemAttributeNames: ['DeadLetterQueueSourceArn'] };
    const received = await receiveMany(api, pair.deadLetterUrl, 2, names);
    const origins = received.map(({ Body, Attributes }) => [Body, Attributes?.DeadLetterQueueSourceArn]);
    expect(Object.fromEntries(origins)).toEqual({ sent: undefined, moved: pair.arn });
  });

  it('can be deleted where they are, by a handle from there [model: DeleteMessage]', async () => {
    const pair = await deadLetterPair(api);
    await sendDeadLetters(api, pair, 'x');
    const { ReceiptHandle } = await api.receiveOne(pair.deadLetterUrl);
    await api.ok('DeleteMessage', { QueueUrl: pair.deadLetterUrl, ReceiptHandle });
    expect(await api.attribute(pair.deadLetterUrl, 'ApproximateNumberOfMessagesNotVisible')).toBe('0');
  });
});

describe.concurrent.each(protocols)('dead letters of a FIFO queue over $name', (api) => {
  const send = ({ QueueUrl }: DeadLetterPair, MessageGroupId: string, MessageBody: string) =>
    api.ok('SendMessage', { QueueUrl, MessageBody, MessageGroupId, MessageDeduplicationId: MessageBody });

  it('keep group and id, and the id is their deduplication id [facts: dead letters]', async () => {
    const pair = await deadLetterPair(api, { fifo: true });
    const { MessageId } = await send(pair, 'g', 'x');
    await api.receiveOne(pair.QueueUrl, { VisibilityTimeout: 0 });
    expect(await api.receive(pair.QueueUrl, { WaitTimeSeconds: 1 })).toEqual([]);
    const moved = await api.receiveOne(pair.deadLetterUrl, { AttributeNames: ['All'] });
    expect(moved).toMatchObject({ MessageId, Body: 'x' });
    expect(moved.Attributes).toMatchObject({
      MessageGroupId: 'g',
      MessageDeduplicationId: MessageId,
      DeadLetterQueueSourceArn: pair.arn,
      SequenceNumber: expect.stringMatching(/^\d{20}$/),
    });
  });

  it('free their group, which goes on in order [facts: dead letters]', async () => {
    const pair = await deadLetterPair(api, { fifo: true });
    await send(pair, 'g', 'bad');
    await api.receiveOne(pair.QueueUrl, { VisibilityTimeout: 0 });
    for (const body of ['1', '2']) await send(pair, 'g', body);
    const received = await receiveMany(api, pair.QueueUrl, 2);
    expect(received.map(({ Body }) => Body)).toEqual(['1', '2']);
    expect((await api.receiveOne(pair.deadLetterUrl)).Body).toBe('bad');
  });

  it('keep the order of their group [facts: dead letters]', async () => {
    const pair = await deadLetterPair(api, { fifo: true });
    for (const body of ['1', '2', '3']) await send(pair, 'g', body);
    await receiveMany(api, pair.QueueUrl, 3, { VisibilityTimeout: 0 });
    expect(await api.receive(pair.QueueUrl, { MaxNumberOfMessages: 10, WaitTimeSeconds: 1 })).toEqual([]);
    const received = await receiveMany(api, pair.deadLetterUrl, 3);
    expect(received.map(({ Body }) => Body)).toEqual(['1', '2', '3']);
  });

  it('leave their deduplication id taken in the queue that they left [facts: deduplication]', async () => {
    const pair = await deadLetterPair(api, { fifo: true });
    const { MessageId } = await send(pair, 'g', 'x');
    await api.receiveOne(pair.QueueUrl, { VisibilityTimeout: 0 });
    expect(await api.receive(pair.QueueUrl, { WaitTimeSeconds: 1 })).toEqual([]);
    expect((await send(pair, 'g', 'x')).MessageId).toBe(MessageId);
    expect(await api.receive(pair.QueueUrl)).toEqual([]);
  });

  it('of several queues with the same deduplication ids are all kept [facts: dead letters]', async () => {
    const deadLetterUrl = await fifoQueue(api);
    for (let n = 0; n < 2; n += 1) {
      const pair = await deadLetterPair(api, { fifo: true, deadLetterUrl });
      await send(pair, 'g', 'x');
      await api.receiveOne(pair.QueueUrl, { VisibilityTimeout: 0 });
      expect(await api.receive(pair.QueueUrl, { WaitTimeSeconds: 1 })).toEqual([]);
    }
    expect(await receiveMany(api, deadLetterUrl, 2)).toHaveLength(2);
  });
});
