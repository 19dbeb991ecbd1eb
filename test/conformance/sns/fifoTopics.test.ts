import { describe, expect, it } from 'vitest';
import { describeOurs, json } from '../target.ts';
import {
  expectEmpty,
  fifoQueue,
  fifoTopic,
  publish,
  queue,
  receive,
  receiveEnvelope,
  setSubscription,
  setTopic,
  subscribe,
  subscribed,
  subscriptionAttributes,
  take,
  takeEnvelope,
  topicAttributes,
} from './fixtures.ts';
import { invalidParameter, ok, refused } from './queryCall.ts';

const sequenceNumber = /^\d{20}$/;
const sha256OfTest = '532eaabd9574880dbf76b9b8cc00832c20a6ec113d682299550d7a6e0f345e25';
const inGroup = (id: string, MessageGroupId = 'g') => ({ MessageGroupId, MessageDeduplicationId: id });
const contentBased = { ContentBasedDeduplication: 'true' };

describe('a FIFO topic', () => {
  it('demands a group [aws: validations for fifo]', async () => {
    const refusal = invalidParameter('The MessageGroupId parameter is required for FIFO topics');
    await refused('Publish', { TopicArn: await fifoTopic(contentBased), Message: 'text' }, refusal);
  });

  it('demands a deduplication id, or to find it by itself [aws: validations for fifo]', async () => {
    const refusal = invalidParameter(
      'The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    );
    await refused('Publish', { TopicArn: await fifoTopic(), Message: 'text', MessageGroupId: 'g' }, refusal);
  });

  it.each([
    ['a group', [{ Id: '1', Message: 'text' }], 'The MessageGroupId parameter is required for FIFO topics'],
    [
      'a deduplication id',
      [{ Id: '1', Message: 'text', MessageGroupId: 'g' }],
      'The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    ],
  ])('demands %s of each entry [aws: publish batch exceptions]', async (_, PublishBatchRequestEntries, reason) => {
    const TopicArn = await fifoTopic();
    await refused('PublishBatch', { TopicArn, PublishBatchRequestEntries }, invalidParameter(reason));
  });

  it.each([true, false])(
    'gives a FIFO queue group, id and number; by content: %s [aws: message to fifo sqs]',
    async (byContent) => {
      const TopicArn = await fifoTopic({ ContentBasedDeduplication: String(byContent) });
      const made = await subscribed(TopicArn, {}, fifoQueue);
      const ids = byContent ? { MessageGroupId: 'message-group-id-1' } : inGroup('id-1', 'message-group-id-1');
      const published = await publish(TopicArn, 'Test', ids);
      expect(published).toEqual({
        MessageId: expect.any(String),
        SequenceNumber: expect.stringMatching(sequenceNumber),
      });
      const message = await receive(made);
      expect(message.Attributes).toMatchObject({
        MessageDeduplicationId: byContent ? sha256OfTest : 'id-1',
        MessageGroupId: 'message-group-id-1',
        SequenceNumber: expect.stringMatching(sequenceNumber),
      });
      const envelope = JSON.parse(message.Body);
      expect(envelope).toMatchObject({ ...published, Type: 'Notification', TopicArn, Message: 'Test' });
      expect(envelope).not.toHaveProperty('Signature');
    },
  );

  it('takes a message once in five minutes, and answers as it did at first [aws: publish batch messages from fifo topic to fifo queue]', async () => {
    const TopicArn = await fifoTopic(contentBased);
    const made = await subscribed(TopicArn, { RawMessageDelivery: 'true' }, fifoQueue);
    const first = await publish(TopicArn, 'Test', { MessageGroupId: 'g' });
    expect((await take(made)).Body).toBe('Test');
    expect(await publish(TopicArn, 'Test', { MessageGroupId: 'g' })).toEqual(first);
    await expectEmpty(made);
  });

  it('prefers the id that is given [model: PublishInput.MessageDeduplicationId]', async () => {
    const TopicArn = await fifoTopic(contentBased);
    const first = await publish(TopicArn, 'Test', { MessageGroupId: 'g' });
    expect(await publish(TopicArn, 'Test', inGroup('other'))).not.toEqual(first);
    expect(await publish(TopicArn, 'Else', inGroup(sha256OfTest))).toEqual(first);
  });

  it('knows an id in all of the topic [aws: publish to fifo topic deduplication on topic level]', async () => {
    const TopicArn = await fifoTopic();
    const first = await publish(TopicArn, 'one', inGroup('id', 'g1'));
    expect(await publish(TopicArn, 'two', inGroup('id', 'g2'))).toEqual(first);
  });

  it('knows an id in its group, if that is the scope [model: CreateTopicInput.Attributes]', async () => {
    const TopicArn = await fifoTopic({ FifoThroughputScope: 'MessageGroup' });
    const made = await subscribed(TopicArn, { RawMessageDelivery: 'true' });
    const first = await publish(TopicArn, 'one', inGroup('id', 'g1'));
    expect(await publish(TopicArn, 'two', inGroup('id', 'g2'))).not.toEqual(first);
    expect(await publish(TopicArn, 'three', inGroup('id', 'g1'))).toEqual(first);
    const bodies = [(await take(made)).Body, (await take(made)).Body].sort();
    expect(bodies).toEqual(['one', 'two']);
    await expectEmpty(made);
  });

  it('numbers its messages upwards [model: PublishResponse.SequenceNumber]', async () => {
    const TopicArn = await fifoTopic();
    const numbers = [];
    for (let n = 0; n < 5; n += 1) numbers.push((await publish(TopicArn, 'x', inGroup(String(n)))).SequenceNumber);
    expect(numbers).toEqual([...numbers].sort());
    expect(new Set(numbers).size).toBe(5);
  });

  it('keeps the order in every queue [aws: message to fifo sqs ordering]', async () => {
    const TopicArn = await fifoTopic();
    const raw = { RawMessageDelivery: 'true' };
    const queues = [await subscribed(TopicArn, raw, fifoQueue), await subscribed(TopicArn, raw, fifoQueue)];
    const publishing = Array.from({ length: 20 }, (_, n) => publish(TopicArn, `m${n}`, inGroup(`id${n}`)));
    const published = await Promise.all(publishing);
    const order = published
      .map(({ SequenceNumber }, n) => ({ SequenceNumber: SequenceNumber ?? '', body: `m${n}` }))
      .sort((a, b) => (a.SequenceNumber < b.SequenceNumber ? -1 : 1));
    for (const made of queues) {
      const bodies = [];
      for (let n = 0; n < 20; n += 1) bodies.push((await take(made)).Body);
      expect(bodies).toEqual(order.map(({ body }) => body));
    }
  });

  it('keeps the order of a batch, and knows duplicates in it [model: PublishBatch]', async () => {
    const TopicArn = await fifoTopic();
    const made = await subscribed(TopicArn, { RawMessageDelivery: 'true' }, fifoQueue);
    const entry = (Id: string, id: string) => ({ Id, Message: `m${Id}`, ...inGroup(id) });
    const PublishBatchRequestEntries = [entry('1', 'a'), entry('2', 'b'), entry('3', 'a'), entry('4', 'c')];
    const { Successful } = await ok('PublishBatch', { TopicArn, PublishBatchRequestEntries });
    expect(Successful).toHaveLength(4);
    const byId = new Map((Successful ?? []).map((each) => [String(each.Id), each]));
    expect(byId.get('3')?.MessageId).toBe(byId.get('1')?.MessageId);
    expect(byId.get('3')?.SequenceNumber).toBe(byId.get('1')?.SequenceNumber);
    const bodies = [(await take(made)).Body, (await take(made)).Body, (await take(made)).Body];
    expect(bodies).toEqual(['m1', 'm2', 'm4']);
    await expectEmpty(made);
  });

  it.each([true, false])('gives a standard queue no group; raw: %s [aws: fifo topic to regular sqs]', async (raw) => {
    const TopicArn = await fifoTopic();
    const made = await subscribed(TopicArn, { RawMessageDelivery: String(raw) });
    const { SequenceNumber } = await publish(TopicArn, 'Test', inGroup('id'));
    const { Body, Attributes } = await receive(made);
    expect(Attributes).not.toHaveProperty('MessageGroupId');
    expect(Attributes).not.toHaveProperty('MessageDeduplicationId');
    if (raw) expect(Body).toBe('Test');
    else expect(JSON.parse(Body)).toMatchObject({ SequenceNumber, Message: 'Test' });
  });

  it('gives its id to a queue that has none by content [aws: publish to fifo topic to sqs queue no content dedup]', async () => {
    const TopicArn = await fifoTopic(contentBased);
    const made = await subscribed(TopicArn, {}, fifoQueue);
    await publish(TopicArn, 'Test', { MessageGroupId: 'g' });
    expect((await receive(made)).Attributes).toMatchObject({ MessageDeduplicationId: sha256OfTest });
  });

  it.each([true, false])(
    'has dead letters with group and id; raw: %s [aws: publish fifo messages to dlq]',
    async (raw) => {
      const TopicArn = await fifoTopic();
      const [target, dead] = [await fifoQueue(), await fifoQueue()];
      const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn });
      await subscribe(TopicArn, target, { RawMessageDelivery: String(raw), RedrivePolicy });
      await json.ok('DeleteQueue', { QueueUrl: target.url });
      const published = await publish(TopicArn, 'test-message', inGroup('message-deduplication-id-1', 'g1'));
      const { Body, Attributes } = await receive(dead);
      expect(Attributes).toMatchObject({
        MessageDeduplicationId: 'message-deduplication-id-1',
        MessageGroupId: 'g1',
      });
      if (raw) expect(Body).toBe('test-message');
      else expect(JSON.parse(Body)).toMatchObject({ ...published, Message: 'test-message' });
    },
  );

  it('filters as others do [facts: Filter policies]', async () => {
    const TopicArn = await fifoTopic();
    const made = await subscribed(TopicArn, { FilterPolicy: '{"a":["b"]}' }, fifoQueue);
    const MessageAttributes = { a: { DataType: 'String', StringValue: 'b' } };
    await publish(TopicArn, 'no', inGroup('1'));
    await publish(TopicArn, 'yes', { ...inGroup('2'), MessageAttributes });
    expect((await receiveEnvelope(made)).Message).toBe('yes');
    await expectEmpty(made);
  });
});

