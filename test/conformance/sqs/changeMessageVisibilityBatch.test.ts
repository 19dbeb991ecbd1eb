import { ChangeMessageVisibilityBatchCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import type { Input } from '../client.ts';
import * as errors from '../errors.ts';
import { json, protocols, sdk, uniqueName } from '../target.ts';

const operation = 'ChangeMessageVisibilityBatch';
/** What AWS calls the entries while it looks at the batch, and what it calls one of them otherwise. */
const batchName = 'ChangeMessageVisibilityBatch';
const entryName = 'ChangeMessageVisibilityBatchRequestEntry';
const entries = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ Id: `id${n}`, ReceiptHandle: 'x', VisibilityTimeout: 1 }));

const missing = (name: string) => ({
  Code: 'MissingParameter',
  Message: `The request must contain the parameter ${name}.`,
});
const invalid = (Message: string) => ({ Code: 'InvalidParameterValue', Message });

describe.each(protocols)('ChangeMessageVisibilityBatch over $name', (api) => {
  it('changes each entry, and lists none as failed [model: ChangeMessageVisibilityBatch]', async () => {
    const QueueUrl = await api.queueWith('a', 'b');
    const [a, b] = [await api.receiveOne(QueueUrl), await api.receiveOne(QueueUrl)];
    const Entries = [
      { Id: 'a', ReceiptHandle: a.ReceiptHandle, VisibilityTimeout: 0 },
      { Id: 'b', ReceiptHandle: b.ReceiptHandle, VisibilityTimeout: 600 },
    ];
    expect(await api.ok(operation, { QueueUrl, Entries })).toEqual({ Successful: [{ Id: 'a' }, { Id: 'b' }] });
    expect((await api.receiveOne(QueueUrl)).MessageId).toBe(a.MessageId);
    expect(await api.receive(QueueUrl)).toEqual([]);
  });

  it('changes the others when some are wrong [model: ChangeMessageVisibilityBatchResult]', async () => {
    const QueueUrl = await api.queueWith('a', 'b', 'c');
    const [a, b, c] = [await api.receiveOne(QueueUrl), await api.receiveOne(QueueUrl), await api.receiveOne(QueueUrl)];
    await api.ok('DeleteMessage', { QueueUrl, ReceiptHandle: b.ReceiptHandle });
    const Entries = [
      { Id: 'good', ReceiptHandle: a.ReceiptHandle, VisibilityTimeout: 0 },
      { Id: 'deleted', ReceiptHandle: b.ReceiptHandle, VisibilityTimeout: 0 },
      { Id: 'long', ReceiptHandle: c.ReceiptHandle, VisibilityTimeout: 43_201 },
      { Id: 'silent', ReceiptHandle: c.ReceiptHandle },
      { Id: 'made-up', ReceiptHandle: 'INVALID', VisibilityTimeout: 0 },
    ];
    const { Successful, Failed = [] } = await api.ok(operation, { QueueUrl, Entries });
    expect(Successful).toEqual([{ Id: 'good' }]);
    expect(Object.fromEntries(Failed.map(({ Id, Code }) => [Id, Code]))).toEqual({
      deleted: 'InvalidParameterValue',
      long: 'InvalidParameterValue',
      silent: 'MissingParameter',
      'made-up': 'ReceiptHandleIsInvalid',
    });
    expect(Failed.every(({ SenderFault }) => SenderFault)).toBe(true);
    expect((await api.receiveOne(QueueUrl)).MessageId).toBe(a.MessageId);
  });

  const failures: [string, Input, { Code: string; Message: string }][] = [
    ['no handle', { VisibilityTimeout: 20 }, missing('ReceiptHandle')],
    ['a handle of spaces', { ReceiptHandle: ' ', VisibilityTimeout: 20 }, missing('ReceiptHandle')],
    ['neither', {}, missing('ReceiptHandle')],
    ['no timeout', { ReceiptHandle: 'made-up' }, missing(`${entryName}.2.VisibilityTimeout`)],
    [
      'a timeout below 0',
      { ReceiptHandle: 'made-up', VisibilityTimeout: -85 },
      invalid(
        'Value -85 for parameter VisibilityTimeout is invalid. Reason: VisibilityTimeout must be an integer between 0 and 43200.',
      ),
    ],
    [
      'a handle that was made up',
      { ReceiptHandle: 'made-up', VisibilityTimeout: 20 },
      {
        Code: 'ReceiptHandleIsInvalid',
        Message: 'The input receipt handle "made-up" is not a valid receipt handle.',
      },
    ],
  ];
  it.each(failures)('fails an entry with %s [aws: change visibility batch]', async (_, wrong, failure) => {
    const QueueUrl = await api.queueWith('a');
    const { ReceiptHandle } = await api.receiveOne(QueueUrl);
    const Entries = [
      { Id: 'good', ReceiptHandle, VisibilityTimeout: 0 },
      { Id: 'bad', ...wrong },
    ];
    expect(await api.ok(operation, { QueueUrl, Entries })).toEqual({
      Successful: [{ Id: 'good' }],
      Failed: [{ Id: 'bad', SenderFault: true, ...failure }],
    });
  });

  it('takes one handle twice, in order [model: ChangeMessageVisibility]', async () => {
    const QueueUrl = await api.queueWith('a');
    const { ReceiptHandle, MessageId } = await api.receiveOne(QueueUrl);
    const Entries = [
      { Id: 'a', ReceiptHandle, VisibilityTimeout: 600 },
      { Id: 'b', ReceiptHandle, VisibilityTimeout: 0 },
    ];
    expect((await api.ok(operation, { QueueUrl, Entries })).Successful).toEqual([{ Id: 'a' }, { Id: 'b' }]);
    expect((await api.receiveOne(QueueUrl)).MessageId).toBe(MessageId);
  });

  it('refuses an empty batch [aws: change visibility batch]', async () => {
    const QueueUrl = await api.queue();
    await api.refused(operation, { QueueUrl, Entries: [] }, errors.emptyBatchRequest(batchName));
  });

  it('refuses twenty entries [aws: change visibility batch with too large batch]', async () => {
    const QueueUrl = await api.queue();
    await api.refused(operation, { QueueUrl, Entries: entries(20) }, errors.tooManyEntries(20));
  });

  it('refuses an id that comes twice [facts: error codes]', async () => {
    const QueueUrl = await api.queue();
    const Entries = [...entries(2), ...entries(1)];
    await api.refused(operation, { QueueUrl, Entries }, errors.idsNotDistinct('id0'));
  });

  it.each([
    ['empty', ''],
    ['of 81 characters', 'i'.repeat(81)],
    ['with a colon', 'a:b'],
    ['with an accent', 'é'],
  ])('refuses an id that is %s [aws: change visibility batch]', async (_, Id) => {
    const QueueUrl = await api.queue();
    const Entries = entries(1).map((entry) => ({ ...entry, Id }));
    await api.refused(operation, { QueueUrl, Entries }, errors.invalidBatchEntryId);
  });

  it('says which entry has no id [aws: change visibility batch]', async () => {
    const QueueUrl = await api.queue();
    const Entries = entries(1).map((entry) => ({ ...entry, Id: undefined }));
    await api.refused(operation, { QueueUrl, Entries }, errors.missingParameter(`${batchName}.1.Id`));
  });

  it('does not know a queue that was never made [facts: error codes]', async () => {
    await api.refused(operation, { QueueUrl: uniqueName(), Entries: entries(1) }, errors.queueDoesNotExist);
  });
});

describe('ChangeMessageVisibilityBatch with the SDK', () => {
  it('changes, and shows partial failures [model: ChangeMessageVisibilityBatch]', async () => {
    const QueueUrl = await json.queueWith('x');
    const { ReceiptHandle } = await json.receiveOne(QueueUrl);
    const Entries = [{ Id: 'good', ReceiptHandle, VisibilityTimeout: 5 }, ...entries(1)];
    const { Successful, Failed } = await sdk().send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
    expect(Successful).toEqual([{ Id: 'good' }]);
    expect(Failed).toMatchObject([{ Id: 'id0', Code: 'ReceiptHandleIsInvalid', SenderFault: true }]);
  });
});
