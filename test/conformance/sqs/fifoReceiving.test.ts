/** ReceiveMessage on FIFO queues, and what deletes and changes of visibility do to a message group. */
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import type { Input, ReceivedMessage } from '../client.ts';
import * as errors from '../errors.ts';
import { fifoQueue, receiveMany } from '../redrive.ts';
import { type Api, json, protocols, sdk } from '../target.ts';

const expired = 'The receipt handle has expired.';

/** A new queue with these messages, each `group:body`. */
async function queueOf(api: Api, messages: readonly string[], attributes: Readonly<Record<string, string>> = {}) {
  const QueueUrl = await fifoQueue(api, attributes);
  await sendTo(api, QueueUrl, messages);
  return QueueUrl;
}

async function sendTo(api: Api, QueueUrl: string, messages: readonly string[]): Promise<void> {
  for (const message of messages) {
    const [MessageGroupId = '', MessageBody = ''] = message.split(':');
    const input = { QueueUrl, MessageBody, MessageGroupId, MessageDeduplicationId: message };
    await api.ok('SendMessage', input);
  }
}

const bodies = (messages: readonly ReceivedMessage[]) => messages.map(({ Body }) => Body);
const ten: Input = { MaxNumberOfMessages: 10, WaitTimeSeconds: 5 };

