import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { attributesMd5, md5, type SentAttribute } from '../digests.ts';
import * as errors from '../errors.ts';
import { json, protocols, query, sdk, uniqueName } from '../target.ts';

const megabyte = 1_048_576;
const text = (StringValue: string): SentAttribute => ({ DataType: 'String', StringValue });

describe.concurrent.each(protocols)('SendMessage over $name', (api) => {
  async function roundTrip(MessageBody: string): Promise<void> {
    const QueueUrl = await api.queue();
    const sent = await api.ok('SendMessage', { QueueUrl, MessageBody });
    expect(sent.MD5OfMessageBody).toBe(md5(MessageBody));
    const received = await api.receiveOne(QueueUrl);
    expect(received).toMatchObject({ Body: MessageBody, MD5OfBody: md5(MessageBody), MessageId: sent.MessageId });
  }

  it('answers an id and the MD5 of the body, and nothing that does not apply [model: SendMessageResult]', async () => {
    const QueueUrl = await api.queue();
    const { MessageId, ...rest } = await api.ok('SendMessage', { QueueUrl, MessageBody: 'This is a test message' });
    expect(MessageId).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(rest).toEqual({ MD5OfMessageBody: 'fafb00f5732ab283681e124bf8747ed1' });
  });

  it.each([
    ['characters beyond ASCII', 'žluťoučký kůň 你好'],
    ['characters beyond 16 bits', '😀 \u{10ffff}'],
    ['markup', '<a href="x">&amp; \'b\'</a>'],
    ['carriage returns, line feeds and tabs', 'one\r\ntwo\rthree\n\tfour\n'],
    ['spaces at both ends', '  x  '],
    ['what looks like form data', 'a=1&b=2+3%20%'],
    ['the last characters that are allowed', '\u0020\ud7ff\ue000\ufffd'],
    ['a single character', 'x'],
  ])('keeps %s [facts: body characters]', (_, body) => roundTrip(body));

  it.each([
    ['NUL', '\u0000'],
    ['a control character', 'a\u001bb'],
    ['U+FFFE', '\ufffe'],
    ['U+FFFF', '\uffff'],
  ])('refuses a body with %s [facts: body characters]', async (_, MessageBody) => {
    const QueueUrl = await api.queue();
    await api.refused('SendMessage', { QueueUrl, MessageBody }, errors.invalidMessageContents);
  });

  it('takes a body of 1 MiB [facts: message size]', async () => {
    const QueueUrl = await api.queue();
    const MessageBody = 'x'.repeat(megabyte);
    expect((await api.ok('SendMessage', { QueueUrl, MessageBody })).MD5OfMessageBody).toBe(md5(MessageBody));
    expect((await api.receiveOne(QueueUrl)).MD5OfBody).toBe(md5(MessageBody));
  });

  it('refuses a body of 1 MiB and a byte [aws: send oversized message]', async () => {
    const QueueUrl = await api.queue();
    const refusal = errors.invalidParameter(
      `One or more parameters are invalid. Reason: Message must be shorter than ${megabyte} bytes.`,
    );
    await api.refused('SendMessage', { QueueUrl, MessageBody: 'x'.repeat(megabyte + 1) }, refusal);
  });

  it("holds the queue's own limit in bytes, attributes counted in [aws: updated maximum message size]", async () => {
    const QueueUrl = await api.queue({ MaximumMessageSize: '1024' });
    // Name, type and value are 1 + 6 + 3 bytes.
    const MessageAttributes = { a: text('xyz') };
    await api.ok('SendMessage', { QueueUrl, MessageBody: 'é'.repeat(507), MessageAttributes });
    const refusal = errors.invalidParameter(
      'One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.',
    );
    await api.refused('SendMessage', { QueueUrl, MessageBody: `${'é'.repeat(507)}x`, MessageAttributes }, refusal);
  });

  it.each([
    ['missing', undefined],
    ['empty', ''],
  ])('refuses a %s body [aws: send empty message]', async (_, MessageBody) => {
    const QueueUrl = await api.queue();
    await api.refused('SendMessage', { QueueUrl, MessageBody }, errors.missingParameter('MessageBody'));
  });

  it('refuses to guess the queue [model: SendMessage.QueueUrl]', async () => {
    await api.refused('SendMessage', { MessageBody: 'b' }, errors.missingParameter('QueueUrl'));
  });

  it('does not know a queue that was never made [aws: non-existent queue]', async () => {
    await api.refused('SendMessage', { QueueUrl: uniqueName(), MessageBody: 'b' }, errors.queueDoesNotExist);
  });

  it.each([
    ['DelaySeconds', 'later'],
    ['DelaySeconds', '1.5'],
  ])('refuses a %s of "%s" [aws: serialization]', async (name, value) => {
    const QueueUrl = await api.queue();
    const refusal = errors.malformedInput('STRING_VALUE can not be converted to an Integer');
    await api.refused('SendMessage', { QueueUrl, MessageBody: 'b', [name]: value }, refusal);
  });

  it.each([0, 1, 900])('takes a delay of %d s [model: SendMessage.DelaySeconds]', async (DelaySeconds) => {
    const QueueUrl = await api.queue();
    await api.ok('SendMessage', { QueueUrl, MessageBody: 'b', DelaySeconds });
  });

  it.each([-1, 901])('refuses a delay of %d s [model: SendMessage.DelaySeconds]', async (DelaySeconds) => {
    const QueueUrl = await api.queue();
    const refusal = errors.invalidValue(DelaySeconds, 'DelaySeconds', 'DelaySeconds must be >= 0 and <= 900.');
    await api.refused('SendMessage', { QueueUrl, MessageBody: 'b', DelaySeconds }, refusal);
  });

  it('hides a delayed message until its time [model: SendMessage.DelaySeconds]', async () => {
    const QueueUrl = await api.queue();
    await api.ok('SendMessage', { QueueUrl, MessageBody: 'later', DelaySeconds: 2 });
    await api.ok('SendMessage', { QueueUrl, MessageBody: 'now' });
    expect((await api.receiveOne(QueueUrl)).Body).toBe('now');
    expect(await api.receive(QueueUrl)).toEqual([]);
    const [message] = await api.receive(QueueUrl, { WaitTimeSeconds: 5, AttributeNames: ['All'] });
    const { SentTimestamp = 0, ApproximateFirstReceiveTimestamp = 0 } = message?.Attributes ?? {};
    expect(message?.Body).toBe('later');
    expect(Number(ApproximateFirstReceiveTimestamp) - Number(SentTimestamp)).toBeGreaterThanOrEqual(2000);
  });

  it("prefers the message's delay to the queue's, 0 as well [model: SendMessage.DelaySeconds]", async () => {
    const QueueUrl = await api.queue({ DelaySeconds: '900' });
    await api.ok('SendMessage', { QueueUrl, MessageBody: 'delayed' });
    await api.ok('SendMessage', { QueueUrl, MessageBody: 'at once', DelaySeconds: 0 });
    expect((await api.receiveOne(QueueUrl, { MaxNumberOfMessages: 10 })).Body).toBe('at once');
    expect(await api.attribute(QueueUrl, 'ApproximateNumberOfMessagesDelayed')).toBe('1');
  });

  it('takes a group on a standard queue [aws: fair queue with group id]', async () => {
    const QueueUrl = await api.queue();
    await api.ok('SendMessage', { QueueUrl, MessageBody: 'b', MessageGroupId: 'tenant-1' });
    const { Attributes } = await api.receiveOne(QueueUrl, { AttributeNames: ['All'] });
    expect(Attributes?.MessageGroupId).toBe('tenant-1');
  });

  it.each([
    ['empty', ''],
    ['too long', 'g'.repeat(129)],
    ['with a space', 'group 123'],
  ])('refuses a group id that is %s [aws: invalid message group id]', async (_, MessageGroupId) => {
    const QueueUrl = await api.queue();
    const reason = 'MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length.';
    const refusal = errors.invalidValue(MessageGroupId, 'MessageGroupId', reason);
    await api.refused('SendMessage', { QueueUrl, MessageBody: 'b', MessageGroupId }, refusal);
  });

  it('refuses a deduplication id on a standard queue [facts: queue types]', async () => {
    const QueueUrl = await api.queue();
    const reason = 'The request include parameter that is not valid for this queue type.';
    const refusal = errors.invalidValue('d1', 'MessageDeduplicationId', reason);
    await api.refused('SendMessage', { QueueUrl, MessageBody: 'b', MessageDeduplicationId: 'd1' }, refusal);
  });
});

