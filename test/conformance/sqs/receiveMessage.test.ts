import { DeleteMessageCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { attributesMd5, md5 } from '../digests.ts';
import * as errors from '../errors.ts';
import { describeOurs, json, protocols, sdk, uniqueName } from '../target.ts';

describe.each(protocols)('ReceiveMessage over $name', (api) => {
  it('answers nothing at all from an empty queue [aws: receive empty queue]', async () => {
    const QueueUrl = await api.queue();
    expect(await api.ok('ReceiveMessage', { QueueUrl })).toEqual({});
  });

  it('answers four members unless asked for more [aws: receive_message attribute names]', async () => {
    const QueueUrl = await api.queue();
    const MessageAttributes = { a: { DataType: 'String', StringValue: 'x' } };
    const sent = await api.ok('SendMessage', { QueueUrl, MessageBody: 'body', MessageAttributes });
    expect(await api.receiveOne(QueueUrl)).toEqual({
      MessageId: sent.MessageId,
      ReceiptHandle: expect.stringMatching(/^.{1,1024}$/),
      MD5OfBody: md5('body'),
      Body: 'body',
    });
  });

  it('takes one message unless asked for more [model: ReceiveMessage.MaxNumberOfMessages]', async () => {
    const QueueUrl = await api.queueWith('a', 'b');
    expect(await api.receive(QueueUrl, { WaitTimeSeconds: 1 })).toHaveLength(1);
  });

  it('takes ten at most, each once [model: ReceiveMessage.MaxNumberOfMessages]', async () => {
    const QueueUrl = await api.queue();
    for (const round of ['a', 'b']) {
      const Entries = [...'0123456789'].map((n) => ({ Id: n, MessageBody: round + n }));
      await api.ok('SendMessageBatch', { QueueUrl, Entries });
    }
    const seen = new Set<string>();
    while (seen.size < 20) {
      const messages = await api.receive(QueueUrl, { MaxNumberOfMessages: 10, WaitTimeSeconds: 1 });
      expect(messages.length).toBeLessThanOrEqual(10);
      if (messages.length === 0) break;
      for (const { Body } of messages) expect(seen.has(Body)).toBe(false);
      for (const { Body } of messages) seen.add(Body);
    }
    expect(seen.size).toBe(20);
  });

  it.each([0, 11, -1])('refuses %d messages [aws: receive max number of messages]', async (MaxNumberOfMessages) => {
    const QueueUrl = await api.queue();
    const reason = 'Must be between 1 and 10, if provided.';
    const refusal = errors.invalidValue(MaxNumberOfMessages, 'MaxNumberOfMessages', reason);
    await api.refused('ReceiveMessage', { QueueUrl, MaxNumberOfMessages }, refusal);
  });

  it.each([-1, 21])('refuses to wait %d s [aws: receive wait time seconds]', async (WaitTimeSeconds) => {
    const QueueUrl = await api.queue();
    const reason = 'Must be >= 0 and <= 20, if provided.';
    const refusal = errors.invalidValue(WaitTimeSeconds, 'WaitTimeSeconds', reason);
    await api.refused('ReceiveMessage', { QueueUrl, WaitTimeSeconds }, refusal);
  });

  it.each([-1, 43_201])('refuses a visibility timeout of %d s [facts: visibility]', async (VisibilityTimeout) => {
    const QueueUrl = await api.queue();
    const reason = 'Must be >= 0 and <= 43200, if provided.';
    const refusal = errors.invalidValue(VisibilityTimeout, 'VisibilityTimeout', reason);
    await api.refused('ReceiveMessage', { QueueUrl, VisibilityTimeout }, refusal);
  });

  it.each([
    ['MaxNumberOfMessages', 10],
    ['WaitTimeSeconds', 20],
    ['VisibilityTimeout', 43_200],
  ])('takes the largest %s [facts: limits]', async (name, value) => {
    const QueueUrl = await api.queueWith('x');
    expect(await api.receive(QueueUrl, { WaitTimeSeconds: 5, [name]: value })).toHaveLength(1);
  });

  it('ignores the attempt id of FIFO queues [model: ReceiveMessage.ReceiveRequestAttemptId]', async () => {
    const QueueUrl = await api.queueWith('x');
    expect((await api.receiveOne(QueueUrl, { ReceiveRequestAttemptId: 'once' })).Body).toBe('x');
  });

  it('does not know a queue that was never made [aws: non-existent queue]', async () => {
    await api.refused('ReceiveMessage', { QueueUrl: uniqueName() }, errors.queueDoesNotExist);
  });
});

describe.each(protocols)('message attributes that a receive asks for over $name', (api) => {
  const all = {
    General: { DataType: 'String', StringValue: 'Kenobi' },
    Hello: { DataType: 'String', StringValue: 'There' },
    'Help.Me': { DataType: 'String', StringValue: 'Me' },
  };
  const { General, Hello } = all;
  it.each([
    ['none for an empty list', [], {}, undefined],
    ['all for All', ['All'], all, '4c360f3fdafd970e05fae2f149d997f5'],
    ['all for .*', ['.*'], all, '4c360f3fdafd970e05fae2f149d997f5'],
    ['all for *', ['*'], all, '4c360f3fdafd970e05fae2f149d997f5'],
    ['those named', ['General', 'Hello'], { General, Hello }, 'fca026605781cb4126a1e9044df24232'],
    ['those named that are there', ['Hello', 'Missing'], { Hello }, 'a311262e065454b75da111d535b8dacd'],
    ['those with a prefix', ['Hel.*'], { Hello, 'Help.Me': all['Help.Me'] }, '83fee93c1bcd8b9a5a923ffacdc636c7'],
    ['those with a prefix and a dot', ['Help.*'], { 'Help.Me': all['Help.Me'] }, undefined],
    ['none for a name in other letters', ['hello'], {}, undefined],
    ['none for the name of none', ['AWS.', '..foo'], {}, undefined],
  ])('are %s, with their own MD5 [aws: message attribute names filters]', async (_, names, expected, md5) => {
    const QueueUrl = await api.queue();
    await api.ok('SendMessage', { QueueUrl, MessageBody: 'msg', MessageAttributes: all });
    const received = await api.receiveOne(QueueUrl, { MessageAttributeNames: names });
    expect(received.MessageAttributes ?? {}).toEqual(expected);
    const digest = Object.keys(expected).length > 0 ? (md5 ?? attributesMd5(expected)) : undefined;
    expect(received.MD5OfMessageAttributes).toBe(digest);
  });
});

describe.each(protocols)('system attributes that a receive asks for over $name', (api) => {
  it.each(['AttributeNames', 'MessageSystemAttributeNames'])(
    'are all for All in %s [aws: attribute names]',
    async (name) => {
      const before = Date.now();
      const QueueUrl = await api.queueWith('x');
      const { Attributes } = await api.receiveOne(QueueUrl, { [name]: ['All'] });
      expect(Attributes).toEqual({
        SenderId: expect.stringMatching(/./),
        SentTimestamp: expect.stringMatching(/^\d{13}$/),
        ApproximateReceiveCount: '1',
        ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
      });
      // The clocks of client and server may differ, elsewhere.
      expect(Math.abs(Number(Attributes?.SentTimestamp) - before)).toBeLessThan(300_000);
    },
  );

  it('are those named, of what the message has [model: ReceiveMessage.AttributeNames]', async () => {
    const QueueUrl = await api.queueWith('x');
    const names = ['ApproximateReceiveCount', 'AWSTraceHeader', 'SequenceNumber', 'DeadLetterQueueSourceArn'];
    const { Attributes } = await api.receiveOne(QueueUrl, { AttributeNames: names });
    expect(Attributes).toEqual({ ApproximateReceiveCount: '1' });
  });

  it.each(['AttributeNames', 'MessageSystemAttributeNames'])(
    'are refused in %s under another name [facts: error codes]',
    async (name) => {
      const QueueUrl = await api.queue();
      await api.refused(
        'ReceiveMessage',
        { QueueUrl, [name]: ['Everything'] },
        errors.invalidAttributeName('Everything'),
      );
    },
  );
});

describe.concurrent.each(protocols)('visibility over $name', (api) => {
  it('hides a message from the next receive [model: ReceiveMessage]', async () => {
    const QueueUrl = await api.queueWith('x');
    await api.receiveOne(QueueUrl);
    expect(await api.receive(QueueUrl)).toEqual([]);
    expect(await api.attribute(QueueUrl, 'ApproximateNumberOfMessagesNotVisible')).toBe('1');
  });

  it("lasts as long as the queue's, unless the receive says [model: ReceiveMessage.VisibilityTimeout]", async () => {
    const QueueUrl = await api.queue({ VisibilityTimeout: '2' });
    for (const MessageBody of ['short', 'long']) await api.ok('SendMessage', { QueueUrl, MessageBody });
    const first = await api.receiveOne(QueueUrl, { AttributeNames: ['All'] });
    const second = await api.receiveOne(QueueUrl, { VisibilityTimeout: 600 });
    const again = await api.receiveOne(QueueUrl, { AttributeNames: ['All'] });
    expect(again.MessageId).toBe(first.MessageId);
    expect(again.MessageId).not.toBe(second.MessageId);
    expect(again.ReceiptHandle).not.toBe(first.ReceiptHandle);
    expect(again.Attributes).toEqual({ ...first.Attributes, ApproximateReceiveCount: '2' });
  });

  it('of 0 s gives the message to the next receive [aws: terminate visibility timeout]', async () => {
    const QueueUrl = await api.queueWith('x');
    const first = await api.receiveOne(QueueUrl, { VisibilityTimeout: 0 });
    const second = await api.receiveOne(QueueUrl);
    expect(second.MessageId).toBe(first.MessageId);
    expect(second.ReceiptHandle).not.toBe(first.ReceiptHandle);
    expect(await api.receive(QueueUrl)).toEqual([]);
  });

  it('of 0 s does not give a message twice to one receive [facts: receive]', async () => {
    const QueueUrl = await api.queueWith('x');
    expect(
      await api.receive(QueueUrl, { VisibilityTimeout: 0, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
    ).toHaveLength(1);
  });

  it('counts receives, and keeps the time of the first [model: ReceiveMessage.AttributeNames]', async () => {
    const QueueUrl = await api.queueWith('x');
    const receive = async () =>
      (await api.receiveOne(QueueUrl, { VisibilityTimeout: 0, AttributeNames: ['All'] })).Attributes;
    const seen = [await receive(), await receive(), await receive()];
    expect(seen.map((each) => each?.ApproximateReceiveCount)).toEqual(['1', '2', '3']);
    expect(new Set(seen.map((each) => each?.ApproximateFirstReceiveTimestamp)).size).toBe(1);
  });
});

describe.concurrent.each(protocols)('a long poll over $name', (api) => {
  it('answers nothing, and only after the wait [aws: receive empty queue]', async () => {
    const QueueUrl = await api.queue();
    const started = performance.now();
    expect(await api.ok('ReceiveMessage', { QueueUrl, WaitTimeSeconds: 1 })).toEqual({});
    expect(performance.now() - started).toBeGreaterThan(950);
  });

  it("waits as long as the queue's attribute says [model: ReceiveMessageWaitTimeSeconds]", async () => {
    const QueueUrl = await api.queue({ ReceiveMessageWaitTimeSeconds: '1' });
    const started = performance.now();
    expect(await api.receive(QueueUrl)).toEqual([]);
    expect(performance.now() - started).toBeGreaterThan(950);
  });

  it("of 0 s is answered at once, whatever the queue's attribute says [model: ReceiveMessage.WaitTimeSeconds]", async () => {
    const QueueUrl = await api.queue({ ReceiveMessageWaitTimeSeconds: '20' });
    const started = performance.now();
    expect(await api.receive(QueueUrl, { WaitTimeSeconds: 0 })).toEqual([]);
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it('is answered as soon as there is a message [model: ReceiveMessage.WaitTimeSeconds]', async () => {
    const QueueUrl = await api.queueWith('x');
    const started = performance.now();
    expect(await api.receive(QueueUrl, { WaitTimeSeconds: 20 })).toHaveLength(1);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('wakes when a message becomes visible again [facts: long polling]', async () => {
    const QueueUrl = await api.queueWith('x');
    const { ReceiptHandle, MessageId } = await api.receiveOne(QueueUrl);
    const waiting = api.receiveOne(QueueUrl, { WaitTimeSeconds: 20 });
    await api.ok('ChangeMessageVisibility', { QueueUrl, ReceiptHandle, VisibilityTimeout: 0 });
    expect((await waiting).MessageId).toBe(MessageId);
  });

  it('ends with the queue [facts: long polling]', async () => {
    const QueueUrl = await api.queue();
    const waiting = api.call('ReceiveMessage', { QueueUrl, WaitTimeSeconds: 20 });
    await api.ok('DeleteQueue', { QueueUrl });
    const { status, error } = await waiting;
    expect([status, error?.queryCode]).toEqual([400, errors.queueDoesNotExist.queryCode]);
  });
});

describeOurs('long polls that wait together', () => {
  /** Resolves when the server has answered this many more calls than before: the ones that wait have arrived by then. */
  async function settled(QueueUrl: string): Promise<void> {
    for (let n = 0; n < 3; n += 1) await json.attribute(QueueUrl, 'QueueArn');
  }

  it.each(protocols)('are fed in the order in which they came, one message each [facts: long polling]', async (api) => {
    const QueueUrl = await api.queue();
    const answered: string[] = [];
    const polls: Promise<unknown>[] = [];
    for (const name of ['first', 'second', 'third']) {
      polls.push(
        api.receive(QueueUrl, { WaitTimeSeconds: 20 }).then((messages) => {
          for (const { Body } of messages) answered.push(`${name}: ${Body}`);
        }),
      );
      await settled(QueueUrl);
    }
    for (const [index, MessageBody] of ['a', 'b', 'c'].entries()) {
      await api.ok('SendMessage', { QueueUrl, MessageBody });
      await polls[index];
    }
    expect(answered).toEqual(['first: a', 'second: b', 'third: c']);
  });

  it.each(protocols)('lose no message to a client that left [facts: long polling]', async (api) => {
    const QueueUrl = await api.queue();
    const client = new AbortController();
    const left = api.call('ReceiveMessage', { QueueUrl, WaitTimeSeconds: 20 }, { signal: client.signal });
    await settled(QueueUrl);
    client.abort();
    await expect(left).rejects.toThrow();
    await settled(QueueUrl);
    await api.ok('SendMessage', { QueueUrl, MessageBody: 'x' });
    const message = await api.receiveOne(QueueUrl, { AttributeNames: ['ApproximateReceiveCount'] });
    expect(message).toMatchObject({ Body: 'x', Attributes: { ApproximateReceiveCount: '1' } });
  });
});

describe('ReceiveMessage with the SDK', () => {
  it('passes its check of MD5s, and the handle deletes [model: ReceiveMessage]', async () => {
    const QueueUrl = await json.queueWith('a\r\n😀', 'b');
    const input = { QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 5 };
    const { Messages = [] } = await sdk().send(new ReceiveMessageCommand(input));
    expect(Messages.map(({ Body }) => Body)).toEqual(['a\r\n😀', 'b']);
    for (const { ReceiptHandle } of Messages) await sdk().send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    expect(await json.attribute(QueueUrl, 'ApproximateNumberOfMessagesNotVisible')).toBe('0');
  });

  it('has no member for the messages of an empty queue [aws: receive empty queue]', async () => {
    const QueueUrl = await json.queue();
    expect((await sdk().send(new ReceiveMessageCommand({ QueueUrl }))).Messages).toBeUndefined();
  });
});