describe.concurrent.each(protocols)('a message group over $name', (api) => {
  const remove = (QueueUrl: string, { ReceiptHandle }: ReceivedMessage) =>
    api.ok('DeleteMessage', { QueueUrl, ReceiptHandle });
  const change = (QueueUrl: string, { ReceiptHandle }: ReceivedMessage, VisibilityTimeout: number) =>
    api.ok('ChangeMessageVisibility', { QueueUrl, ReceiptHandle, VisibilityTimeout });

  it('comes in order, several at once [model: ReceiveMessage]', async () => {
    const QueueUrl = await queueOf(api, ['g:1', 'g:2', 'g:3']);
    expect(bodies(await api.receive(QueueUrl, ten))).toEqual(['1', '2', '3']);
  });

  it('keeps its order beside others [model: SendMessage.MessageGroupId]', async () => {
    const QueueUrl = await queueOf(api, ['a:1', 'b:2', 'a:3', 'c:4', 'b:5', 'a:6']);
    const received = await receiveMany(api, QueueUrl, 6, { AttributeNames: ['MessageGroupId'] });
    const ofGroup = (group: string) =>
      bodies(received.filter(({ Attributes }) => Attributes?.MessageGroupId === group)).join('');
    expect([ofGroup('a'), ofGroup('b'), ofGroup('c')]).toEqual(['136', '25', '4']);
  });

  it('gives nothing more while one of it is in flight; others do [aws: fifo message group visibility]', async () => {
    const QueueUrl = await queueOf(api, ['a:1', 'a:2', 'b:3']);
    expect(bodies(await api.receive(QueueUrl, { WaitTimeSeconds: 5 }))).toEqual(['1']);
    expect(bodies(await api.receive(QueueUrl, ten))).toEqual(['3']);
    expect(await api.receive(QueueUrl)).toEqual([]);
    await sendTo(api, QueueUrl, ['a:4']);
    expect(await api.receive(QueueUrl)).toEqual([]);
  });

  it('goes on once what was in flight is deleted [facts: FIFO]', async () => {
    const QueueUrl = await queueOf(api, ['g:1', 'g:2']);
    await remove(QueueUrl, await api.receiveOne(QueueUrl));
    expect(bodies(await api.receive(QueueUrl, ten))).toEqual(['2']);
  });

  it('goes on when all are deleted that were received together, not before [facts: FIFO]', async () => {
    const QueueUrl = await queueOf(api, ['g:1', 'g:2', 'g:3']);
    const [first, second] = await receiveMany(api, QueueUrl, 2);
    if (first === undefined || second === undefined) throw new Error('Two messages');
    await remove(QueueUrl, second);
    expect(await api.receive(QueueUrl)).toEqual([]);
    await remove(QueueUrl, first);
    expect(bodies(await api.receive(QueueUrl, ten))).toEqual(['3']);
  });

  it('goes on after a DeleteMessageBatch of some and a timeout of 0 s for the rest [facts: FIFO]', async () => {
    const QueueUrl = await queueOf(api, ['g:1', 'g:2', 'g:3', 'g:4']);
    const [first, second, third] = await receiveMany(api, QueueUrl, 3);
    const Entries = [first, third].map((message, n) => ({ Id: `${n}`, ReceiptHandle: message?.ReceiptHandle }));
    expect((await api.ok('DeleteMessageBatch', { QueueUrl, Entries })).Successful).toHaveLength(2);
    expect(await api.receive(QueueUrl)).toEqual([]);
    const entry = { Id: 'a', ReceiptHandle: second?.ReceiptHandle, VisibilityTimeout: 0 };
    await api.ok('ChangeMessageVisibilityBatch', { QueueUrl, Entries: [entry] });
    expect(bodies(await api.receive(QueueUrl, ten))).toEqual(['2', '4']);
  });

  it('comes again from its first message after a timeout of 0 s [aws: fifo terminate visibility]', async () => {
    const QueueUrl = await queueOf(api, ['g:1', 'g:2']);
    await change(QueueUrl, await api.receiveOne(QueueUrl), 0);
    expect(bodies(await api.receive(QueueUrl, ten))).toEqual(['1', '2']);
  });

  it('comes again in order when the timeout has ended [aws: fifo message group visibility]', async () => {
    const QueueUrl = await queueOf(api, ['g:1', 'g:2', 'g:3']);
    const first = await api.receive(QueueUrl, { WaitTimeSeconds: 5, MaxNumberOfMessages: 2, VisibilityTimeout: 1 });
    expect(bodies(first)).toEqual(['1', '2']);
    expect(await api.receive(QueueUrl)).toEqual([]);
    const again = await api.receive(QueueUrl, { ...ten, AttributeNames: ['ApproximateReceiveCount'] });
    expect(again.map(({ Body, Attributes }) => [Body, Attributes?.ApproximateReceiveCount])).toEqual([
      ['1', '2'],
      ['2', '2'],
      ['3', '1'],
    ]);
  });

  it('wakes a long poll when it can go on [facts: long polling]', async () => {
    const QueueUrl = await queueOf(api, ['g:1', 'g:2']);
    const first = await api.receiveOne(QueueUrl);
    const waiting = api.receiveOne(QueueUrl, { WaitTimeSeconds: 20 });
    await remove(QueueUrl, first);
    expect((await waiting).Body).toBe('2');
  });

  it('is received anew with a timeout of 0 s each time, and never stuck [facts: FIFO]', async () => {
    const QueueUrl = await queueOf(api, ['g:1', 'g:2']);
    for (let n = 0; n < 3; n += 1) {
      expect((await api.receiveOne(QueueUrl, { VisibilityTimeout: 0 })).Body).toBe('1');
    }
    expect(bodies(await api.receive(QueueUrl, ten))).toEqual(['1', '2']);
  });

  it('counts what waits behind it as visible [model: ApproximateNumberOfMessages]', async () => {
    const QueueUrl = await queueOf(api, ['g:1', 'g:2', 'g:3']);
    await api.receiveOne(QueueUrl);
    expect(await api.attribute(QueueUrl, 'ApproximateNumberOfMessages')).toBe('2');
    expect(await api.attribute(QueueUrl, 'ApproximateNumberOfMessagesNotVisible')).toBe('1');
  });

  it('is gone with a purge, and can be used again [model: PurgeQueue]', async () => {
    const QueueUrl = await queueOf(api, ['g:1', 'g:2']);
    await api.receiveOne(QueueUrl);
    await api.ok('PurgeQueue', { QueueUrl });
    expect(await api.receive(QueueUrl)).toEqual([]);
    await sendTo(api, QueueUrl, ['g:3']);
    expect((await api.receiveOne(QueueUrl)).Body).toBe('3');
  });
});

