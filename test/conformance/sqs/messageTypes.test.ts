/** Inputs of the message operations that are not of their shapes. The texts depend on the protocol. */
import { describe, expect, it } from 'vitest';
import type { Input } from '../client.ts';
import * as errors from '../errors.ts';
import { json, query } from '../target.ts';

const listFound = 'Start of list found where not expected';
const structureFound = 'Start of structure or map found where not expected.';
const notWhole = 'STRING_VALUE can not be converted to an Integer';

const texts = [
  ['SendMessage', 'MessageBody'],
  ['SendMessage', 'MessageGroupId'],
  ['SendMessage', 'MessageDeduplicationId'],
  ['ReceiveMessage', 'ReceiveRequestAttemptId'],
  ['DeleteMessage', 'ReceiptHandle'],
  ['ChangeMessageVisibility', 'ReceiptHandle'],
] as const;
const numbers = [
  ['SendMessage', 'DelaySeconds'],
  ['ReceiveMessage', 'MaxNumberOfMessages'],
  ['ReceiveMessage', 'VisibilityTimeout'],
  ['ReceiveMessage', 'WaitTimeSeconds'],
  ['ChangeMessageVisibility', 'VisibilityTimeout'],
] as const;
const lists = [
  ['SendMessageBatch', 'Entries'],
  ['DeleteMessageBatch', 'Entries'],
  ['ChangeMessageVisibilityBatch', 'Entries'],
  ['ReceiveMessage', 'AttributeNames'],
  ['ReceiveMessage', 'MessageSystemAttributeNames'],
  ['ReceiveMessage', 'MessageAttributeNames'],
] as const;
const batches = ['SendMessageBatch', 'DeleteMessageBatch', 'ChangeMessageVisibilityBatch'] as const;

describe.concurrent('in JSON', () => {
  async function isMalformed(operation: string, input: Input, message: string): Promise<void> {
    const QueueUrl = await json.queue();
    await json.refused(operation, { QueueUrl, ...input }, errors.malformedInput(message));
  }

  it.each([...texts, ...numbers])('%s refuses a list for %s [aws: serialization]', (operation, name) =>
    isMalformed(operation, { [name]: [] }, listFound),
  );

  it.each([...texts, ...numbers])('%s refuses an object for %s [aws: serialization]', (operation, name) =>
    isMalformed(operation, { [name]: {} }, structureFound),
  );

  it.each(numbers)('%s refuses a text for %s [aws: serialization]', (operation, name) =>
    isMalformed(operation, { [name]: '1' }, notWhole),
  );

  it.each(numbers)('%s refuses true for %s [aws: serialization]', (operation, name) =>
    isMalformed(operation, { [name]: true }, 'TRUE_VALUE can not be converted to an Integer'),
  );

  it.each(lists)('%s refuses a text for %s [aws: serialization]', (operation, name) =>
    isMalformed(operation, { [name]: 'x' }, 'Expected list or null'),
  );

  it.each(lists)('%s refuses an object for %s [aws: serialization]', (operation, name) =>
    isMalformed(operation, { [name]: {} }, structureFound),
  );

  it.each(batches)('%s refuses a list for an id [aws: batch entries]', (operation) =>
    isMalformed(operation, { Entries: [{ Id: [] }] }, listFound),
  );

  it.each(batches)('%s refuses an object for an id [aws: batch entries]', (operation) =>
    isMalformed(operation, { Entries: [{ Id: {} }] }, structureFound),
  );

  it.each(batches)('%s demands entries [aws: batch entries]', async (operation) => {
    const QueueUrl = await json.queue();
    await json.refused(operation, { QueueUrl }, errors.missingParameter('Entries'));
  });

  it.each([...texts, ...numbers])('%s takes a null for %s as absent [facts: protocols]', async (operation, name) => {
    const QueueUrl = await json.queue();
    const input = { QueueUrl, MessageBody: 'b', ReceiptHandle: 'x', VisibilityTimeout: 1 };
    const absent = await json.call(operation, { ...input, [name]: undefined });
    const isNull = await json.call(operation, { ...input, [name]: null });
    expect([isNull.status, isNull.error]).toEqual([absent.status, absent.error]);
  });
});

describe.concurrent('in Query', () => {
  it.each([...texts, ...numbers])('%s refuses a list for %s [facts: protocols]', async (operation, name) => {
    const QueueUrl = await query.queue();
    await query.refused(operation, { QueueUrl, [`${name}.1`]: 'x' }, errors.malformedInput(listFound));
  });

  it.each(numbers)(
    '%s refuses a text, an empty one and a fraction for %s [facts: protocols]',
    async (operation, name) => {
      const QueueUrl = await query.queue();
      for (const value of ['x', '', ' ', '1.5', '0x1']) {
        await query.refused(operation, { QueueUrl, [name]: value }, errors.malformedInput(notWhole));
      }
    },
  );

  it.each(numbers)('%s refuses a huge number for %s by its range [facts: protocols]', async (operation, name) => {
    const QueueUrl = await query.queueWith('x');
    const { ReceiptHandle } = await query.receiveOne(QueueUrl);
    const input = { QueueUrl, MessageBody: 'b', ReceiptHandle, [name]: '99999999999999999999' };
    const { error } = await query.call(operation, input);
    expect(error?.queryCode).toBe('InvalidParameterValue');
  });
});
