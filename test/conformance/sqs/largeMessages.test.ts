/** Long bodies take another way through the server than short ones, where they are the bytes of the request. */
import { describe, expect, it } from 'vitest';
import { md5 } from '../digests.ts';
import * as errors from '../errors.ts';
import { protocols, uniqueName } from '../target.ts';

const megabyte = 1_048_576;
const long = (unit: string, bytes: number) => unit.repeat(Math.floor(bytes / Buffer.byteLength(unit)));

const bodies = [
  ['ASCII', long('plain text ', megabyte)],
  ['characters beyond ASCII', long('žluťoučký kůň 你好 😀', megabyte)],
  ['JSON', JSON.stringify({ list: Array(40_000).fill('a "quoted" text') })],
  ['a line feed at the end', `${long('x', megabyte - 1)}\n`],
  ['the last characters that are allowed', long('\ud7ff\ue000\ufffd', megabyte)],
] as const;

describe.concurrent.each(protocols)('large messages over $name', (api) => {
  it.each(bodies)('of %s come back as they were, however often', async (_, MessageBody) => {
    const QueueUrl = await api.queue();
    // Somebody has asked for messages: the queue keeps what comes in memory.
    await api.ok('ReceiveMessage', { QueueUrl });
    const { MD5OfMessageBody } = await api.ok('SendMessage', { QueueUrl, MessageBody });
    expect(MD5OfMessageBody).toBe(md5(MessageBody));
    for (let time = 0; time < 2; time += 1) {
      const { Body, MD5OfBody, ReceiptHandle } = await api.receiveOne(QueueUrl);
      expect(MD5OfBody).toBe(MD5OfMessageBody);
      expect(Body === MessageBody).toBe(true);
      await api.ok('ChangeMessageVisibility', { QueueUrl, ReceiptHandle, VisibilityTimeout: 0 });
    }
  });

  it('are in batches beside short ones', async () => {
    const QueueUrl = await api.queue();
    const Entries = [...'abcdefghij'].map((Id, index) => ({
      Id,
      MessageBody: [long(Id, 100_000), `${Id}\\`, long(`${Id}é`, 200_000)][index % 3] ?? '',
    }));
    const { Successful = [] } = await api.ok('SendMessageBatch', { QueueUrl, Entries });
    expect(Successful.map(({ MD5OfMessageBody }) => MD5OfMessageBody)).toEqual(
      Entries.map(({ MessageBody }) => md5(MessageBody)),
    );
    const found = new Set<string>();
    for (let calls = 0; found.size < 10 && calls < 50; calls += 1) {
      const { Messages = [] } = await api.ok('ReceiveMessage', {
        QueueUrl,
        MaxNumberOfMessages: 10,
        WaitTimeSeconds: 1,
      });
      for (const { Body = '' } of Messages) found.add(Body);
    }
    expect(found).toEqual(new Set(Entries.map(({ MessageBody }) => MessageBody)));
  });

  it('of a batch fail by themselves for forbidden characters', async () => {
    const QueueUrl = await api.queue();
    const Entries = [
      { Id: 'a', MessageBody: long('x', 300_000) },
      { Id: 'b', MessageBody: `${long('y', 300_000)}\uffff` },
      { Id: 'c', MessageBody: `${long('é', 300_000)}\ufffe` },
    ];
    const { Successful = [], Failed = [] } = await api.ok('SendMessageBatch', { QueueUrl, Entries });
    expect(Successful.map(({ Id }) => Id)).toEqual(['a']);
    expect(Failed.map(({ Id, Code }) => [Id, Code])).toEqual([
      ['b', 'InvalidMessageContents'],
      ['c', 'InvalidMessageContents'],
    ]);
  });

  it.each([
    ['U+FFFE', '\ufffe'],
    ['U+FFFF', '\uffff'],
    ['NUL', '\u0000'],
  ])('with %s are refused', async (_, character) => {
    const QueueUrl = await api.queue();
    const MessageBody = long('é', 500_000) + character;
    await api.refused('SendMessage', { QueueUrl, MessageBody }, errors.invalidMessageContents);
  });

  it("count in bytes for the queue's limit", async () => {
    const QueueUrl = await api.queue({ MaximumMessageSize: '100000' });
    const refusal = errors.invalidParameter(
      'One or more parameters are invalid. Reason: Message must be shorter than 100000 bytes.',
    );
    await api.ok('SendMessage', { QueueUrl, MessageBody: long('é', 100_000) });
    await api.refused('SendMessage', { QueueUrl, MessageBody: `${long('é', 100_000)}x` }, refusal);
  });

  it('keep long values of attributes', async () => {
    const QueueUrl = await api.queue();
    const MessageBody = long('body ', 400_000);
    const MessageAttributes = { a: { DataType: 'String', StringValue: long('é', 400_000) } };
    await api.ok('SendMessage', { QueueUrl, MessageBody, MessageAttributes });
    const { Messages } = await api.ok('ReceiveMessage', {
      QueueUrl,
      MessageAttributeNames: ['All'],
      WaitTimeSeconds: 5,
    });
    expect(Messages?.[0]?.Body).toBe(MessageBody);
    expect(Messages?.[0]?.MessageAttributes?.a?.StringValue).toBe(MessageAttributes.a.StringValue);
  });

  it('are encrypted and decrypted', async () => {
    const QueueUrl = await api.queue({ SqsManagedSseEnabled: 'true' });
    const MessageBody = long('secret é ', 700_000);
    await api.ok('SendMessage', { QueueUrl, MessageBody });
    expect((await api.receiveOne(QueueUrl)).Body).toBe(MessageBody);
  });

  it('are deduplicated by what they say', async () => {
    const QueueUrl = await api.queue({ FifoQueue: 'true', ContentBasedDeduplication: 'true' }, `${uniqueName()}.fifo`);
    const MessageBody = long('once é ', 700_000);
    const first = await api.ok('SendMessage', { QueueUrl, MessageBody, MessageGroupId: 'g' });
    // The other protocol takes it as a text.
    const other = protocols.find(({ name }) => name !== api.name) ?? api;
    const second = await other.ok('SendMessage', { QueueUrl, MessageBody, MessageGroupId: 'g' });
    expect(second.MessageId).toBe(first.MessageId);
    expect(second.SequenceNumber).toBe(first.SequenceNumber);
  });

  it('become dead letters', async () => {
    const dead = await api.queue();
    const { Attributes = {} } = await api.ok('GetQueueAttributes', { QueueUrl: dead, AttributeNames: ['QueueArn'] });
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: Attributes.QueueArn, maxReceiveCount: 1 });
    const QueueUrl = await api.queue({ RedrivePolicy, VisibilityTimeout: '0' });
    const MessageBody = long('dead é ', 700_000);
    await api.ok('ReceiveMessage', { QueueUrl });
    await api.ok('SendMessage', { QueueUrl, MessageBody });
    await api.receiveOne(QueueUrl);
    await api.ok('ReceiveMessage', { QueueUrl });
    expect((await api.receiveOne(dead)).Body).toBe(MessageBody);
  });
});
