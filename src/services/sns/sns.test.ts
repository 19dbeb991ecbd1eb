import { describe, expect, test } from 'vitest';
import type { CallContext } from '#aws/contract';
import { createSealer, DataKeys, type KeyRing, Partition, type QueueEncoder } from '#runtime';
import { required } from '#std/assert';
import { randomUuidBytes } from '#std/uuid';
import { MemoryStore } from '#storage/memory';
import { createSns, type SnsSettings } from './index.ts';

const context: CallContext = {
  accountId: '111122223333',
  region: 'eu-west-1',
  requestId: 'request',
  accessKeyId: '111122223333',
  endpoint: 'http://localhost:4566',
  client: { gone: false, onGone: () => undefined },
};

/** Payloads are the bodies themselves. */
const encoder: QueueEncoder = {
  keys: () => ({ ready: () => undefined }),
  prepare:
    ({ body, groupId, deduplicationId, repetition }) =>
    (_, middle) => ({
      messageId: randomUuidBytes(),
      payload: Buffer.from(typeof body === 'string' ? body : body.before + middle + body.after),
      ...(groupId !== undefined && { groupId }),
      ...(deduplicationId !== undefined && {
        deduplicationKey: Buffer.from(`${deduplicationId}${repetition ?? ''}`).subarray(0, 16),
      }),
    }),
};

const settings = { visibilityTimeoutMs: 30_000, delayMs: 0, retentionMs: 345_600_000, maxInFlight: 120_000 };

/** A server without its edge. */
async function start(store: MemoryStore, switches: SnsSettings = {}) {
  const errors: Error[] = [];
  const partition = await Partition.open(store);
  const vault = createSealer(Buffer.alloc(32, 1));
  // No topic here has a key.
  const dataKeys = new DataKeys(partition, { vault, keyRing: {} as KeyRing });
  const report = (error: Error) => errors.push(error);
  const sns = createSns(partition, { ...switches, encoder, dataKeys, vault, report });
  sns.start(context.endpoint);
  // biome-ignore lint/suspicious/noExplicitAny: codec: what the edge decodes
  type Answer = Record<string, any>;
  const call = async (operation: string, input: object, as = context): Promise<Answer> =>
    (await required(sns.service.operations[operation], operation)(input as never, as)) as Answer;
  const queue = async (name: string, more: { fifo?: true } = {}) => {
    const { accountId, region } = context;
    await partition.createQueue({
      accountId,
      region,
      name,
      settings: { ...settings, ...more },
      attributes: {},
      tags: {},
    });
    return `arn:aws:sqs:${region}:${accountId}:${name}`;
  };
  const bodies = async (name: string, accountId = context.accountId) => {
    const { messages = [] } =
      (await (await partition.queue(accountId, context.region, name))?.peek({ limit: 1_000 })) ?? {};
    return messages.map(({ payload }) => Buffer.from(payload).toString());
  };
  const close = async () => {
    await sns.close();
    await partition.close();
    expect(errors).toEqual([]);
  };
  return { store, partition, sns, call, queue, bodies, close };
}

type Server = Awaited<ReturnType<typeof start>>;

/** Another server on the same disk. */
async function restart({ close, store }: Server): Promise<Server> {
  await close();
  return start(store.reopen());
}

const raw = { RawMessageDelivery: 'true' };

test('topics, subscriptions and tags outlive a restart', async () => {
  const first = await start(new MemoryStore());
  const { TopicArn } = await first.call('CreateTopic', { Name: 'topic', Attributes: { DisplayName: 'Name' } });
  await first.call('TagResource', { ResourceArn: TopicArn, Tags: [{ Key: 'k', Value: 'v' }] });
  const Endpoint = await first.queue('queue');
  const filter = { ...raw, FilterPolicy: '{"a":["b"]}' };
  const subscribed = await first.call('Subscribe', { TopicArn, Protocol: 'sqs', Endpoint, Attributes: filter });
  const second = await restart(first);
  expect((await second.call('GetTopicAttributes', { TopicArn })).Attributes).toMatchObject({ DisplayName: 'Name' });
  expect((await second.call('ListTagsForResource', { ResourceArn: TopicArn })).Tags).toEqual([
    { Key: 'k', Value: 'v' },
  ]);
  expect((await second.call('GetSubscriptionAttributes', subscribed)).Attributes).toMatchObject(filter);
  const MessageAttributes = { a: { DataType: 'String', StringValue: 'b' } };
  await second.call('Publish', { TopicArn, Message: 'no' });
  await second.call('Publish', { TopicArn, Message: 'yes', MessageAttributes });
  expect(await second.bodies('queue')).toEqual(['yes']);
  await second.close();
});

test('a topic that could not be stored was never there', async () => {
  const store = new MemoryStore();
  const server = await start(store);
  store.failNextCommit('no-space');
  await expect(server.call('CreateTopic', { Name: 'topic' })).rejects.toMatchObject({ code: 'ServiceUnavailable' });
  expect(await server.call('ListTopics', {})).toEqual({ Topics: [] });
  const { TopicArn } = await server.call('CreateTopic', { Name: 'topic', Attributes: { DisplayName: 'Other' } });
  expect((await server.call('GetTopicAttributes', { TopicArn })).Attributes).toMatchObject({ DisplayName: 'Other' });
  await server.close();
});

