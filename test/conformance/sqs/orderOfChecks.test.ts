/**
 * Which refusal comes first when several apply, as docs/lifecycle.md says. Each row takes away what the one before was
 * refused for; the last is taken.
 */
import { expect, it } from 'vitest';
import type { Input } from '../client.ts';
import { fifoQueue } from '../redrive.ts';
import { type Api, describeOurs, protocols, uniqueName } from '../target.ts';

type Row = readonly [code: string, contains: string, repaired: Input];

/** Refused for the first row, then repaired by it, and so on; the input that passes. */
async function isRefusedInOrder(api: Api, operation: string, input: Input, rows: readonly Row[]): Promise<Input> {
  let current = input;
  for (const [code, contains, repaired] of rows) {
    const { error } = await api.call(operation, current);
    expect([error?.queryCode, error?.message]).toEqual([code, expect.stringContaining(contains)]);
    current = { ...current, ...repaired };
  }
  await api.ok(operation, current);
  return current;
}

describeOurs.each(protocols)('the order of checks over $name [posthorn: order of checks]', (api) => {
  const badAttribute = { a: { DataType: 'Number', StringValue: 'x' } };
  const badSystemAttribute = { Hello: { DataType: 'String', StringValue: 'x' } };
  const long = 'x'.repeat(1025);

  it('of SendMessage on a standard queue', async () => {
    const QueueUrl = await api.queue({ MaximumMessageSize: '1024' });
    await isRefusedInOrder(
      api,
      'SendMessage',
      {
        MessageDeduplicationId: 'd',
        MessageGroupId: ' ',
        DelaySeconds: 901,
        MessageAttributes: badAttribute,
        MessageSystemAttributes: badSystemAttribute,
      },
      [
        ['MissingParameter', 'QueueUrl', { QueueUrl: uniqueName() }],
        ['MissingParameter', 'MessageBody', { MessageBody: `${long}\u0001` }],
        ['AWS.SimpleQueueService.NonExistentQueue', '', { QueueUrl }],
        ['InvalidMessageContents', '', { MessageBody: long }],
        ['InvalidParameterValue', 'parameter MessageDeduplicationId', { MessageDeduplicationId: undefined }],
        ['InvalidParameterValue', 'parameter MessageGroupId', { MessageGroupId: 'g' }],
        ['InvalidParameterValue', 'parameter DelaySeconds', { DelaySeconds: 0 }],
        ['InvalidParameterValue', "attribute 'a'", { MessageAttributes: {} }],
        ['InvalidParameterValue', "attribute name 'Hello'", { MessageSystemAttributes: {} }],
        ['InvalidParameterValue', 'shorter than 1024', { MessageBody: 'x' }],
      ],
    );
  });

  it('of SendMessage on a FIFO queue', async () => {
    const QueueUrl = await fifoQueue(api, { MaximumMessageSize: '1024' });
    await isRefusedInOrder(
      api,
      'SendMessage',
      { QueueUrl, MessageBody: '\u0001', DelaySeconds: 1, MessageAttributes: badAttribute },
      [
        ['InvalidMessageContents', '', { MessageBody: long }],
        ['MissingParameter', 'MessageGroupId', { MessageGroupId: ' ', MessageDeduplicationId: ' ' }],
        ['InvalidParameterValue', 'parameter MessageGroupId', { MessageGroupId: 'g' }],
        ['InvalidParameterValue', 'parameter MessageDeduplicationId', { MessageDeduplicationId: undefined }],
        ['InvalidParameterValue', 'ContentBasedDeduplication', { MessageDeduplicationId: 'd' }],
        ['InvalidParameterValue', 'parameter DelaySeconds', { DelaySeconds: undefined }],
        ['InvalidParameterValue', "attribute 'a'", { MessageAttributes: {} }],
        ['InvalidParameterValue', 'shorter than 1024', { MessageBody: 'x' }],
      ],
    );
  });

  it('of SendMessageBatch', async () => {
    const QueueUrl = await api.queue();
    const large = (Id?: string) => ({ Id, MessageBody: 'x'.repeat(600_000), MessageDeduplicationId: 'd' });
    const prefix = 'AWS.SimpleQueueService.';
    const input = { QueueUrl, Entries: Array.from({ length: 11 }, () => large('a b')) };
    const passed = await isRefusedInOrder(api, 'SendMessageBatch', input, [
      [`${prefix}TooManyEntriesInBatchRequest`, '11', { Entries: [large(), large('a b')] }],
      ['MissingParameter', '.1.Id', { Entries: [large('a b'), large('a b')] }],
      [`${prefix}InvalidBatchEntryId`, '', { Entries: [large('a'), large('a')] }],
      [`${prefix}BatchEntryIdsNotDistinct`, 'Id a', { Entries: [large('a'), large('b')] }],
      [`${prefix}BatchRequestTooLong`, '1200000', { Entries: [large('a')] }],
    ]);
    const { Successful, Failed } = await api.ok('SendMessageBatch', passed);
    expect([Successful, Failed?.length]).toEqual([undefined, 1]);
  });

  it('of ReceiveMessage', async () => {
    const QueueUrl = await fifoQueue(api);
    await isRefusedInOrder(
      api,
      'ReceiveMessage',
      {
        QueueUrl,
        MaxNumberOfMessages: 11,
        VisibilityTimeout: -1,
        WaitTimeSeconds: 21,
        AttributeNames: ['Nothing'],
        ReceiveRequestAttemptId: ' ',
      },
      [
        ['InvalidParameterValue', 'parameter MaxNumberOfMessages', { MaxNumberOfMessages: 1 }],
        ['InvalidParameterValue', 'parameter VisibilityTimeout', { VisibilityTimeout: 0 }],
        ['InvalidParameterValue', 'parameter WaitTimeSeconds', { WaitTimeSeconds: 0 }],
        ['InvalidAttributeName', 'Nothing', { AttributeNames: [] }],
        ['InvalidParameterValue', 'parameter ReceiveRequestAttemptId', { ReceiveRequestAttemptId: 'a' }],
      ],
    );
  });

  it('of ChangeMessageVisibility', async () => {
    const QueueUrl = await api.queueWith('x');
    const { ReceiptHandle } = await api.receiveOne(QueueUrl);
    await isRefusedInOrder(api, 'ChangeMessageVisibility', { QueueUrl: uniqueName() }, [
      ['MissingParameter', 'ReceiptHandle', { ReceiptHandle: 'made-up' }],
      ['MissingParameter', 'VisibilityTimeout', { VisibilityTimeout: -1 }],
      ['AWS.SimpleQueueService.NonExistentQueue', '', { QueueUrl }],
      ['InvalidParameterValue', 'parameter VisibilityTimeout', { VisibilityTimeout: 0 }],
      ['ReceiptHandleIsInvalid', 'made-up', { ReceiptHandle }],
    ]);
  });
});
