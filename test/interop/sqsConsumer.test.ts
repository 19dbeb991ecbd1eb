/** The package sqs-consumer, as its users run it: acknowledging, failing, running out of time, keeping hold, stopping. */
import { once } from 'node:events';
import {
  ChangeMessageVisibilityBatchCommand,
  CreateQueueCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
} from '@aws-sdk/client-sqs';
import { Consumer } from 'sqs-consumer';
import { Producer } from 'sqs-producer';
import { afterEach, expect, it } from 'vitest';
import { client } from './posthorn.ts';

const nothingLeft = {
  ApproximateNumberOfMessages: '0',
  ApproximateNumberOfMessagesNotVisible: '0',
  ApproximateNumberOfMessagesDelayed: '0',
};
type Options = Parameters<typeof Consumer.create>[0];
const running: Consumer[] = [];

afterEach(() => {
  for (const each of running.splice(0)) {
    // The poll that is cut off reports it; without a listener it would be printed.
    each.on('error', () => {});
    each.stop({ abort: true });
  }
});

async function createQueue(QueueName: string, Attributes: Record<string, string> = {}): Promise<string> {
  const { QueueUrl = '' } = await client().send(new CreateQueueCommand({ QueueName, Attributes }));
  return QueueUrl;
}

async function attributesOf(QueueUrl: string): Promise<Record<string, string>> {
  const get = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] });
  return (await client().send(get)).Attributes ?? {};
}

/** With short polls, and stopped when its test is over. */
function consume(options: Options): Consumer {
  const consumer = Consumer.create({ sqs: client(), waitTimeSeconds: 1, suppressFifoWarning: true, ...options });
  running.push(consumer);
  return consumer;
}

/** Resolves with what was seen as soon as that is `count` values. */
class Collection<Value> {
  readonly seen: Value[] = [];
  readonly all: Promise<Value[]>;
  #resolve: (seen: Value[]) => void = () => {};
  readonly #count: number;

