/** The attributes that FIFO queues alone have. */
import { describe, expect, it } from 'vitest';
import * as errors from '../errors.ts';
import { type Api, protocols, uniqueName } from '../target.ts';

const fifoName = () => `${uniqueName()}.fifo`;

/** A new FIFO queue's URL. */
function fifoQueue(api: Api, attributes: Readonly<Record<string, string>> = {}, name = fifoName()): Promise<string> {
  return api.queue({ FifoQueue: 'true', ...attributes }, name);
}

const tooEarly = errors.invalidAttributeValue(
  'FifoThroughputLimit',
  'To set FifoThroughputLimit to perMessageGroupId, the DeduplicationScope must be messageGroup.',
);

describe.each(protocols)('a FIFO queue over $name', (api) => {
  it('has four attributes more than others [aws: fifo required properties]', async () => {
    const QueueName = fifoName();
    const QueueUrl = await fifoQueue(api, {}, QueueName);
    const { Attributes } = await api.ok('GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] });
    expect(Attributes).toEqual({
      ApproximateNumberOfMessages: '0',
      ApproximateNumberOfMessagesDelayed: '0',
      ApproximateNumberOfMessagesNotVisible: '0',
      ContentBasedDeduplication: 'false',
      CreatedTimestamp: expect.stringMatching(/^\d{10}$/),
      DeduplicationScope: 'queue',
      DelaySeconds: '0',
      FifoQueue: 'true',
      FifoThroughputLimit: 'perQueue',
      LastModifiedTimestamp: expect.stringMatching(/^\d{10}$/),
      MaximumMessageSize: '1048576',
      MessageRetentionPeriod: '345600',
      QueueArn: expect.stringMatching(new RegExp(`:${QueueName}$`)),
      ReceiveMessageWaitTimeSeconds: '0',
      SqsManagedSseEnabled: 'true',
      VisibilityTimeout: '30',
    });
  });

  it('is created with all of them, and changed [aws: fifo all properties]', async () => {
    const given = {
      ContentBasedDeduplication: 'true',
      DeduplicationScope: 'messageGroup',
      FifoThroughputLimit: 'perMessageGroupId',
      DelaySeconds: '13',
    };
    const QueueUrl = await fifoQueue(api, given);
    const all = async () => (await api.ok('GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] })).Attributes;
    expect(await all()).toMatchObject(given);
    const Attributes = {
      ContentBasedDeduplication: 'false',
      DeduplicationScope: 'queue',
      FifoThroughputLimit: 'perQueue',
    };
    await api.ok('SetQueueAttributes', { QueueUrl, Attributes });
    expect(await all()).toMatchObject({ ...Attributes, DelaySeconds: '13' });
  });

  it('has names of up to 80 characters, the suffix among them [facts: queue name]', async () => {
    const stem = uniqueName().padEnd(75, 'q');
    expect(await fifoQueue(api, {}, `${stem}.fifo`)).toContain(`/${stem}.fifo`);
    const text =
      'The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length';
    const Attributes = { FifoQueue: 'true' };
    for (const QueueName of [`${stem}q.fifo`, '.fifo', 'a.b.fifo', 'a.FIFO', 'a.fifo ']) {
      await api.refused('CreateQueue', { QueueName, Attributes }, errors.invalidParameter(text));
    }
  });

  it('stays one [aws: unsupported attribute fifo]', async () => {
    const QueueUrl = await fifoQueue(api);
    await api.ok('SetQueueAttributes', { QueueUrl, Attributes: { FifoQueue: 'true' } });
    const refusal = errors.invalidAttributeValue('FifoQueue', 'Modifying queue type is not supported.');
    await api.refused('SetQueueAttributes', { QueueUrl, Attributes: { FifoQueue: 'false' } }, refusal);
    const nonsense = { QueueUrl, Attributes: { FifoQueue: 'maybe' } };
    await api.refused('SetQueueAttributes', nonsense, errors.invalidAttributeValue('FifoQueue'));
  });

  it('counts by message groups only what it deduplicates by message groups [model: CreateQueue.Attributes]', async () => {
    const perGroup = { FifoThroughputLimit: 'perMessageGroupId' };
    for (const Attributes of [perGroup, { ...perGroup, DeduplicationScope: 'queue' }]) {
      const given = { FifoQueue: 'true', ...Attributes };
      await api.refused('CreateQueue', { QueueName: fifoName(), Attributes: given }, tooEarly);
    }
    const QueueUrl = await fifoQueue(api);
    await api.refused('SetQueueAttributes', { QueueUrl, Attributes: perGroup }, tooEarly);
    await api.ok('SetQueueAttributes', { QueueUrl, Attributes: { DeduplicationScope: 'messageGroup' } });
    await api.ok('SetQueueAttributes', { QueueUrl, Attributes: perGroup });
    await api.refused('SetQueueAttributes', { QueueUrl, Attributes: { DeduplicationScope: 'queue' } }, tooEarly);
  });

  it.each([
    ['ContentBasedDeduplication', 'sometimes', ''],
    ['ContentBasedDeduplication', '', ''],
    ['DeduplicationScope', 'account', 'not a supported value.'],
    ['DeduplicationScope', '', 'not a supported value.'],
    ['FifoThroughputLimit', 'perAccount', 'not a supported value.'],
    ['FifoThroughputLimit', 'perqueue', 'not a supported value.'],
  ])('refuses %s of "%s" [model: CreateQueue.Attributes]', async (name, value, reason) => {
    const refusal = errors.invalidAttributeValue(name, reason);
    const given = { FifoQueue: 'true', [name]: value };
    await api.refused('CreateQueue', { QueueName: fifoName(), Attributes: given }, refusal);
    const QueueUrl = await fifoQueue(api);
    await api.refused('SetQueueAttributes', { QueueUrl, Attributes: { [name]: value } }, refusal);
  });

  it('is created again by the same attributes [aws: fifo with different attributes]', async () => {
    const QueueName = fifoName();
    const url = await fifoQueue(api, { ContentBasedDeduplication: 'true' }, QueueName);
    expect(await fifoQueue(api, {}, QueueName)).toBe(url);
    expect(await fifoQueue(api, { ContentBasedDeduplication: 'true', DeduplicationScope: 'queue' }, QueueName)).toBe(
      url,
    );
    const Attributes = { FifoQueue: 'true', ContentBasedDeduplication: 'false' };
    const refusal = errors.queueNameExists('ContentBasedDeduplication');
    await api.refused('CreateQueue', { QueueName, Attributes }, refusal);
  });

  it('is listed, found and deleted as others are [model: CreateQueue]', async () => {
    const QueueName = fifoName();
    const QueueUrl = await fifoQueue(api, {}, QueueName);
    expect(await api.ok('GetQueueUrl', { QueueName })).toEqual({ QueueUrl });
    expect(await api.ok('ListQueues', { QueueNamePrefix: QueueName })).toEqual({ QueueUrls: [QueueUrl] });
    await api.ok('DeleteQueue', { QueueUrl });
  });
});

describe.each(protocols)('a standard queue over $name', (api) => {
  it.each([
    ['FifoQueue', 'true', errors.invalidAttributeName('FifoQueue')],
    ['FifoQueue', 'false', errors.invalidAttributeName('FifoQueue')],
    ['ContentBasedDeduplication', 'true', errors.invalidAttributeName('ContentBasedDeduplication')],
    ['DeduplicationScope', 'messageGroup', errors.onlyForFifo('DeduplicationScope')],
    ['FifoThroughputLimit', 'perQueue', errors.onlyForFifo('FifoThroughputLimit')],
  ])('cannot get %s: %s [aws: unsupported attribute standard]', async (name, value, refusal) => {
    const QueueUrl = await api.queue();
    await api.refused('SetQueueAttributes', { QueueUrl, Attributes: { [name]: value } }, refusal);
    expect(await api.ok('GetQueueAttributes', { QueueUrl, AttributeNames: [name] })).toEqual({});
  });
});
