import { BatchRequestTooLong, SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { attributesMd5, md5 } from '../digests.ts';
import * as errors from '../errors.ts';
import { json, protocols, sdk, uniqueName } from '../target.ts';

const entryName = 'SendMessageBatchRequestEntry';
const entries = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ Id: `id${n}`, MessageBody: `body ${n}` }));

describe.each(protocols)('SendMessageBatch over $name', (api) => {
  it('sends ten, each under its id with its digest [model: SendMessageBatch]', async () => {
    const QueueUrl = await api.queue();
    const { Successful = [], Failed } = await api.ok('SendMessageBatch', { QueueUrl, Entries: entries(10) });
    expect(Failed).toBeUndefined();
    expect(Successful.map(({ Id, MD5OfMessageBody }) => [Id, MD5OfMessageBody])).toEqual(
      entries(10).map(({ Id, MessageBody }) => [Id, md5(MessageBody)]),
    );
    expect(new Set(Successful.map(({ MessageId }) => MessageId)).size).toBe(10);
    expect(await api.attribute(QueueUrl, 'ApproximateNumberOfMessages')).toBe('10');
  });

  it('sends what SendMessage sends [model: SendMessageBatchRequestEntry]', async () => {
    const QueueUrl = await api.queue();
    const MessageAttributes = { a: { DataType: 'Binary', BinaryValue: Uint8Array.of(7) } };
    const MessageSystemAttributes = { AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1' } };
    const entry = {
      Id: 'a',
      MessageBody: 'é\r',
      DelaySeconds: 0,
      MessageGroupId: 'g',
      MessageAttributes,
      MessageSystemAttributes,
    };
    const { Successful } = await api.ok('SendMessageBatch', { QueueUrl, Entries: [entry] });
    expect(Successful).toEqual([
      {
        Id: 'a',
        MessageId: expect.any(String),
        MD5OfMessageBody: md5('é\r'),
        MD5OfMessageAttributes: attributesMd5(MessageAttributes),
        MD5OfMessageSystemAttributes: attributesMd5(MessageSystemAttributes),
      },
    ]);
    expect(await api.receiveOne(QueueUrl, { AttributeNames: ['All'], MessageAttributeNames: ['.*'] })).toMatchObject({
      Body: 'é\r',
      Attributes: { MessageGroupId: 'g', AWSTraceHeader: 'Root=1' },
      MessageAttributes: { a: { DataType: 'Binary', BinaryValue: 'Bw==' } },
    });
  });

  it('sends the others when one is wrong [aws: batch send with invalid char]', async () => {
    const QueueUrl = await api.queue();
    const Entries = [
      { Id: 'good', MessageBody: 'x' },
      { Id: 'control', MessageBody: '\u0001' },
      { Id: 'empty', MessageBody: '' },
      { Id: 'delayed', MessageBody: 'x', DelaySeconds: 901 },
      { Id: 'fifo', MessageBody: 'x', MessageDeduplicationId: 'd' },
      { Id: 'attribute', MessageBody: 'x', MessageAttributes: { 'AWS.a': { DataType: 'String', StringValue: 'x' } } },
    ];
    const { Successful = [], Failed = [] } = await api.ok('SendMessageBatch', { QueueUrl, Entries });
    expect(Successful.map(({ Id }) => Id)).toEqual(['good']);
    expect(Failed.map(({ Id, Code, SenderFault }) => [Id, Code, SenderFault])).toEqual([
      ['control', 'InvalidMessageContents', true],
      ['empty', 'MissingParameter', true],
      ['delayed', 'InvalidParameterValue', true],
      ['fifo', 'InvalidParameterValue', true],
      ['attribute', 'InvalidParameterValue', true],
    ]);
    expect(await api.attribute(QueueUrl, 'ApproximateNumberOfMessages')).toBe('1');
  });

  it.each([
    ['MessageDeduplicationId', 'd', 'The request include parameter that is not valid for this queue type'],
    [
      'MessageGroupId',
      ' ',
      'MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length',
    ],
    [
      'DelaySeconds',
      901,
      'Value 901 for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.',
    ],
  ])('words a wrong %s of an entry in its own way [aws: batch entries]', async (name, value, Message) => {
    const QueueUrl = await api.queue();
    const { Failed } = await api.ok('SendMessageBatch', {
      QueueUrl,
      Entries: [{ Id: 'a', MessageBody: 'x', [name]: value }],
    });
    expect(Failed).toEqual([{ Id: 'a', SenderFault: true, Code: 'InvalidParameterValue', Message }]);
  });

  it('says which entry has no body [aws: batch entries]', async () => {
    const QueueUrl = await api.queue();
    const Entries = [{ Id: 'a', MessageBody: 'x' }, { Id: 'b' }];
    const { Failed } = await api.ok('SendMessageBatch', { QueueUrl, Entries });
    const { queryCode: Code, message: Message } = errors.missingParameter(`${entryName}.2.MessageBody`);
    expect(Failed).toEqual([{ Id: 'b', SenderFault: true, Code, Message }]);
  });

  it('answers success when all entries failed, with none successful [model: SendMessageBatchResult]', async () => {
    const QueueUrl = await api.queue();
    const output = await api.ok('SendMessageBatch', { QueueUrl, Entries: [{ Id: 'a', MessageBody: '\u0000' }] });
    expect(output.Successful).toBeUndefined();
    expect(output.Failed).toHaveLength(1);
  });

  it("fails an entry above the queue's own limit, not the batch [model: MaximumMessageSize]", async () => {
    const QueueUrl = await api.queue({ MaximumMessageSize: '1024' });
    const Entries = [
      { Id: 'fits', MessageBody: 'x'.repeat(1024) },
      { Id: 'not', MessageBody: 'x'.repeat(1025) },
    ];
    const { Successful, Failed } = await api.ok('SendMessageBatch', { QueueUrl, Entries });
    expect(Successful).toMatchObject([{ Id: 'fits' }]);
    const Message = 'One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.';
    expect(Failed).toEqual([{ Id: 'not', SenderFault: true, Code: 'InvalidParameterValue', Message }]);
  });

  it('takes 1 MiB in sum, attributes counted in [facts: message size]', async () => {
    const QueueUrl = await api.queue();
    const MessageAttributes = { a: { DataType: 'String', StringValue: 'xyz' } };
    const Entries = [
      { Id: 'a', MessageBody: 'x'.repeat(524_288) },
      { Id: 'b', MessageBody: 'x'.repeat(524_278), MessageAttributes },
    ];
    expect((await api.ok('SendMessageBatch', { QueueUrl, Entries })).Successful).toHaveLength(2);
  });

  it('refuses 1 MiB and a byte in sum [aws: batch with oversized contents]', async () => {
    const QueueUrl = await api.queue();
    const MessageAttributes = { a: { DataType: 'String', StringValue: 'wxyz' } };
    const Entries = [
      { Id: 'a', MessageBody: 'x'.repeat(524_288) },
      { Id: 'b', MessageBody: 'x'.repeat(524_278), MessageAttributes },
    ];
    await api.refused('SendMessageBatch', { QueueUrl, Entries }, errors.batchRequestTooLong(1_048_577));
  });

  it('refuses an empty batch [facts: error codes]', async () => {
    const QueueUrl = await api.queue();
    await api.refused('SendMessageBatch', { QueueUrl, Entries: [] }, errors.emptyBatchRequest(entryName));
  });

  it('refuses eleven entries [aws: too many entries in batch request]', async () => {
    const QueueUrl = await api.queue();
    await api.refused('SendMessageBatch', { QueueUrl, Entries: entries(11) }, errors.tooManyEntries(11));
  });

  it('refuses an id that comes twice [facts: error codes]', async () => {
    const QueueUrl = await api.queue();
    const Entries = ['a', 'b', 'a'].map((Id) => ({ Id, MessageBody: 'x' }));
    await api.refused('SendMessageBatch', { QueueUrl, Entries }, errors.idsNotDistinct('a'));
  });

  it.each([
    ['empty', ''],
    ['of 81 characters', 'i'.repeat(81)],
    ['with a colon', 'invalid:id'],
    ['with an accent', 'é'],
  ])('refuses an id that is %s [aws: invalid batch id]', async (_, Id) => {
    const QueueUrl = await api.queue();
    await api.refused(
      'SendMessageBatch',
      { QueueUrl, Entries: [{ Id, MessageBody: 'x' }] },
      errors.invalidBatchEntryId,
    );
  });

  it('takes an id of 80 characters [facts: batch entry id]', async () => {
    const QueueUrl = await api.queue();
    const Id = `${'aZ09_-'.repeat(13)}xy`;
    expect(
      (await api.ok('SendMessageBatch', { QueueUrl, Entries: [{ Id, MessageBody: 'x' }] })).Successful,
    ).toMatchObject([{ Id }]);
  });

  it('says which entry has no id [aws: batch entries]', async () => {
    const QueueUrl = await api.queue();
    const Entries = [{ Id: 'a', MessageBody: 'x' }, { MessageBody: 'x' }];
    await api.refused('SendMessageBatch', { QueueUrl, Entries }, errors.missingParameter(`${entryName}.2.Id`));
  });

  it('does not know a queue that was never made [facts: error codes]', async () => {
    await api.refused('SendMessageBatch', { QueueUrl: uniqueName(), Entries: entries(1) }, errors.queueDoesNotExist);
  });

  it('stores nothing of a refused batch [model: SendMessageBatch]', async () => {
    const QueueUrl = await api.queue();
    const Entries = [...entries(2), { Id: 'id0', MessageBody: 'again' }];
    await api.refused('SendMessageBatch', { QueueUrl, Entries }, errors.idsNotDistinct('id0'));
    expect(await api.receive(QueueUrl, { MaxNumberOfMessages: 10 })).toEqual([]);
  });
});

describe('SendMessageBatch with the SDK', () => {
  it('passes its check of MD5s and shows partial failures [model: SendMessageBatch]', async () => {
    const QueueUrl = await json.queue();
    const Entries = [...entries(2), { Id: 'bad', MessageBody: '\u0002' }];
    const { Successful, Failed } = await sdk().send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    expect(Successful?.map(({ Id }) => Id)).toEqual(['id0', 'id1']);
    expect(Failed).toMatchObject([{ Id: 'bad', Code: 'InvalidMessageContents', SenderFault: true }]);
  });

  it('throws the class of the error [facts: error codes]', async () => {
    const QueueUrl = await json.queue();
    const Entries = entries(2).map(({ Id }) => ({ Id, MessageBody: 'x'.repeat(600_000) }));
    const failure = sdk().send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    await expect(failure).rejects.toBeInstanceOf(BatchRequestTooLong);
    await expect(failure).rejects.toMatchObject({ Code: 'AWS.SimpleQueueService.BatchRequestTooLong' });
  });
});