describe.concurrent.each(protocols)('attributes of a message on a FIFO queue over $name', (api) => {
  it.each(['AttributeNames', 'MessageSystemAttributeNames'])(
    'are seven for All in %s [aws: fifo message attributes]',
    async (name) => {
      const QueueUrl = await fifoQueue(api);
      const ids = { MessageGroupId: 'group-1', MessageDeduplicationId: 'dedup-1' };
      const sent = await api.ok('SendMessage', { QueueUrl, MessageBody: 'message-body-1', ...ids });
      const receive = (VisibilityTimeout: number) => api.receiveOne(QueueUrl, { [name]: ['All'], VisibilityTimeout });
      const expected = {
        ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
        ApproximateReceiveCount: '1',
        ...ids,
        SenderId: expect.stringMatching(/./),
        SentTimestamp: expect.stringMatching(/^\d{13}$/),
        SequenceNumber: sent.SequenceNumber,
      };
      const first = await receive(0);
      expect(first.Attributes).toEqual(expected);
      expect((await receive(30)).Attributes).toEqual({ ...first.Attributes, ApproximateReceiveCount: '2' });
    },
  );

  it.each(['SequenceNumber', 'MessageDeduplicationId', 'MessageGroupId'])(
    'include %s if it is asked for [model: ReceiveMessage.MessageSystemAttributeNames]',
    async (name) => {
      const QueueUrl = await queueOf(api, ['g:1']);
      const { Attributes = {} } = await api.receiveOne(QueueUrl, { MessageSystemAttributeNames: [name] });
      expect(Object.keys(Attributes)).toEqual([name]);
      if (name !== 'SequenceNumber') expect(Attributes[name]).toBe(name === 'MessageGroupId' ? 'g' : 'g:1');
    },
  );

  it('are none unless they are asked for [model: ReceiveMessage]', async () => {
    const QueueUrl = await queueOf(api, ['g:1']);
    expect((await api.receiveOne(QueueUrl)).Attributes).toBeUndefined();
  });
});

describe.concurrent.each(protocols)('receipt handles of a FIFO queue over $name', (api) => {
  /** The handle of a receive whose message has been received again since. */
  async function outdated(QueueUrl: string): Promise<string> {
    const { ReceiptHandle } = await api.receiveOne(QueueUrl, { VisibilityTimeout: 0 });
    await api.receiveOne(QueueUrl);
    return ReceiptHandle;
  }

  it('delete, and succeed a second time [model: DeleteMessage]', async () => {
    const QueueUrl = await queueOf(api, ['g:1']);
    const { ReceiptHandle } = await api.receiveOne(QueueUrl);
    await api.ok('DeleteMessage', { QueueUrl, ReceiptHandle });
    await api.ok('DeleteMessage', { QueueUrl, ReceiptHandle });
    expect(await api.attribute(QueueUrl, 'ApproximateNumberOfMessagesNotVisible')).toBe('0');
  });

  it('are refused for a delete when the timeout has ended [aws: fifo delete with expired handle]', async () => {
    const QueueUrl = await queueOf(api, ['g:1']);
    const { ReceiptHandle } = await api.receiveOne(QueueUrl, { VisibilityTimeout: 0 });
    const refusal = errors.invalidValue(ReceiptHandle, 'ReceiptHandle', expired);
    await api.refused('DeleteMessage', { QueueUrl, ReceiptHandle }, refusal);
    expect((await api.receiveOne(QueueUrl)).Body).toBe('1');
  });

  it('are refused for a delete when a newer one is there [facts: receipt handles]', async () => {
    const QueueUrl = await queueOf(api, ['g:1']);
    const ReceiptHandle = await outdated(QueueUrl);
    const refusal = errors.invalidValue(ReceiptHandle, 'ReceiptHandle', expired);
    await api.refused('DeleteMessage', { QueueUrl, ReceiptHandle }, refusal);
    expect(await api.attribute(QueueUrl, 'ApproximateNumberOfMessagesNotVisible')).toBe('1');
  });

  it('fail one entry of a DeleteMessageBatch, and the others are deleted [facts: receipt handles]', async () => {
    const QueueUrl = await queueOf(api, ['g:1', 'h:2']);
    const old = await outdated(QueueUrl);
    const { ReceiptHandle } = await api.receiveOne(QueueUrl);
    const Entries = [
      { Id: 'old', ReceiptHandle: old },
      { Id: 'new', ReceiptHandle },
    ];
    const { queryCode: Code, message: Message } = errors.invalidValue(old, 'ReceiptHandle', expired);
    expect(await api.ok('DeleteMessageBatch', { QueueUrl, Entries })).toEqual({
      Successful: [{ Id: 'new' }],
      Failed: [{ Id: 'old', SenderFault: true, Code, Message }],
    });
    expect(await api.attribute(QueueUrl, 'ApproximateNumberOfMessagesNotVisible')).toBe('1');
  });

  it('are refused for a change of visibility when a newer one is there [facts: receipt handles]', async () => {
    const QueueUrl = await queueOf(api, ['g:1']);
    const ReceiptHandle = await outdated(QueueUrl);
    const refusal = errors.invalidValue(ReceiptHandle, 'ReceiptHandle', expired);
    await api.refused('ChangeMessageVisibility', { QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }, refusal);
    expect(await api.receive(QueueUrl)).toEqual([]);
  });

  it('change nothing when the timeout has ended [model: MessageNotInflight]', async () => {
    const QueueUrl = await queueOf(api, ['g:1']);
    const { ReceiptHandle } = await api.receiveOne(QueueUrl, { VisibilityTimeout: 0 });
    const input = { QueueUrl, ReceiptHandle, VisibilityTimeout: 600 };
    await api.refused('ChangeMessageVisibility', input, errors.messageNotInflight);
    expect((await api.receiveOne(QueueUrl)).Body).toBe('1');
  });

  it('extend the timeout while it lasts [model: ChangeMessageVisibility]', async () => {
    const QueueUrl = await queueOf(api, ['g:1']);
    const { ReceiptHandle } = await api.receiveOne(QueueUrl, { VisibilityTimeout: 2 });
    await api.ok('ChangeMessageVisibility', { QueueUrl, ReceiptHandle, VisibilityTimeout: 600 });
    expect(await api.receive(QueueUrl, { WaitTimeSeconds: 3 })).toEqual([]);
    await api.ok('DeleteMessage', { QueueUrl, ReceiptHandle });
  });
});