describe.each(protocols)("a queue's address over $name", (api) => {
  it('may have another host [facts: protocols]', async () => {
    const url = await api.queue();
    const QueueUrl = url.replace(/^https?:\/\/[^/]+/, 'http://sqs.elsewhere.example:1234');
    await api.ok('SendMessage', { QueueUrl, MessageBody: 'b' });
    expect((await api.receiveOne(url)).Body).toBe('b');
  });

  it('may be the bare name [facts: protocols]', async () => {
    const name = uniqueName();
    await api.queue({}, name);
    await api.ok('SendMessage', { QueueUrl: name, MessageBody: 'b' });
  });

  it('may be a path without a host [facts: protocols]', async () => {
    const url = await api.queue();
    await api.ok('SendMessage', { QueueUrl: new URL(url).pathname, MessageBody: 'b' });
  });

  it('may be the path that the request goes to as well [facts: protocols]', async () => {
    const QueueUrl = await api.queue();
    await api.ok('SendMessage', { QueueUrl, MessageBody: 'b' }, { path: new URL(QueueUrl).pathname });
  });

  it('is refused without an account in it [facts: error codes]', async () => {
    const QueueUrl = 'http://sqs.example/queues';
    await api.refused('SendMessage', { QueueUrl, MessageBody: 'b' }, errors.invalidAddress(QueueUrl));
  });
});