  constructor(count: number) {
    this.#count = count;
    this.all = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  add(value: Value): void {
    this.seen.push(value);
    if (this.seen.length === this.#count) this.#resolve(this.seen);
  }
}

it('gets batches, and deletes what is acknowledged', async () => {
  const queueUrl = await createQueue('batches');
  await Producer.create({ queueUrl, sqs: client() }).send(Array.from({ length: 25 }, (_, n) => `m${n}`));
  const bodies = new Collection<string>(25);
  const consumer = consume({
    queueUrl,
    batchSize: 10,
    handleMessageBatch: async (messages) => {
      for (const { Body = '' } of messages) bodies.add(Body);
      return messages;
    },
  });
  consumer.start();
  expect(new Set(await bodies.all).size).toBe(25);
  // Its next poll comes after the answer to its last deletion.
  await once(consumer, 'empty');
  expect(bodies.seen).toHaveLength(25);
  expect(await attributesOf(queueUrl)).toMatchObject(nothingLeft);
});

it('gets again what it did not acknowledge, once the visibility timeout is over', async () => {
  const queueUrl = await createQueue('partly');
  await Producer.create({ queueUrl, sqs: client() }).send(['a', 'b', 'c', 'd']);
  const receives = new Collection<string>(6);
  const consumer = consume({
    queueUrl,
    batchSize: 10,
    visibilityTimeout: 2,
    messageSystemAttributeNames: ['ApproximateReceiveCount'],
    handleMessageBatch: async (messages) => {
      const count = ({ Attributes }: Message) => Number(Attributes?.ApproximateReceiveCount);
      for (const message of messages) receives.add(`${message.Body}${count(message)}`);
      return messages.filter((message) => 'ab'.includes(message.Body ?? '') || count(message) === 2);
    },
  });
  consumer.start();
  expect((await receives.all).sort()).toEqual(['a1', 'b1', 'c1', 'c2', 'd1', 'd2']);
  await once(consumer, 'empty');
  expect(await attributesOf(queueUrl)).toMatchObject(nothingLeft);
});

it('keeps a message for longer than its visibility timeout with a heartbeat', async () => {
  const queueUrl = await createQueue('slow');
  await Producer.create({ queueUrl, sqs: client() }).send('slow');
  let heldBack: Message[] | undefined;
  const consumer = consume({
    queueUrl,
    visibilityTimeout: 4,
    // Not when the message is deleted: the consumer has no answer to that.
    heartbeatInterval: 2,
    handleMessage: async (message) => {
      // Longer than the visibility timeout: somebody else would get the message if the heartbeat did not hold it.
      const receive = new ReceiveMessageCommand({ QueueUrl: queueUrl, WaitTimeSeconds: 5 });
      heldBack = (await client().send(receive)).Messages ?? [];
      return message;
    },
  });
  consumer.start();
  await once(consumer, 'message_processed');
  expect(heldBack).toEqual([]);
  expect(await attributesOf(queueUrl)).toMatchObject(nothingLeft);
});

it('gives back at once what failed', async () => {
  const queueUrl = await createQueue('failing');
  await Producer.create({ queueUrl, sqs: client() }).send('x');
  const counts = new Collection<string | undefined>(3);
  const errors: string[] = [];
  const consumer = consume({
    queueUrl,
    terminateVisibilityTimeout: true,
    messageSystemAttributeNames: ['All'],
    handleMessage: async (message) => {
      counts.add(message.Attributes?.ApproximateReceiveCount);
      if (counts.seen.length < 3) throw new Error('not today');
      return message;
    },
  });
  consumer.on('processing_error', (error) => errors.push(error.message));
  consumer.start();
  await once(consumer, 'message_processed');
  expect(counts.seen).toEqual(['1', '2', '3']);
  expect(errors).toEqual(Array(2).fill('Unexpected message handler failure: not today'));
});

it('gives up a handler that takes too long, and gives its message back', async () => {
  const queueUrl = await createQueue('hanging');
  await Producer.create({ queueUrl, sqs: client() }).send('x');
  let calls = 0;
  const consumer = consume({
    queueUrl,
    handleMessageTimeout: 50,
    terminateVisibilityTimeout: true,
    handleMessage: (message) => {
      calls += 1;
      return calls === 1 ? new Promise(() => {}) : Promise.resolve(message);
    },
  });
  const timedOut = once(consumer, 'timeout_error');
  const processed = once(consumer, 'message_processed');
  consumer.start();
  await timedOut;
  await processed;
  expect(await attributesOf(queueUrl)).toMatchObject(nothingLeft);
});

it('leaves nothing behind in flight when it is stopped in a long poll', async () => {
  const queueUrl = await createQueue('stopped');
  const polls = new Collection<void>(1);
  const consumer = consume({
    queueUrl,
    waitTimeSeconds: 20,
    preReceiveMessageCallback: async () => polls.add(),
    handleMessage: async (message) => message,
  });
  consumer.on('error', () => {});
  consumer.start();
  await polls.all;
  // Its request goes out before this one, so that the server has it when this one is answered.
  await attributesOf(queueUrl);
  consumer.stop({ abort: true });
  await Producer.create({ queueUrl, sqs: client() }).send('orphan');
  const receive = new ReceiveMessageCommand({ QueueUrl: queueUrl, WaitTimeSeconds: 5 });
  expect((await client().send(receive)).Messages).toMatchObject([{ Body: 'orphan' }]);
});

it('hears that its queue is not there, and goes on once it is', async () => {
  const queueUrl = (await createQueue('early')).replace(/early$/, 'late');
  const consumer = consume({
    queueUrl,
    authenticationErrorTimeout: 10,
    handleMessage: async (message) => message,
  });
  const errors = new Collection<Error>(1);
  consumer.on('error', (error) => errors.add(error));
  consumer.start();
  expect(await errors.all).toMatchObject([{ name: 'SQSError', code: 'QueueDoesNotExist', statusCode: 400 }]);
  const messages = new Collection<Message>(1);
  // Not with `once`, which would fail with the error of a poll that was answered before the queue was there.
  consumer.on('message_processed', (message) => messages.add(message));
  await createQueue('late');
  await Producer.create({ queueUrl, sqs: client() }).send('welcome');
  expect(await messages.all).toMatchObject([{ Body: 'welcome' }]);
});

it('sees each group of a FIFO queue in order, with failures and several consumers', async () => {
  const queueUrl = await createQueue('groups.fifo', { FifoQueue: 'true', ContentBasedDeduplication: 'true' });
  const bodies = Array.from({ length: 60 }, (_, n) => `${'abc'[n % 3]}${Math.floor(n / 3)}`);
  const Entries = bodies.map((body) => ({ Id: body, MessageBody: body, MessageGroupId: body.charAt(0) }));
  for (let n = 0; n < Entries.length; n += 10) {
    await client().send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: Entries.slice(n, n + 10) }));
  }
  const done = new Collection<string>(60);
  const failed = new Set<string>();
  const handle = async (messages: Message[]) => {
    // Every seventh fails once, and the batch from there on is given back; what was done before it is acknowledged.
    const failing = messages.findIndex(({ Body = '' }) => Number(Body.slice(1)) % 7 === 3 && !failed.has(Body));
    const acknowledged = failing === -1 ? messages : messages.slice(0, failing);
    for (const { Body = '' } of acknowledged) done.add(Body);
    const givenBack = messages.slice(acknowledged.length);
    if (givenBack[0]?.Body !== undefined) {
      failed.add(givenBack[0].Body);
      const Entries = givenBack.map(({ ReceiptHandle }, n) => ({ Id: `m${n}`, ReceiptHandle, VisibilityTimeout: 0 }));
      await client().send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries }));
    }
    return acknowledged;
  };
  for (let n = 0; n < 3; n += 1) consume({ queueUrl, batchSize: 5, handleMessageBatch: handle }).start();
  const seen = await done.all;
  expect(failed.size).toBe(9);
  for (const group of 'abc') {
    const ofGroup = seen.filter((body) => body.startsWith(group));
    expect(ofGroup).toEqual(Array.from({ length: 20 }, (_, n) => `${group}${n}`));
  }
});

it('hands over to the dead letter queue what always fails', async () => {
  const deadLetters = await createQueue('dead');
  const { QueueArn = '' } = await attributesOf(deadLetters);
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: QueueArn, maxReceiveCount: 2 });
  const queueUrl = await createQueue('alive', { RedrivePolicy });
  await Producer.create({ queueUrl, sqs: client() }).send([
    { id: 'poison', body: 'poison' },
    { id: 'fine', body: 'fine' },
  ]);
  let failures = 0;
  const consumer = consume({
    queueUrl,
    terminateVisibilityTimeout: true,
    handleMessage: async (message) => {
      if (message.Body === 'fine') return message;
      failures += 1;
      throw new Error('poisoned');
    },
  });
  consumer.on('processing_error', () => {});
  consumer.start();
  const undertaker = consume({
    queueUrl: deadLetters,
    messageSystemAttributeNames: ['All'],
    handleMessage: async (message) => message,
  });
  undertaker.start();
  const [buried] = await once(undertaker, 'message_processed');
  const source = (await attributesOf(queueUrl)).QueueArn;
  expect(buried).toMatchObject({ Body: 'poison', Attributes: { DeadLetterQueueSourceArn: source } });
  expect(failures).toBe(2);
});