describe.concurrent.each(protocols)('the delay of a FIFO queue over $name', (api) => {
  it('holds for all messages, those sent before as well, when it changes [model: DelaySeconds]', async () => {
    const QueueUrl = await queueOf(api, ['g:1', 'g:2'], { DelaySeconds: '900' });
    expect(await api.receive(QueueUrl, ten)).toEqual([]);
    expect(await api.attribute(QueueUrl, 'ApproximateNumberOfMessagesDelayed')).toBe('2');
    await api.ok('SetQueueAttributes', { QueueUrl, Attributes: { DelaySeconds: '0' } });
    expect(bodies(await api.receive(QueueUrl, ten))).toEqual(['1', '2']);
    expect(await api.attribute(QueueUrl, 'ApproximateNumberOfMessagesDelayed')).toBe('0');
  });

  it('hides what was visible when it grows [model: DelaySeconds]', async () => {
    const QueueUrl = await queueOf(api, ['g:1']);
    await api.ok('SetQueueAttributes', { QueueUrl, Attributes: { DelaySeconds: '900' } });
    expect(await api.receive(QueueUrl, { WaitTimeSeconds: 1 })).toEqual([]);
  });

  it('ends by itself [model: DelaySeconds]', async () => {
    const QueueUrl = await queueOf(api, ['g:1', 'g:2'], { DelaySeconds: '2' });
    expect(await api.receive(QueueUrl)).toEqual([]);
    expect(bodies(await receiveMany(api, QueueUrl, 1))).toEqual(['1']);
  });
});