test('of a publish whose commit fails no queue has anything, and it can be published again', async () => {
  const store = new MemoryStore();
  const server = await start(store);
  const Attributes = { FifoTopic: 'true', ContentBasedDeduplication: 'true' };
  const { TopicArn } = await server.call('CreateTopic', { Name: 'topic.fifo', Attributes });
  const names = ['one.fifo', 'two.fifo', 'three.fifo'];
  for (const name of names) {
    const Endpoint = await server.queue(name, { fifo: true });
    await server.call('Subscribe', { TopicArn, Protocol: 'sqs', Endpoint, Attributes: raw });
  }
  const publish = (Message: string) => server.call('Publish', { TopicArn, Message, MessageGroupId: 'g' });
  await publish('first');
  store.failNextCommit('no-space');
  await expect(publish('second')).rejects.toMatchObject({ code: 'ServiceUnavailable' });
  for (const name of names) expect(await server.bodies(name)).toEqual(['first']);
  await publish('second');
  for (const name of names) expect(await server.bodies(name)).toEqual(['first', 'second']);
  await server.close();
});

test('a replay goes on after a restart, and brings each message once', async () => {
  const first = await start(new MemoryStore());
  const Attributes = { FifoTopic: 'true', ArchivePolicy: '{"MessageRetentionPeriod":"1"}' };
  const { TopicArn } = await first.call('CreateTopic', { Name: 'topic.fifo', Attributes });
  const publish = (server: Server, n: number) =>
    server.call('Publish', { TopicArn, Message: `m${n}`, MessageGroupId: 'g', MessageDeduplicationId: `d${n}` });
  for (let n = 0; n < 450; n += 1) await publish(first, n);
  const { BeginningArchiveTime } = (await first.call('GetTopicAttributes', { TopicArn })).Attributes;
  const ReplayPolicy = JSON.stringify({ PointType: 'Timestamp', StartingPoint: BeginningArchiveTime });
  const Endpoint = await first.queue('queue');
  const subscribed = await first.call('Subscribe', {
    ...{ TopicArn, Protocol: 'sqs', Endpoint, Attributes: { ...raw, ReplayPolicy } },
  });
  // The replay is under way, or has not begun.
  const second = await restart(first);
  await publish(second, 450);
  const statusOf = async () => (await second.call('GetSubscriptionAttributes', subscribed)).Attributes.ReplayStatus;
  await expect.poll(statusOf).toBe('Completed');
  await publish(second, 451);
  expect(await second.bodies('queue')).toEqual(Array.from({ length: 452 }, (_, n) => `m${n}`));
  await second.close();
});

describe('a message to 350 queues', () => {
  const names = Array.from({ length: 350 }, (_, index) => `queue-${index}`);

  async function topicWithQueues(server: Server): Promise<string> {
    const { TopicArn } = await server.call('CreateTopic', { Name: 'topic' });
    for (const name of names) {
      await server.call('Subscribe', {
        ...{ TopicArn, Protocol: 'sqs', Endpoint: await server.queue(name), Attributes: raw },
      });
    }
    return TopicArn;
  }

  const contents = async (server: Server) => {
    const all = await Promise.all(names.map((name) => server.bodies(name)));
    return [...new Set(all.map((bodies) => bodies.join()))];
  };

  test('comes to all of them, in the order of the publishes, and nothing is left to be done', async () => {
    const server = await start(new MemoryStore());
    const TopicArn = await topicWithQueues(server);
    for (const Message of ['one', 'two']) await server.call('Publish', { TopicArn, Message });
    await expect.poll(() => contents(server)).toEqual(['one,two']);
    for (const kind of ['sns-fan-out', 'sns-fan-out-progress']) {
      await expect.poll(() => server.partition.entities.list(kind, '', 10)).toEqual([]);
    }
    await server.close();
  });

  test('goes on after a restart where it was, and nothing comes twice', async () => {
    const first = await start(new MemoryStore());
    const TopicArn = await topicWithQueues(first);
    // Closing breaks it off after the first bit, or before.
    await first.call('Publish', { TopicArn, Message: 'one' });
    const second = await restart(first);
    await second.call('Publish', { TopicArn, Message: 'two' });
    await expect.poll(() => contents(second)).toEqual(['one,two']);
    await second.close();
  });

  test('is not acknowledged if it can not be stored, and comes to all if a later commit fails', async () => {
    const server = await start(new MemoryStore());
    const TopicArn = await topicWithQueues(server);
    server.store.failNextCommit('no-space');
    await expect(server.call('Publish', { TopicArn, Message: 'lost' })).rejects.toMatchObject({
      code: 'ServiceUnavailable',
    });
    await server.call('Publish', { TopicArn, Message: 'one' });
    server.store.failNextCommit('io');
    await expect.poll(() => contents(server), { timeout: 10_000 }).toEqual(['one']);
    await server.close();
  });

  test('waits while 20,000 copies are promised, and comes all the same', async () => {
    const server = await start(new MemoryStore());
    const TopicArn = await topicWithQueues(server);
    const sent = Array.from({ length: 140 }, (_, n) => `m${n}`);
    const publishes = sent.map((Message) => server.call('Publish', { TopicArn, Message }));
    await expect.poll(() => server.sns.promisedCopies()).toBeGreaterThanOrEqual(20_000);
    expect(server.sns.promisedCopies()).toBeLessThan(20_000 + names.length);
    await Promise.all(publishes);
    await expect.poll(() => server.sns.promisedCopies(), { timeout: 20_000 }).toBe(0);
    for (const name of ['queue-0', 'queue-349']) expect((await server.bodies(name)).sort()).toEqual(sent.sort());
    await server.close();
  });

  test('goes bit by bit if it is long, too', async () => {
    const server = await start(new MemoryStore());
    const { TopicArn } = await server.call('CreateTopic', { Name: 'topic' });
    for (const name of names.slice(0, 40)) {
      await server.call('Subscribe', {
        ...{ TopicArn, Protocol: 'sqs', Endpoint: await server.queue(name), Attributes: raw },
      });
    }
    const Message = 'x'.repeat(262_144);
    await server.call('Publish', { TopicArn, Message });
    const lengths = () => Promise.all(names.slice(0, 40).map(async (name) => (await server.bodies(name))[0]?.length));
    await expect.poll(lengths, { timeout: 10_000 }).toEqual(names.slice(0, 40).map(() => Message.length));
    await server.close();
  });
});