describe('SendMessage with the SDK', () => {
  it('passes its check of MD5s, with every kind of attribute [model: SendMessage]', async () => {
    const QueueUrl = await json.queue();
    const MessageAttributes = {
      text: { DataType: 'String', StringValue: 'žluť\r\n😀' },
      number: { DataType: 'Number', StringValue: '1' },
      bytes: { DataType: 'Binary', BinaryValue: Uint8Array.of(0, 128, 255) },
    };
    const sent = await sdk().send(new SendMessageCommand({ QueueUrl, MessageBody: 'a\r\nb 😀', MessageAttributes }));
    expect(sent.MD5OfMessageAttributes).toBe(attributesMd5(MessageAttributes));
    const { Messages } = await sdk().send(new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: ['All'] }));
    expect(Messages).toMatchObject([{ Body: 'a\r\nb 😀', MessageAttributes }]);
  });

  it('throws what its users catch [facts: error codes]', async () => {
    const command = new SendMessageCommand({ QueueUrl: uniqueName(), MessageBody: 'b' });
    await expect(sdk().send(command)).rejects.toMatchObject({
      name: 'QueueDoesNotExist',
      message: 'The specified queue does not exist.',
      Code: 'AWS.SimpleQueueService.NonExistentQueue',
      $metadata: { httpStatusCode: 400 },
    });
  });
});

describe('SendMessage in a GET request', () => {
  it('reads the parameters of the address [facts: protocols]', async () => {
    const QueueUrl = await query.queue();
    const sent = await query.ok('SendMessage', { QueueUrl, MessageBody: 'a b&c=d+e' }, { method: 'GET' });
    expect(sent.MD5OfMessageBody).toBe(md5('a b&c=d+e'));
  });

  it('takes the queue from the path, as a form does [facts: protocols]', async () => {
    const path = new URL(await query.queue()).pathname;
    await query.ok('SendMessage', { MessageBody: 'in the address' }, { method: 'GET', path });
    await query.ok('SendMessage', { MessageBody: 'in a form' }, { path });
    const received = [await query.receiveOne(path), await query.receiveOne(path)];
    expect(received.map(({ Body }) => Body)).toEqual(['in the address', 'in a form']);
  });
});
