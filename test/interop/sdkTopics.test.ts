/** SNS through AWS's client for JavaScript: topics, what filters let through, and what queues get. */
import {
  CreateTopicCommand,
  DeleteTopicCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  PublishBatchCommand,
  PublishCommand,
  type PublishCommandInput,
  paginateListTopics,
  SetSubscriptionAttributesCommand,
  SNSClient,
  SubscribeCommand,
  UnsubscribeCommand,
} from '@aws-sdk/client-sns';
import { CreateQueueCommand, DeleteQueueCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, expect, it } from 'vitest';
import { client, endpoint } from './posthorn.ts';

let made: SNSClient | undefined;
afterAll(() => made?.destroy());

function sns(): SNSClient {
  const credentials = { accessKeyId: '123456789012', secretAccessKey: 'secret' };
  made ??= new SNSClient({ endpoint: endpoint(), region: 'eu-west-1', credentials });
  return made;
}

const arnOf = (queue: string) => `arn:aws:sqs:eu-west-1:123456789012:${queue}`;

async function createTopic(Name: string, Attributes: Record<string, string> = {}): Promise<string> {
  return (await sns().send(new CreateTopicCommand({ Name, Attributes }))).TopicArn ?? '';
}

async function createQueue(QueueName: string): Promise<string> {
  const Attributes = QueueName.endsWith('.fifo') ? { FifoQueue: 'true' } : {};
  return (await client().send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl ?? '';
}

async function subscribe(TopicArn: string, queue: string, Attributes: Record<string, string> = {}): Promise<string> {
  const input = { TopicArn, Protocol: 'sqs', Endpoint: arnOf(queue), Attributes };
  return (await sns().send(new SubscribeCommand(input))).SubscriptionArn ?? '';
}

async function receive(QueueUrl: string) {
  const asked = {
    MaxNumberOfMessages: 10,
    MessageSystemAttributeNames: ['All' as const],
    MessageAttributeNames: ['All'],
  };
  const { Messages = [] } = await client().send(new ReceiveMessageCommand({ QueueUrl, ...asked }));
  return Messages;
}

const bodiesOf = (messages: readonly { Body?: string | undefined }[]) => messages.map(({ Body }) => Body);

const publish = (input: PublishCommandInput) => sns().send(new PublishCommand(input));

it('hands a message to all queues, in an envelope or as it is', async () => {
  const TopicArn = await createTopic('orders');
  const plain = await createQueue('plain');
  const raw = await createQueue('raw');
  const SubscriptionArn = await subscribe(TopicArn, 'plain');
  await subscribe(TopicArn, 'raw', { RawMessageDelivery: 'true' });
  const MessageAttributes = {
    count: { DataType: 'Number', StringValue: '7' },
    bytes: { DataType: 'Binary', BinaryValue: Uint8Array.of(0, 255) },
  };
  const Message = 'héllo <&> "wörld" 📯';
  const { MessageId } = await publish({ TopicArn, Message, Subject: 'Greetings', MessageAttributes });

  const [enveloped, ...none] = await receive(plain);
  expect(none).toEqual([]);
  const envelope = JSON.parse(enveloped?.Body ?? '');
  expect(envelope).toMatchObject({
    ...{ Type: 'Notification', MessageId, TopicArn, Subject: 'Greetings', Message, SignatureVersion: '1' },
    MessageAttributes: { count: { Type: 'Number', Value: '7' }, bytes: { Type: 'Binary', Value: 'AP8=' } },
  });
  expect(envelope.UnsubscribeURL).toContain(encodeURIComponent(SubscriptionArn).replaceAll('%3A', ':'));
  expect(enveloped?.MessageAttributes).toBeUndefined();
  // The client has checked the MD5 of what it received.
  const [bare] = await receive(raw);
  expect(bare?.Body).toBe(Message);
  expect(bare?.MessageAttributes).toMatchObject({
    count: { DataType: 'Number', StringValue: '7' },
    bytes: { DataType: 'Binary', BinaryValue: Uint8Array.of(0, 255) },
  });
});

it('filters by attributes, then by the body', async () => {
  const TopicArn = await createTopic('filtered');
  const queue = await createQueue('filtered');
  const FilterPolicy = JSON.stringify({ store: [{ prefix: 'north' }], price: [{ numeric: ['>', 10] }] });
  const SubscriptionArn = await subscribe(TopicArn, 'filtered', { RawMessageDelivery: 'true', FilterPolicy });
  const attributes = (store: string, price: string) => ({
    store: { DataType: 'String', StringValue: store },
    price: { DataType: 'Number', StringValue: price },
  });
  const PublishBatchRequestEntries = [
    { Id: 'a', Message: 'wanted', MessageAttributes: attributes('northern', '10.5') },
    { Id: 'b', Message: 'cheap', MessageAttributes: attributes('northern', '10') },
    { Id: 'c', Message: 'elsewhere', MessageAttributes: attributes('southern', '11') },
    { Id: 'd', Message: 'bare' },
  ];
  const { Successful = [] } = await sns().send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }));
  expect(Successful.map(({ Id }) => Id)).toEqual(['a', 'b', 'c', 'd']);
  expect(bodiesOf(await receive(queue))).toEqual(['wanted']);

  const set = (AttributeName: string, AttributeValue: string) =>
    sns().send(new SetSubscriptionAttributesCommand({ SubscriptionArn, AttributeName, AttributeValue }));
  await set('FilterPolicyScope', 'MessageBody');
  await set('FilterPolicy', JSON.stringify({ order: { items: { sku: ['a', 'b'] } } }));
  const wanted = JSON.stringify({ order: { items: [{ sku: 'x' }, { sku: 'b' }] } });
  await publish({ TopicArn, Message: wanted });
  await publish({ TopicArn, Message: JSON.stringify({ order: { items: [{ sku: 'x' }] } }) });
  await publish({ TopicArn, Message: 'no JSON' });
  expect(bodiesOf(await receive(queue))).toEqual([wanted]);
  const shown = await sns().send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
  expect(shown.Attributes).toMatchObject({ FilterPolicyScope: 'MessageBody', PendingConfirmation: 'false' });
  await expect(set('FilterPolicy', '{"a":[{"nothing":1}]}')).rejects.toMatchObject({
    name: 'InvalidParameterException',
  });
});