test('with enforced quotas a topic takes 200 filter policies', async () => {
  const server = await start(new MemoryStore(), { enforceQuotas: true });
  const { TopicArn } = await server.call('CreateTopic', { Name: 'topic' });
  const subscribe = async (name: string, Attributes: object) =>
    server.call('Subscribe', { TopicArn, Protocol: 'sqs', Endpoint: await server.queue(name), Attributes });
  const filter = { FilterPolicy: '{"a":["b"]}' };
  for (let n = 0; n < 200; n += 1) await subscribe(`queue-${n}`, filter);
  const code = 'FilterPolicyLimitExceededException';
  await expect(subscribe('more', filter)).rejects.toMatchObject({ code });
  const { SubscriptionArn } = await subscribe('more', {});
  const change = (AttributeValue: string) =>
    server.call('SetSubscriptionAttributes', { SubscriptionArn, AttributeName: 'FilterPolicy', AttributeValue });
  await expect(change('{"a":["b"]}')).rejects.toMatchObject({ code });
  await server.close();
});

test('a message to a function that nobody runs is a dead letter', async () => {
  const server = await start(new MemoryStore());
  const { TopicArn } = await server.call('CreateTopic', { Name: 'topic' });
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: await server.queue('dead') });
  for (const [Protocol, Endpoint, more] of [
    ['lambda', 'arn:aws:lambda:eu-west-1:111122223333:function:f', {}],
    ['firehose', 'arn:aws:firehose:eu-west-1:111122223333:deliverystream/s', { SubscriptionRoleArn: 'arn:x' }],
  ] as const) {
    await server.call('Subscribe', { TopicArn, Protocol, Endpoint, Attributes: { RedrivePolicy, ...more } });
  }
  await server.call('Publish', { TopicArn, Message: 'text' });
  await expect.poll(async () => (await server.bodies('dead')).length).toBe(2);
  await server.close();
});

test('what a link has ended a link restores, until its token is over', async () => {
  const server = await start(new MemoryStore());
  const unsigned = { ...context, accessKeyId: '', accountId: '000000000000' };
  const { TopicArn } = await server.call('CreateTopic', { Name: 'topic' });
  const input = { TopicArn, Protocol: 'email', Endpoint: 'a@example.com', ReturnSubscriptionArn: true };
  const { SubscriptionArn } = await server.call('Subscribe', input);
  /** The links are in the mails, which are kept where no relay is known. */
  const tokens = async () => {
    const { entries } = await server.sns.outbox.list({ limit: 10 });
    return entries.map(({ text }) => /Token=([0-9a-f]+)/.exec(text)?.[1]).filter((token) => token !== undefined);
  };
  await expect.poll(async () => (await tokens()).length).toBe(1);
  const [Token] = await tokens();
  expect(await server.call('ConfirmSubscription', { TopicArn, Token }, unsigned)).toEqual({ SubscriptionArn });
  await server.call('Unsubscribe', { SubscriptionArn }, unsigned);
  expect(await server.call('ListSubscriptionsByTopic', { TopicArn })).toEqual({ Subscriptions: [] });
  await expect.poll(async () => (await tokens()).length).toBe(2);
  const [restoring] = await tokens();
  expect(restoring).not.toBe(Token);
  await server.call('ConfirmSubscription', { TopicArn, Token: restoring }, unsigned);
  expect((await server.call('ListSubscriptionsByTopic', { TopicArn })).Subscriptions).toMatchObject([
    { SubscriptionArn },
  ]);
  await server.close();
});