/** AWS takes minutes for a replay; here what was stored before is read at once. */
describeOurs('an archive', () => {
  const archive = { ArchivePolicy: '{"MessageRetentionPeriod":"30"}' };
  const since = (startingAt: number, endingAt?: number) =>
    JSON.stringify({
      PointType: 'Timestamp',
      StartingPoint: new Date(startingAt).toISOString(),
      ...(endingAt !== undefined && { EndingPoint: new Date(endingAt).toISOString() }),
    });

  const begun = async (TopicArn: string) => Date.parse((await topicAttributes(TopicArn)).BeginningArchiveTime ?? '');

  it('tells since when [model: GetTopicAttributesResponse.Attributes]', async () => {
    const before = Date.now();
    const TopicArn = await fifoTopic(archive);
    const at = await begun(TopicArn);
    expect(at).toBeGreaterThanOrEqual(before);
    expect(at).toBeLessThanOrEqual(Date.now());
    await setTopic(TopicArn, 'ArchivePolicy', '{"MessageRetentionPeriod":"31"}');
    expect(await begun(TopicArn)).toBe(at);
  });

  it.each(['', '{}'])('ends by "%s" [facts: Semantics often wrong]', async (value) => {
    const TopicArn = await fifoTopic(archive);
    await setTopic(TopicArn, 'ArchivePolicy', value);
    const attributes = await topicAttributes(TopicArn);
    expect(attributes).not.toHaveProperty('ArchivePolicy');
    expect(attributes).not.toHaveProperty('BeginningArchiveTime');
  });

  it('must end before its topic is deleted [aws: cannot delete a topic with an archive policy]', async () => {
    const TopicArn = await fifoTopic(archive);
    const message = 'Invalid state: Cannot delete a topic with an ArchivePolicy';
    await refused('DeleteTopic', { TopicArn }, { status: 400, code: 'InvalidState', message });
    await setTopic(TopicArn, 'ArchivePolicy', '');
    await ok('DeleteTopic', { TopicArn });
  });

  it('is replayed to a new subscription, in order [model: SubscribeInput.Attributes]', async () => {
    const TopicArn = await fifoTopic(archive);
    const published = [];
    for (let n = 0; n < 5; n += 1) published.push(await publish(TopicArn, `m${n}`, inGroup(`id${n}`)));
    const made = await subscribed(TopicArn, { ReplayPolicy: since(await begun(TopicArn)) }, fifoQueue);
    for (const [n, each] of published.entries()) {
      const envelope = await takeEnvelope(made);
      expect(envelope).toMatchObject({ ...each, Message: `m${n}` });
      expect(envelope.MessageAttributes).toEqual({ Replayed: { Type: 'String', Value: 'true' } });
    }
    await publish(TopicArn, 'new', inGroup('new'));
    expect(await takeEnvelope(made)).toMatchObject({ Message: 'new' });
    expect(await subscriptionAttributes(made.subscription)).toMatchObject({ ReplayStatus: 'Completed' });
  });

  it('is replayed to a queue that has had it before [model: SetSubscriptionAttributes]', async () => {
    const TopicArn = await fifoTopic(archive);
    const made = await subscribed(TopicArn, { RawMessageDelivery: 'true' }, fifoQueue);
    await publish(TopicArn, 'one', inGroup('1'));
    expect((await take(made)).Body).toBe('one');
    await setSubscription(made.subscription, 'ReplayPolicy', since(await begun(TopicArn)));
    const again = await take(made);
    expect(again).toMatchObject({
      Body: 'one',
      Attributes: { MessageDeduplicationId: '1' },
      MessageAttributes: { Replayed: { StringValue: 'true' } },
    });
  });

  it('keeps new messages behind those that are replayed [facts: Semantics often wrong]', async () => {
    const TopicArn = await fifoTopic(archive);
    for (let n = 0; n < 150; n += 1) await publish(TopicArn, `m${n}`, inGroup(`id${n}`));
    const made = await queue();
    const ReplayPolicy = since(await begun(TopicArn));
    const subscribing = subscribe(TopicArn, made, { RawMessageDelivery: 'true', ReplayPolicy });
    const publishing = Array.from({ length: 20 }, (_, n) => publish(TopicArn, `n${n}`, inGroup(`new${n}`)));
    await Promise.all([subscribing, ...publishing]);
    const bodies = [];
    for (let n = 0; n < 170; n += 1) bodies.push((await take(made)).Body);
    expect(new Set(bodies).size).toBe(170);
    expect(bodies.slice(0, 150)).toEqual(Array.from({ length: 150 }, (_, n) => `m${n}`));
    await expectEmpty(made);
  });

  it('is replayed up to an end, and nothing comes after [model: SubscribeInput.Attributes]', async () => {
    const TopicArn = await fifoTopic(archive);
    await publish(TopicArn, 'one', inGroup('1'));
    await publish(TopicArn, 'two', inGroup('2'));
    const made = await subscribed(
      TopicArn,
      { RawMessageDelivery: 'true', ReplayPolicy: since(await begun(TopicArn), Date.now()) },
      fifoQueue,
    );
    expect([(await take(made)).Body, (await take(made)).Body]).toEqual(['one', 'two']);
    await publish(TopicArn, 'three', inGroup('3'));
    await expectEmpty(made);
    await setSubscription(made.subscription, 'ReplayPolicy', '');
    await publish(TopicArn, 'four', inGroup('4'));
    expect((await take(made)).Body).toBe('four');
  });

  it('is filtered when it is replayed [facts: Filter policies]', async () => {
    const TopicArn = await fifoTopic(archive);
    const MessageAttributes = { a: { DataType: 'String', StringValue: 'b' } };
    await publish(TopicArn, 'no', inGroup('1'));
    await publish(TopicArn, 'yes', { ...inGroup('2'), MessageAttributes });
    const attributes = { RawMessageDelivery: 'true', FilterPolicy: '{"a":["b"]}' };
    const made = await subscribed(TopicArn, { ...attributes, ReplayPolicy: since(await begun(TopicArn)) }, fifoQueue);
    expect((await take(made)).Body).toBe('yes');
    await expectEmpty(made);
  });

  it.each([
    ['not json', 'ReplayPolicy: Unable to parse JSON'],
    ['{"PointType":"Timestamp"}', 'ReplayPolicy: JSON is missing required fields'],
    ['{"PointType":"Other","StartingPoint":"x"}', 'ReplayPolicy: Invalid PointType'],
    ['{"PointType":"Timestamp","StartingPoint":"x"}', 'ReplayPolicy: Invalid StartingPoint value'],
    [since(0), 'ReplayPolicy: Invalid StartingPoint value'],
    [since(Date.now() + 3_600_000), 'ReplayPolicy: Invalid StartingPoint value'],
  ])('refuses the policy %s [facts: Semantics often wrong]', async (AttributeValue, reason) => {
    const { subscription } = await subscribed(await fifoTopic(archive));
    const input = { SubscriptionArn: subscription, AttributeName: 'ReplayPolicy', AttributeValue };
    await refused('SetSubscriptionAttributes', input, invalidParameter(reason));
  });

  it('refuses a replay where there is no archive [facts: Semantics often wrong]', async () => {
    const { subscription } = await subscribed(await fifoTopic());
    const input = { SubscriptionArn: subscription, AttributeName: 'ReplayPolicy', AttributeValue: since(Date.now()) };
    const refusal = invalidParameter('ReplayPolicy: Topic does not have an ArchivePolicy');
    await refused('SetSubscriptionAttributes', input, refusal);
  });
});