it('keeps order and drops duplicates on FIFO topics', async () => {
  const TopicArn = await createTopic('line.fifo', { FifoTopic: 'true', ContentBasedDeduplication: 'true' });
  const ordered = await createQueue('line.fifo');
  const standard = await createQueue('line');
  await subscribe(TopicArn, 'line.fifo', { RawMessageDelivery: 'true' });
  await subscribe(TopicArn, 'line', { RawMessageDelivery: 'true' });
  const first = await publish({ TopicArn, Message: '1', MessageGroupId: 'g' });
  const again = await publish({ TopicArn, Message: '1', MessageGroupId: 'g' });
  expect(again).toMatchObject({ MessageId: first.MessageId, SequenceNumber: first.SequenceNumber });
  const PublishBatchRequestEntries = ['2', '3', '4'].map((n) => ({ Id: n, Message: n, MessageGroupId: 'g' }));
  const { Successful = [] } = await sns().send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }));
  const numbers = [first, ...Successful].map(({ SequenceNumber = '' }) => BigInt(SequenceNumber));
  expect(numbers).toEqual([...numbers].sort((a, b) => (a < b ? -1 : 1)));
  const received = await receive(ordered);
  expect(bodiesOf(received)).toEqual(['1', '2', '3', '4']);
  expect(received[0]?.Attributes).toMatchObject({ MessageGroupId: 'g' });
  expect(bodiesOf(await receive(standard)).sort()).toEqual(['1', '2', '3', '4']);
  await expect(publish({ TopicArn, Message: 'x' })).rejects.toMatchObject({ name: 'InvalidParameterException' });
});

it('redrives what a queue that is gone would have got', async () => {
  const TopicArn = await createTopic('redriven');
  const QueueUrl = await createQueue('gone');
  const dead = await createQueue('dead');
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arnOf('dead') });
  await subscribe(TopicArn, 'gone', { RedrivePolicy, RawMessageDelivery: 'true' });
  await client().send(new DeleteQueueCommand({ QueueUrl }));
  await publish({ TopicArn, Message: 'late' });
  expect(bodiesOf(await receive(dead))).toEqual(['late']);
});

it('chooses the text for queues', async () => {
  const TopicArn = await createTopic('structured');
  const queue = await createQueue('structured');
  await subscribe(TopicArn, 'structured', { RawMessageDelivery: 'true' });
  const Message = JSON.stringify({ default: 'for all', sqs: 'for queues', email: 'for people' });
  await publish({ TopicArn, Message, MessageStructure: 'json' });
  expect(bodiesOf(await receive(queue))).toEqual(['for queues']);
});

it('lists, counts and forgets', async () => {
  const arns = await Promise.all(Array.from({ length: 105 }, (_, n) => createTopic(`many-${n}`)));
  const listed: (string | undefined)[] = [];
  for await (const page of paginateListTopics({ client: sns() }, {})) {
    listed.push(...(page.Topics ?? []).map((topic) => topic.TopicArn));
  }
  expect(listed).toEqual(expect.arrayContaining(arns));
  const TopicArn = arns[0] ?? '';
  const queue = 'counted';
  await createQueue(queue);
  const SubscriptionArn = await subscribe(TopicArn, queue);
  expect(await subscribe(TopicArn, queue)).toBe(SubscriptionArn);
  const counts = async () => (await sns().send(new GetTopicAttributesCommand({ TopicArn }))).Attributes;
  expect(await counts()).toMatchObject({ SubscriptionsConfirmed: '1', SubscriptionsDeleted: '0' });
  await sns().send(new UnsubscribeCommand({ SubscriptionArn }));
  expect(await counts()).toMatchObject({ SubscriptionsConfirmed: '0', SubscriptionsDeleted: '1' });
  const { Subscriptions } = await sns().send(new ListSubscriptionsByTopicCommand({ TopicArn }));
  expect(Subscriptions).toEqual([]);
  for (const arn of arns) await sns().send(new DeleteTopicCommand({ TopicArn: arn }));
  await expect(counts()).rejects.toMatchObject({ name: 'NotFoundException', message: 'Topic does not exist' });
});
