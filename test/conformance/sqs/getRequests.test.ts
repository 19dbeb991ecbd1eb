/** The message operations with their parameters in the address. */
import { describe, expect, it } from 'vitest';
import * as errors from '../errors.ts';
import { fifoQueue } from '../redrive.ts';
import { query } from '../target.ts';

const get = { method: 'GET' } as const;

describe('in GET requests of the Query protocol [facts: protocols]', () => {
  it('ReceiveMessage gives carriage returns, markup and bytes as they were sent', async () => {
    const QueueUrl = await query.queue();
    const MessageBody = 'a\r\nb\rc & <d> "e" %20+';
    const MessageAttributes = { a: { DataType: 'Binary', BinaryValue: Uint8Array.of(0, 13, 10, 255) } };
    await query.ok('SendMessage', { QueueUrl, MessageBody, MessageAttributes }, get);
    const input = { QueueUrl, WaitTimeSeconds: 5, MessageAttributeNames: ['All'], AttributeNames: ['All'] };
    const { Messages: [message] = [] } = await query.ok('ReceiveMessage', input, get);
    expect(message).toMatchObject({
      Body: MessageBody,
      MessageAttributes: { a: { DataType: 'Binary', BinaryValue: 'AA0K/w==' } },
      Attributes: { ApproximateReceiveCount: '1' },
    });
  });

  it('SendMessageBatch sends', async () => {
    const QueueUrl = await query.queue();
    const Entries = ['a', 'b'].map((Id) => ({ Id, MessageBody: `${Id} & more` }));
    const { Successful } = await query.ok('SendMessageBatch', { QueueUrl, Entries }, get);
    expect(Successful).toHaveLength(2);
  });

  it('ChangeMessageVisibility and its batch change', async () => {
    const QueueUrl = await query.queueWith('x');
    const first = await query.receiveOne(QueueUrl);
    const input = { QueueUrl, ReceiptHandle: first.ReceiptHandle, VisibilityTimeout: 0 };
    await query.ok('ChangeMessageVisibility', input, get);
    const { ReceiptHandle } = await query.receiveOne(QueueUrl);
    const Entries = [{ Id: 'a', ReceiptHandle, VisibilityTimeout: 0 }];
    await query.ok('ChangeMessageVisibilityBatch', { QueueUrl, Entries }, get);
    expect((await query.receiveOne(QueueUrl)).MessageId).toBe(first.MessageId);
  });

  it('DeleteMessage and its batch delete', async () => {
    const QueueUrl = await query.queueWith('x', 'y');
    const { ReceiptHandle } = await query.receiveOne(QueueUrl);
    await query.ok('DeleteMessage', { QueueUrl, ReceiptHandle }, get);
    const other = await query.receiveOne(QueueUrl);
    const Entries = [{ Id: 'a', ReceiptHandle: other.ReceiptHandle }];
    await query.ok('DeleteMessageBatch', { QueueUrl, Entries }, get);
    expect(await query.attribute(QueueUrl, 'ApproximateNumberOfMessagesNotVisible')).toBe('0');
  });

  it('a FIFO queue takes its ids, and gives them', async () => {
    const QueueUrl = await fifoQueue(query);
    const ids = { MessageGroupId: 'a+b&c=d%', MessageDeduplicationId: '#?/;' };
    const { SequenceNumber } = await query.ok('SendMessage', { QueueUrl, MessageBody: 'b', ...ids }, get);
    const input = { QueueUrl, WaitTimeSeconds: 5, AttributeNames: ['All'], ReceiveRequestAttemptId: '&=+' };
    const { Messages } = await query.ok('ReceiveMessage', input, get);
    expect(Messages?.[0]?.Attributes).toMatchObject({ ...ids, SequenceNumber });
    expect((await query.ok('ReceiveMessage', input, get)).Messages).toEqual(Messages);
  });

  it('refusals are those of forms', async () => {
    const QueueUrl = await query.queue();
    const input = { QueueUrl, MessageBody: '\u0001' };
    await query.refused('SendMessage', input, errors.invalidMessageContents, get);
    await query.refused('DeleteMessage', { QueueUrl }, errors.missingParameter('ReceiptHandle'), get);
  });
});
