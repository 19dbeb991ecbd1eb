import { DeleteMessageBatchCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import * as errors from '../errors.ts';
import { json, protocols, sdk, uniqueName } from '../target.ts';

const entryName = 'DeleteMessageBatchRequestEntry';
const entries = (count: number) => Array.from({ length: count }, (_, n) => ({ Id: `id${n}`, ReceiptHandle: 'x' }));

describe.each(protocols)('DeleteMessageBatch over $name', (api) => {
  it('deletes each entry, and lists none as failed [model: DeleteMessageBatch]', async () => {
    const QueueUrl = await api.queueWith('a', 'b');
    const received = [await api.receiveOne(QueueUrl), await api.receiveOne(QueueUrl)];
    const Entries = received.map(({ ReceiptHandle }, n) => ({ Id: `id${n}`, ReceiptHandle }));
    expect(await api.ok('DeleteMessageBatch', { QueueUrl, Entries })).toEqual({
      Successful: [{ Id: 'id0' }, { Id: 'id1' }],
    });
    expect(await api.attribute(QueueUrl, 'ApproximateNumberOfMessagesNotVisible')).toBe('0');
  });

  it('deletes the others when one is wrong [model: DeleteMessageBatchResult]', async () => {
    const QueueUrl = await api.queueWith('a');
    const { ReceiptHandle } = await api.receiveOne(QueueUrl);
    const Entries = [
      { Id: 'good', ReceiptHandle },
      { Id: 'bad', ReceiptHandle: 'made-up' },
      { Id: 'none' },
      { Id: 'blank', ReceiptHandle: ' ' },
    ];
    const Message = 'The input receipt handle "made-up" is not a valid receipt handle.';
    const missing = errors.missingParameter('ReceiptHandle');
    expect(await api.ok('DeleteMessageBatch', { QueueUrl, Entries })).toEqual({
      Successful: [{ Id: 'good' }],
      Failed: [
        { Id: 'bad', SenderFault: true, Code: 'ReceiptHandleIsInvalid', Message },
        { Id: 'none', SenderFault: true, Code: missing.queryCode, Message: missing.message },
        { Id: 'blank', SenderFault: true, Code: missing.queryCode, Message: missing.message },
      ],
    });
  });

  it('takes one handle twice [model: DeleteMessage]', async () => {
    const QueueUrl = await api.queueWith('a');
    const { ReceiptHandle } = await api.receiveOne(QueueUrl);
    const Entries = ['a', 'b'].map((Id) => ({ Id, ReceiptHandle }));
    expect((await api.ok('DeleteMessageBatch', { QueueUrl, Entries })).Successful).toHaveLength(2);
  });

  it('refuses an empty batch [facts: error codes]', async () => {
    const QueueUrl = await api.queue();
    await api.refused('DeleteMessageBatch', { QueueUrl, Entries: [] }, errors.emptyBatchRequest(entryName));
  });

  it('refuses twenty entries [aws: delete batch with too large batch]', async () => {
    const QueueUrl = await api.queue();
    await api.refused('DeleteMessageBatch', { QueueUrl, Entries: entries(20) }, errors.tooManyEntries(20));
  });

  it.each(['', 'testLongId'.repeat(10), 'invalid:id'])(
    'refuses the id "%s" [aws: delete batch invalid id]',
    async (Id) => {
      const QueueUrl = await api.queue();
      const Entries = [{ Id, ReceiptHandle: 'x' }];
      await api.refused('DeleteMessageBatch', { QueueUrl, Entries }, errors.invalidBatchEntryId);
    },
  );

  it('refuses an id that comes twice [facts: error codes]', async () => {
    const QueueUrl = await api.queue();
    const Entries = [...entries(2), ...entries(1)];
    await api.refused('DeleteMessageBatch', { QueueUrl, Entries }, errors.idsNotDistinct('id0'));
  });

  it('says which entry has no id [aws: batch entries]', async () => {
    const QueueUrl = await api.queue();
    const Entries = [...entries(1), { ReceiptHandle: 'x' }];
    await api.refused('DeleteMessageBatch', { QueueUrl, Entries }, errors.missingParameter(`${entryName}.2.Id`));
  });

  it('does not know a queue that was never made [facts: error codes]', async () => {
    await api.refused('DeleteMessageBatch', { QueueUrl: uniqueName(), Entries: entries(1) }, errors.queueDoesNotExist);
  });
});

describe('DeleteMessageBatch with the SDK', () => {
  it('deletes, and shows partial failures [model: DeleteMessageBatch]', async () => {
    const QueueUrl = await json.queueWith('x');
    const { ReceiptHandle } = await json.receiveOne(QueueUrl);
    const Entries = [{ Id: 'good', ReceiptHandle }, ...entries(1)];
    const { Successful, Failed } = await sdk().send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    expect(Successful).toEqual([{ Id: 'good' }]);
    expect(Failed).toMatchObject([{ Id: 'id0', Code: 'ReceiptHandleIsInvalid' }]);
  });
});
