import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import * as errors from '../errors.ts';
import { describeOurs, json, protocols, sdk, uniqueName } from '../target.ts';

const Policy = '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*"}}';

describe.each(protocols)('GetQueueAttributes over $name', (api) => {
  it('answers all, and the defaults [aws: set queue attributes default values]', async () => {
    const QueueName = uniqueName();
    const QueueUrl = await api.queue(undefined, QueueName);
    const { Attributes } = await api.ok('GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] });
    expect(Attributes).toEqual({
      ApproximateNumberOfMessages: '0',
      ApproximateNumberOfMessagesDelayed: '0',
      ApproximateNumberOfMessagesNotVisible: '0',
      CreatedTimestamp: expect.stringMatching(/^\d{10}$/),
      DelaySeconds: '0',
      LastModifiedTimestamp: expect.stringMatching(/^\d{10}$/),
      MaximumMessageSize: '1048576',
      MessageRetentionPeriod: '345600',
      QueueArn: expect.stringMatching(new RegExp(`^arn:aws:sqs:[a-z0-9-]+:\\d{12}:${QueueName}$`)),
      ReceiveMessageWaitTimeSeconds: '0',
      SqsManagedSseEnabled: 'true',
      VisibilityTimeout: '30',
    });
  });

  it('answers those named [model: GetQueueAttributes.AttributeNames]', async () => {
    const QueueUrl = await api.queue({ VisibilityTimeout: '7' });
    const AttributeNames = ['VisibilityTimeout', 'DelaySeconds'];
    const { Attributes } = await api.ok('GetQueueAttributes', { QueueUrl, AttributeNames });
    expect(Attributes).toEqual({ VisibilityTimeout: '7', DelaySeconds: '0' });
  });

  it.each([undefined, []])(
    'answers nothing when nothing is asked [model: GetQueueAttributes]',
    async (AttributeNames) => {
      const QueueUrl = await api.queue();
      expect(await api.ok('GetQueueAttributes', { QueueUrl, AttributeNames })).toEqual({});
    },
  );

  it('lists them in one order [aws: create queue with attributes]', async () => {
    const QueueUrl = await api.queue({
      Policy,
      KmsMasterKeyId: 'k',
      RedriveAllowPolicy: '{"redrivePermission":"denyAll"}',
    });
    const { Attributes = {} } = await api.ok('GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] });
    expect(Object.keys(Attributes)).toEqual([
      'QueueArn',
      'ApproximateNumberOfMessages',
      'ApproximateNumberOfMessagesNotVisible',
      'ApproximateNumberOfMessagesDelayed',
      'CreatedTimestamp',
      'LastModifiedTimestamp',
      'VisibilityTimeout',
      'MaximumMessageSize',
      'MessageRetentionPeriod',
      'DelaySeconds',
      'Policy',
      'ReceiveMessageWaitTimeSeconds',
      'KmsMasterKeyId',
      'KmsDataKeyReusePeriodSeconds',
      'SqsManagedSseEnabled',
      'RedriveAllowPolicy',
    ]);
  });

  it.each([
    'Policy',
    'RedrivePolicy',
    'RedriveAllowPolicy',
    'KmsMasterKeyId',
    'KmsDataKeyReusePeriodSeconds',
    'FifoQueue',
    'ContentBasedDeduplication',
    'DeduplicationScope',
    'FifoThroughputLimit',
  ])('leaves %s out when it is not set [aws: permission lifecycle]', async (name) => {
    const QueueUrl = await api.queue();
    expect(await api.ok('GetQueueAttributes', { QueueUrl, AttributeNames: [name] })).toEqual({});
  });

  it.each(['Color', 'all', ''])('does not know the attribute "%s" [facts: error codes]', async (name) => {
    const QueueUrl = await api.queue();
    const input = { QueueUrl, AttributeNames: ['DelaySeconds', name] };
    await api.refused('GetQueueAttributes', input, errors.invalidAttributeName(name));
  });

  it('does not know a queue that was never made [aws: non-existent queue]', async () => {
    const input = { QueueUrl: uniqueName(), AttributeNames: ['All'] };
    await api.refused('GetQueueAttributes', input, errors.queueDoesNotExist);
  });
});

// AWS may need a minute for these numbers.
describeOurs.each(protocols)('the numbers of GetQueueAttributes over $name', (api) => {
  async function counts(QueueUrl: string): Promise<(string | undefined)[]> {
    const { Attributes } = await api.ok('GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] });
    const names = ['', 'NotVisible', 'Delayed'];
    return names.map((name) => Attributes?.[`ApproximateNumberOfMessages${name}`]);
  }

  it('count what waits, what is in flight and what is delayed [model: GetQueueAttributes]', async () => {
    const QueueUrl = await api.queueWith('a', 'b', 'c');
    await api.ok('SendMessage', { QueueUrl, MessageBody: 'later', DelaySeconds: 900 });
    expect(await counts(QueueUrl)).toEqual(['3', '0', '1']);
    const [a, b] = [await api.receiveOne(QueueUrl), await api.receiveOne(QueueUrl)];
    expect(await counts(QueueUrl)).toEqual(['1', '2', '1']);
    await api.ok('DeleteMessage', { QueueUrl, ReceiptHandle: a.ReceiptHandle });
    expect(await counts(QueueUrl)).toEqual(['1', '1', '1']);
    await api.ok('ChangeMessageVisibility', { QueueUrl, ReceiptHandle: b.ReceiptHandle, VisibilityTimeout: 0 });
    expect(await counts(QueueUrl)).toEqual(['2', '0', '1']);
    await api.ok('PurgeQueue', { QueueUrl });
    expect(await counts(QueueUrl)).toEqual(['0', '0', '0']);
  });

  it('follow the time, without anybody receiving [model: GetQueueAttributes]', async () => {
    const QueueUrl = await api.queue({ VisibilityTimeout: '2' });
    await api.ok('SendMessage', { QueueUrl, MessageBody: 'x' });
    await api.ok('SendMessage', { QueueUrl, MessageBody: 'later', DelaySeconds: 2 });
    await api.receiveOne(QueueUrl);
    expect(await counts(QueueUrl)).toEqual(['0', '1', '1']);
    // Two seconds pass.
    expect(await api.receive(await api.queue(), { WaitTimeSeconds: 2 })).toEqual([]);
    expect(await counts(QueueUrl)).toEqual(['2', '0', '0']);
  });
});

describe('GetQueueAttributes with the SDK', () => {
  it('answers, and throws what its users catch [model: GetQueueAttributes]', async () => {
    const QueueUrl = await json.queue({ DelaySeconds: '3' });
    const { Attributes } = await sdk().send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
    expect(Attributes).toMatchObject({ DelaySeconds: '3' });
    const unknown = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['Color' as 'All'] });
    await expect(sdk().send(unknown)).rejects.toMatchObject({ name: 'InvalidAttributeName' });
  });
});