describe.concurrent.each(protocols)('ReceiveRequestAttemptId over $name', (api) => {
  const attempt = (ReceiveRequestAttemptId: string, input: Input = {}) => ({
    MaxNumberOfMessages: 10,
    ReceiveRequestAttemptId,
    ...input,
  });

  it('brings the same messages under the same handles again [model: ReceiveRequestAttemptId]', async () => {
    const QueueUrl = await queueOf(api, ['g:1', 'g:2', 'h:3']);
    const first = await api.receive(QueueUrl, attempt('once', { WaitTimeSeconds: 5, AttributeNames: ['All'] }));
    expect(bodies(first)).toEqual(['1', '2', '3']);
    expect(await api.receive(QueueUrl, attempt('once', { AttributeNames: ['All'] }))).toEqual(first);
  });

  it('brings nothing under another id [model: ReceiveRequestAttemptId]', async () => {
    const QueueUrl = await queueOf(api, ['g:1', 'g:2']);
    await receiveMany(api, QueueUrl, 1, { ReceiveRequestAttemptId: 'once' });
    expect(await api.receive(QueueUrl, attempt('twice'))).toEqual([]);
    expect(await api.receive(QueueUrl)).toEqual([]);
  });

  it('begins the timeout anew [model: ReceiveRequestAttemptId]', async () => {
    const QueueUrl = await queueOf(api, ['g:1']);
    await receiveMany(api, QueueUrl, 1, attempt('once', { VisibilityTimeout: 600 }));
    expect(await api.receive(QueueUrl, attempt('once', { VisibilityTimeout: 1 }))).toHaveLength(1);
    expect(bodies(await receiveMany(api, QueueUrl, 1))).toEqual(['1']);
  });

  // The text is AWS's, as users of its Java SDK report it.
  it('gives handles that delete, and is refused once a message has changed [model: ReceiveRequestAttemptId]', async () => {
    const QueueUrl = await queueOf(api, ['g:1']);
    await receiveMany(api, QueueUrl, 1, attempt('once'));
    const [again] = await api.receive(QueueUrl, attempt('once'));
    await api.ok('DeleteMessage', { QueueUrl, ReceiptHandle: again?.ReceiptHandle });
    const reason = 'The receiveRequestAttemptId is not valid anymore since the receive call is not retryable.';
    const refusal = errors.invalidValue('once', 'ReceiveRequestAttemptId', reason);
    await api.refused('ReceiveMessage', { QueueUrl, ...attempt('once') }, refusal);
    expect(await api.attribute(QueueUrl, 'ApproximateNumberOfMessagesNotVisible')).toBe('0');
  });

  it('may be new with each receive of a loop [facts: ReceiveRequestAttemptId]', async () => {
    const QueueUrl = await queueOf(api, ['g:1', 'g:2', 'g:3']);
    const seen: string[] = [];
    for (const id of ['a', 'b', 'c']) {
      const [message] = await receiveMany(api, QueueUrl, 1, { ReceiveRequestAttemptId: id });
      seen.push(message?.Body ?? '');
      await api.ok('DeleteMessage', { QueueUrl, ReceiptHandle: message?.ReceiptHandle });
    }
    expect(seen).toEqual(['1', '2', '3']);
  });

  it('takes 128 characters of every kind [model: ReceiveRequestAttemptId]', async () => {
    const QueueUrl = await queueOf(api, ['g:1']);
    const id = `abcXYZ019!"#$%&'()*+,-./:;<=>?@[\\]^_\`{|}~`.padEnd(128, 'x');
    await receiveMany(api, QueueUrl, 1, attempt(id));
  });

  it.each([
    ['empty', ''],
    ['of 129 characters', 'a'.repeat(129)],
    ['with a space', 'a b'],
  ])('is refused if it is %s [model: ReceiveRequestAttemptId]', async (_, id) => {
    const QueueUrl = await fifoQueue(api);
    const reason =
      'ReceiveRequestAttemptId can only include alphanumeric and punctuation characters. 1 to 128 in length.';
    const refusal = errors.invalidValue(id, 'ReceiveRequestAttemptId', reason);
    await api.refused('ReceiveMessage', { QueueUrl, ReceiveRequestAttemptId: id }, refusal);
  });
});

describe('receiving from a FIFO queue with the SDK', () => {
  it('shows groups and numbers [model: ReceiveMessage]', async () => {
    const QueueUrl = await queueOf(json, ['g:1', 'g:2']);
    const input = {
      QueueUrl,
      MaxNumberOfMessages: 10,
      WaitTimeSeconds: 5,
      MessageSystemAttributeNames: ['All' as const],
    };
    const { Messages = [] } = await sdk().send(new ReceiveMessageCommand(input));
    expect(Messages.map(({ Body, Attributes }) => [Body, Attributes?.MessageGroupId])).toEqual([
      ['1', 'g'],
      ['2', 'g'],
    ]);
    const [one = '', two = ''] = Messages.map(({ Attributes }) => Attributes?.SequenceNumber);
    expect(one < two).toBe(true);
  });
});
