/** SendMessage and SendMessageBatch on FIFO queues: ids, deduplication, sequence numbers. */
import { createHash } from 'node:crypto';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import type { Input, Output } from '../client.ts';
import { attributesMd5, md5 } from '../digests.ts';
import * as errors from '../errors.ts';
import { fifoQueue, receiveMany } from '../redrive.ts';
import { json, protocols, sdk } from '../target.ts';

const wrongQueueType = 'The request include parameter that is not valid for this queue type.';
const noDeduplicationId =
  'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly';
const everyCharacter = `abcXYZ019!"#$%&'()*+,-./:;<=>?@[\\]^_\`{|}~`;
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const oddId = (name: string) => `${name} can only include alphanumeric and punctuation characters. 1 to 128 in length`;

describe.each(protocols)('sending to a FIFO queue over $name', (api) => {
  const send = (QueueUrl: string, MessageGroupId: string, MessageDeduplicationId: string, input: Input = {}) =>
    api.ok('SendMessage', { QueueUrl, MessageBody: 'b', MessageGroupId, MessageDeduplicationId, ...input });

  it('answers a sequence number beside id and digest [model: SendMessageResult]', async () => {
    const { MessageId, SequenceNumber, ...rest } = await send(await fifoQueue(api), 'g', 'd');
    expect(MessageId).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(SequenceNumber).toMatch(/^\d{20}$/);
    expect(rest).toEqual({ MD5OfMessageBody: md5('b') });
  });

  it('numbers messages upwards, across groups and calls [facts: sequence number]', async () => {
    const QueueUrl = await fifoQueue(api);
    const numbers: string[] = [];
    for (const n of [0, 1, 2]) {
      const { SequenceNumber = '' } = await send(QueueUrl, `g${n % 2}`, `single${n}`);
      const Entries = ['a', 'b'].map((Id) => ({
        Id,
        MessageBody: Id,
        MessageGroupId: 'g0',
        MessageDeduplicationId: `${Id}${n}`,
      }));
      const { Successful = [] } = await api.ok('SendMessageBatch', { QueueUrl, Entries });
      numbers.push(SequenceNumber, ...Successful.map((entry) => entry.SequenceNumber ?? ''));
    }
    expect(numbers.every((number) => /^\d{20}$/.test(number))).toBe(true);
    expect(numbers).toEqual([...new Set(numbers)].sort());
    expect(numbers).toHaveLength(9);
  });

  it('takes every character of an id, and 128 of them [model: SendMessage.MessageGroupId]', async () => {
    const QueueUrl = await fifoQueue(api);
    const id = everyCharacter.padEnd(128, 'x');
    await send(QueueUrl, id, id);
    const { Attributes } = await api.receiveOne(QueueUrl, { AttributeNames: ['All'] });
    expect(Attributes).toMatchObject({ MessageGroupId: id, MessageDeduplicationId: id });
  });

  it.each([
    ['missing', undefined],
    ['empty', ''],
  ])('refuses a group id that is %s [aws: posting to fifo requires group id]', async (_, MessageGroupId) => {
    const QueueUrl = await fifoQueue(api);
    const input = { QueueUrl, MessageBody: 'b', MessageGroupId, MessageDeduplicationId: 'd' };
    await api.refused('SendMessage', input, errors.missingParameter('MessageGroupId'));
  });

  it('refuses a message without a deduplication id [aws: posting to fifo requires deduplication id]', async () => {
    const QueueUrl = await fifoQueue(api);
    const input = { QueueUrl, MessageBody: 'b', MessageGroupId: 'g' };
    await api.refused('SendMessage', input, errors.invalidParameter(noDeduplicationId));
  });

  it.each([
    ['MessageGroupId', 'of 129 characters', 'g'.repeat(129)],
    ['MessageGroupId', 'with a space', 'a b'],
    ['MessageGroupId', 'with an accent', 'é'],
    ['MessageDeduplicationId', 'of 129 characters', 'd'.repeat(129)],
    ['MessageDeduplicationId', 'with a space', 'a b'],
    ['MessageDeduplicationId', 'with a line feed', 'a\n'],
  ])('refuses a %s %s [aws: id too long]', async (name, _, id) => {
    const QueueUrl = await fifoQueue(api);
    const ids = { MessageGroupId: 'g', MessageDeduplicationId: 'd', [name]: id };
    const refusal = errors.invalidValue(id, name, `${oddId(name)}.`);
    await api.refused('SendMessage', { QueueUrl, MessageBody: 'b', ...ids }, refusal);
  });

  it.each([1, 900])('refuses a delay of its own: %d s [aws: fifo delay seconds fails]', async (DelaySeconds) => {
    const QueueUrl = await fifoQueue(api);
    const input = { QueueUrl, MessageBody: 'b', MessageGroupId: 'g', MessageDeduplicationId: 'd', DelaySeconds };
    await api.refused('SendMessage', input, errors.invalidValue(DelaySeconds, 'DelaySeconds', wrongQueueType));
  });

  it("takes a delay of 0 s, which leaves the queue's [aws: fifo delay on queue works]", async () => {
    const QueueUrl = await fifoQueue(api, { DelaySeconds: '900' });
    await send(QueueUrl, 'g', 'd', { DelaySeconds: 0 });
    expect(await api.receive(QueueUrl)).toEqual([]);
    expect(await api.attribute(QueueUrl, 'ApproximateNumberOfMessagesDelayed')).toBe('1');
  });

  it('keeps all of a message [model: SendMessage]', async () => {
    const QueueUrl = await fifoQueue(api);
    const MessageAttributes = { a: { DataType: 'Binary', BinaryValue: Uint8Array.of(0, 13, 255) } };
    const MessageSystemAttributes = { AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1' } };
    const input = { MessageBody: 'é\r\n', MessageAttributes, MessageSystemAttributes };
    const sent = await send(QueueUrl, 'g', 'd', input);
    expect(sent.MD5OfMessageAttributes).toBe(attributesMd5(MessageAttributes));
    expect(sent.MD5OfMessageSystemAttributes).toBe(attributesMd5(MessageSystemAttributes));
    const names = { MessageAttributeNames: ['All'], AttributeNames: ['All'] };
    expect(await api.receiveOne(QueueUrl, names)).toMatchObject({
      MessageId: sent.MessageId,
      Body: 'é\r\n',
      MD5OfMessageAttributes: sent.MD5OfMessageAttributes,
      Attributes: { AWSTraceHeader: 'Root=1', SequenceNumber: sent.SequenceNumber },
    });
  });
});

describe.each(protocols)('deduplication over $name', (api) => {
  const sendTo = async (QueueUrl: string, input: Input): Promise<Output> =>
    api.ok('SendMessage', { QueueUrl, MessageBody: 'b', MessageGroupId: 'g', ...input });

  async function expectBodies(QueueUrl: string, ...bodies: string[]): Promise<void> {
    const received = await receiveMany(api, QueueUrl, bodies.length, { MaxNumberOfMessages: 10 });
    expect(received.map(({ Body }) => Body).sort()).toEqual(bodies);
    expect(await api.receive(QueueUrl)).toEqual([]);
  }

  it('answers a duplicate as the original, but with its own digest, and adds nothing [facts: deduplication]', async () => {
    const QueueUrl = await fifoQueue(api);
    const first = await sendTo(QueueUrl, { MessageBody: 'first', MessageDeduplicationId: 'd' });
    const second = await sendTo(QueueUrl, { MessageBody: 'second', MessageDeduplicationId: 'd' });
    expect(second).toEqual({ ...first, MD5OfMessageBody: md5('second') });
    await expectBodies(QueueUrl, 'first');
  });

  it('holds after the message was deleted [aws: fifo deduplication after delete]', async () => {
    const QueueUrl = await fifoQueue(api);
    const first = await sendTo(QueueUrl, { MessageDeduplicationId: 'd' });
    const { ReceiptHandle } = await api.receiveOne(QueueUrl);
    await api.ok('DeleteMessage', { QueueUrl, ReceiptHandle });
    expect(await sendTo(QueueUrl, { MessageDeduplicationId: 'd' })).toEqual(first);
    expect(await api.receive(QueueUrl)).toEqual([]);
    expect(await api.attribute(QueueUrl, 'ApproximateNumberOfMessages')).toBe('0');
  });

  it('holds across groups [aws: fifo deduplication not on message group id]', async () => {
    const QueueUrl = await fifoQueue(api);
    const first = await sendTo(QueueUrl, { MessageGroupId: 'g1', MessageDeduplicationId: 'd' });
    expect(await sendTo(QueueUrl, { MessageGroupId: 'g2', MessageDeduplicationId: 'd' })).toEqual(first);
    await expectBodies(QueueUrl, 'b');
  });

  it('holds in each group by itself, in the scope messageGroup [model: DeduplicationScope]', async () => {
    const QueueUrl = await fifoQueue(api, { DeduplicationScope: 'messageGroup' });
    const first = await sendTo(QueueUrl, { MessageBody: '1', MessageGroupId: 'g1', MessageDeduplicationId: 'd' });
    const other = await sendTo(QueueUrl, { MessageBody: '2', MessageGroupId: 'g2', MessageDeduplicationId: 'd' });
    const again = await sendTo(QueueUrl, { MessageBody: '3', MessageGroupId: 'g1', MessageDeduplicationId: 'd' });
    expect(other.MessageId).not.toBe(first.MessageId);
    expect(again.MessageId).toBe(first.MessageId);
    await expectBodies(QueueUrl, '1', '2');
  });

  it('does not take two ids for one, nor letters of another case [model: MessageDeduplicationId]', async () => {
    const QueueUrl = await fifoQueue(api);
    for (const id of ['d', 'D', 'dd']) await sendTo(QueueUrl, { MessageBody: id, MessageDeduplicationId: id });
    await expectBodies(QueueUrl, 'D', 'd', 'dd');
  });

  it('is by the body, if the queue says so [model: ContentBasedDeduplication]', async () => {
    const QueueUrl = await fifoQueue(api, { ContentBasedDeduplication: 'true' });
    const first = await sendTo(QueueUrl, { MessageBody: 'same' });
    const MessageAttributes = { a: { DataType: 'String', StringValue: 'x' } };
    const again = await sendTo(QueueUrl, { MessageBody: 'same', MessageAttributes });
    expect([again.MessageId, again.SequenceNumber]).toEqual([first.MessageId, first.SequenceNumber]);
    expect(again.MD5OfMessageAttributes).toBe(attributesMd5(MessageAttributes));
    await sendTo(QueueUrl, { MessageBody: 'other' });
    await expectBodies(QueueUrl, 'other', 'same');
  });

  it('shows the digest of the body as the id [model: ContentBasedDeduplication]', async () => {
    const QueueUrl = await fifoQueue(api, { ContentBasedDeduplication: 'true' });
    await sendTo(QueueUrl, { MessageBody: 'žluť' });
    const { Attributes } = await api.receiveOne(QueueUrl, { AttributeNames: ['MessageDeduplicationId'] });
    expect(Attributes).toEqual({ MessageDeduplicationId: sha256('žluť') });
  });

  it('prefers the id that is given [model: MessageDeduplicationId]', async () => {
    const QueueUrl = await fifoQueue(api, { ContentBasedDeduplication: 'true' });
    const first = await sendTo(QueueUrl, { MessageBody: 'same', MessageDeduplicationId: 'one' });
    const second = await sendTo(QueueUrl, { MessageBody: 'same', MessageDeduplicationId: 'two' });
    expect(second.MessageId).not.toBe(first.MessageId);
    await expectBodies(QueueUrl, 'same', 'same');
  });

  it('takes an id that is the digest of another body for that body [model: MessageDeduplicationId]', async () => {
    const QueueUrl = await fifoQueue(api, { ContentBasedDeduplication: 'true' });
    const first = await sendTo(QueueUrl, { MessageBody: 'same' });
    const second = await sendTo(QueueUrl, { MessageBody: 'other', MessageDeduplicationId: sha256('same') });
    expect(second.MessageId).toBe(first.MessageId);
    await expectBodies(QueueUrl, 'same');
  });

  it('follows a change of the queue [model: SetQueueAttributes]', async () => {
    const QueueUrl = await fifoQueue(api, { ContentBasedDeduplication: 'true' });
    await api.ok('SetQueueAttributes', { QueueUrl, Attributes: { ContentBasedDeduplication: 'false' } });
    const input = { QueueUrl, MessageBody: 'b', MessageGroupId: 'g' };
    await api.refused('SendMessage', input, errors.invalidParameter(noDeduplicationId));
  });
});

describe.each(protocols)('SendMessageBatch on a FIFO queue over $name', (api) => {
  const entry = (Id: string, rest: Input = {}) => ({
    Id,
    MessageBody: Id,
    MessageGroupId: 'g',
    MessageDeduplicationId: Id,
    ...rest,
  });

  it('sends in the order of the entries [model: SendMessageBatch]', async () => {
    const QueueUrl = await fifoQueue(api);
    const Entries = [...'jihgfedcba'].map((Id) => entry(Id));
    const { Successful = [], Failed } = await api.ok('SendMessageBatch', { QueueUrl, Entries });
    expect(Failed).toBeUndefined();
    expect(Successful.map(({ Id, MD5OfMessageBody }) => [Id, MD5OfMessageBody])).toEqual(
      [...'jihgfedcba'].map((Id) => [Id, md5(Id)]),
    );
    const received = await receiveMany(api, QueueUrl, 10, { AttributeNames: ['SequenceNumber'] });
    expect(received.map(({ Body }) => Body).join('')).toBe('jihgfedcba');
    expect(received.map(({ Attributes }) => Attributes?.SequenceNumber)).toEqual(
      Successful.map(({ SequenceNumber }) => SequenceNumber),
    );
  });

  it('takes an entry for a duplicate of one before it [facts: deduplication]', async () => {
    const QueueUrl = await fifoQueue(api);
    const Entries = [entry('a'), entry('b', { MessageDeduplicationId: 'a' }), entry('c')];
    const { Successful: [a, b, c] = [] } = await api.ok('SendMessageBatch', { QueueUrl, Entries });
    expect(b).toEqual({ ...a, Id: 'b', MD5OfMessageBody: md5('b') });
    expect(c?.MessageId).not.toBe(a?.MessageId);
    const received = await receiveMany(api, QueueUrl, 2);
    expect(received.map(({ Body }) => Body)).toEqual(['a', 'c']);
    expect(await api.receive(QueueUrl)).toEqual([]);
  });

  const refusals: [string, Input, string][] = [
    ['no group id', { MessageGroupId: undefined }, 'The request must contain the parameter MessageGroupId.'],
    ['no deduplication id', { MessageDeduplicationId: undefined }, noDeduplicationId],
    ['a group id with a space', { MessageGroupId: 'a b' }, oddId('MessageGroupId')],
    [
      'a deduplication id of 129 characters',
      { MessageDeduplicationId: 'd'.repeat(129) },
      oddId('MessageDeduplicationId'),
    ],
    ['a delay', { DelaySeconds: 3 }, errors.invalidValue(3, 'DelaySeconds', wrongQueueType).message],
    [
      'an empty body',
      { MessageBody: '' },
      'The request must contain the parameter SendMessageBatchRequestEntry.2.MessageBody.',
    ],
    [
      'a wrong attribute',
      { MessageAttributes: { 'a b': { DataType: 'String', StringValue: 'x' } } },
      'Message (user) attributes name can only contain upper and lower score characters, digits, periods, hyphens and underscores. ',
    ],
    [
      'a body above the limit',
      { MessageBody: 'x'.repeat(1025) },
      'One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.',
    ],
  ];
  it.each(refusals)('refuses all for one entry with %s [aws: fifo batch]', async (_, wrong, message) => {
    const QueueUrl = await fifoQueue(api, { MaximumMessageSize: '1024' });
    const Entries = [entry('a'), entry('b', wrong), entry('c')];
    await api.refused('SendMessageBatch', { QueueUrl, Entries }, errors.invalidParameter(message));
    expect(await api.receive(QueueUrl)).toEqual([]);
    expect(await api.attribute(QueueUrl, 'ApproximateNumberOfMessages')).toBe('0');
    // Nothing was taken for sent, either.
    expect((await api.ok('SendMessageBatch', { QueueUrl, Entries: [entry('a')] })).Successful).toHaveLength(1);
    expect((await api.receiveOne(QueueUrl)).Body).toBe('a');
  });
});

describe('a FIFO queue with the SDK', () => {
  it('takes messages, and answers their numbers [model: SendMessage]', async () => {
    const QueueUrl = await fifoQueue(json);
    const ids = { MessageGroupId: 'g', MessageDeduplicationId: 'd' };
    const sent = await sdk().send(new SendMessageCommand({ QueueUrl, MessageBody: 'b', ...ids }));
    const again = await sdk().send(new SendMessageCommand({ QueueUrl, MessageBody: 'other', ...ids }));
    expect(sent.SequenceNumber).toMatch(/^\d{20}$/);
    expect([again.MessageId, again.SequenceNumber]).toEqual([sent.MessageId, sent.SequenceNumber]);
  });

  it('throws what its users catch [aws: posting to fifo requires group id]', async () => {
    const QueueUrl = await fifoQueue(json);
    const failure = sdk().send(new SendMessageCommand({ QueueUrl, MessageBody: 'b' }));
    await expect(failure).rejects.toMatchObject({ Code: 'MissingParameter', $fault: 'client' });
  });
});
