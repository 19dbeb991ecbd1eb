import { CreateQueueCommand, QueueNameExists } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import * as errors from '../errors.ts';
import { describeOurs, endpoint, json, protocols, sdk, uniqueName } from '../target.ts';

const badName = errors.invalidParameter(
  'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length',
);
const badFifoName = errors.invalidParameter(
  'The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length',
);

describe.each(protocols)('CreateQueue over $name', (api) => {
  it('answers a URL of account and name [facts: protocols]', async () => {
    const QueueName = uniqueName();
    const url = new URL(await api.queue({}, QueueName));
    expect(url.pathname).toMatch(new RegExp(`^/\\d{12}/${QueueName}$`));
  });

  it.each(['a', `${'aZ09_-'.repeat(13)}xy`])('takes the name %s [facts: queue name]', async (name) => {
    // Names this short may be taken, elsewhere; creating them again is no error.
    expect(await api.queue({}, name)).toMatch(new RegExp(`/${name}$`));
  });

  it.each([
    ['of 81 characters', 'q'.repeat(81)],
    ['with a dot', 'in.fo'],
    ['with a space', 'a b'],
    ['with a slash', 'a/b'],
    ['with accents', 'ééwwà'],
    ['of a FIFO queue, without the attribute', 'example.fifo'],
  ])('refuses a name %s [facts: queue name]', async (_, QueueName) => {
    await api.refused('CreateQueue', { QueueName }, badName);
  });

  it('refuses an empty name [aws: create queue]', async () => {
    await api.refused('CreateQueue', { QueueName: '' }, errors.invalidParameter('Queue name cannot be empty'));
  });

  it('refuses to guess a name [model: CreateQueue.QueueName]', async () => {
    await api.refused('CreateQueue', {}, errors.missingParameter('QueueName'));
  });

  it('sets the attributes it is given, the others to their defaults [model: CreateQueue.Attributes]', async () => {
    const given = { DelaySeconds: '420', MaximumMessageSize: '2048', MessageRetentionPeriod: '604800' };
    const QueueUrl = await api.queue(given);
    const { Attributes } = await api.ok('GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] });
    expect(Attributes).toMatchObject({ ...given, VisibilityTimeout: '30', ReceiveMessageWaitTimeSeconds: '0' });
  });

  it.each([
    ['DelaySeconds', 0, 900],
    ['MaximumMessageSize', 1024, 1_048_576],
    ['MessageRetentionPeriod', 60, 1_209_600],
    ['ReceiveMessageWaitTimeSeconds', 0, 20],
    ['VisibilityTimeout', 0, 43_200],
  ])('holds %s to its range, %d to %d [model: CreateQueue.Attributes]', async (name, min, max) => {
    for (const value of [min, max]) {
      expect(await api.attribute(await api.queue({ [name]: String(value) }), name)).toBe(String(value));
    }
    for (const value of [String(min - 1), String(max + 1), '', ' 2', '1.5', 'ten', '1e3', '99999999999999999999']) {
      const input = { QueueName: uniqueName(), Attributes: { [name]: value } };
      await api.refused('CreateQueue', input, errors.invalidAttributeValue(name));
    }
  });

  it.each(['Color', 'delaySeconds', 'All'])('does not know the attribute %s [facts: error codes]', async (name) => {
    const input = { QueueName: uniqueName(), Attributes: { [name]: '1' } };
    await api.refused('CreateQueue', input, errors.invalidAttributeName(name));
  });

  it.each(['QueueArn', 'CreatedTimestamp', 'LastModifiedTimestamp', 'ApproximateNumberOfMessages'])(
    'cannot set %s [model: QueueAttributeName]',
    async (name) => {
      const input = { QueueName: uniqueName(), Attributes: { [name]: '1' } };
      await api.refused('CreateQueue', input, errors.invalidAttributeName(name));
    },
  );

  it('answers the same URL again for the same attributes, or for some of them [aws: different attributes]', async () => {
    const QueueName = uniqueName();
    const url = await api.queue({ ReceiveMessageWaitTimeSeconds: '1', DelaySeconds: '1' }, QueueName);
    expect(await api.queue(undefined, QueueName)).toBe(url);
    expect(await api.queue({ DelaySeconds: '1' }, QueueName)).toBe(url);
    expect(await api.queue({ ReceiveMessageWaitTimeSeconds: '1', DelaySeconds: '1' }, QueueName)).toBe(url);
  });

  it('answers the same URL again whatever the queue holds [aws: create queue after send]', async () => {
    const QueueName = uniqueName();
    const QueueUrl = await api.queue({}, QueueName);
    await api.ok('SendMessage', { QueueUrl, MessageBody: 'x' });
    expect(await api.queue({}, QueueName)).toBe(QueueUrl);
    expect((await api.receiveOne(QueueUrl)).Body).toBe('x');
  });

  it('refuses the name of a queue with other attributes, and says which [aws: different attributes]', async () => {
    const QueueName = uniqueName();
    const QueueUrl = await api.queue({ ReceiveMessageWaitTimeSeconds: '1', DelaySeconds: '1' }, QueueName);
    const Attributes = { ReceiveMessageWaitTimeSeconds: '1', DelaySeconds: '2' };
    await api.refused('CreateQueue', { QueueName, Attributes }, errors.queueNameExists('DelaySeconds'));
    await api.ok('SetQueueAttributes', { QueueUrl, Attributes: { DelaySeconds: '2' } });
    expect(await api.queue(Attributes, QueueName)).toBe(QueueUrl);
  });

  it('compares a default that is given with the value that is not [facts: attributes]', async () => {
    const QueueName = uniqueName();
    await api.queue({ VisibilityTimeout: '31' }, QueueName);
    const Attributes = { VisibilityTimeout: '30' };
    await api.refused('CreateQueue', { QueueName, Attributes }, errors.queueNameExists('VisibilityTimeout'));
  });

  it('does not tell names apart by their beginning, and does by their case [facts: queue name]', async () => {
    const name = uniqueName('case');
    const urls = [await api.queue({}, name), await api.queue({}, `${name}-2`), await api.queue({}, name.toUpperCase())];
    expect(new Set(urls).size).toBe(3);
  });

  it('compares attributes after they were changed [aws: create queue after modified attributes]', async () => {
    const QueueName = uniqueName();
    const QueueUrl = await api.queue({ VisibilityTimeout: '1' }, QueueName);
    await api.ok('SetQueueAttributes', { QueueUrl, Attributes: { VisibilityTimeout: '2' } });
    const Attributes = { VisibilityTimeout: '1' };
    await api.refused('CreateQueue', { QueueName, Attributes }, errors.queueNameExists('VisibilityTimeout'));
  });

  it('refuses an attribute that is no text [model: QueueAttributeMap]', async () => {
    if (api.name === 'Query') return;
    for (const value of [{}, []]) {
      const answer = await api.call('CreateQueue', { QueueName: uniqueName(), Attributes: { DelaySeconds: value } });
      expect(answer).toMatchObject({ status: 400, error: { code: 'SerializationException' } });
    }
  });

  it('sets tags [model: CreateQueue.tags]', async () => {
    const { QueueUrl } = await api.ok('CreateQueue', { QueueName: uniqueName(), tags: { team: 'a', empty: '' } });
    expect((await api.ok('ListQueueTags', { QueueUrl })).Tags).toEqual({ team: 'a', empty: '' });
  });

  it('makes no queue of a refused call [model: CreateQueue]', async () => {
    const QueueName = uniqueName();
    await api.refused(
      'CreateQueue',
      { QueueName, Attributes: { DelaySeconds: '901' } },
      errors.invalidAttributeValue('DelaySeconds'),
    );
    await api.refused('GetQueueUrl', { QueueName }, errors.queueDoesNotExist);
  });

  it.each([
    ['FifoQueue', 'false', errors.invalidAttributeName('FifoQueue')],
    ['ContentBasedDeduplication', 'false', errors.invalidAttributeName('ContentBasedDeduplication')],
    ['DeduplicationScope', 'queue', errors.onlyForFifo('DeduplicationScope')],
    ['FifoThroughputLimit', 'perQueue', errors.onlyForFifo('FifoThroughputLimit')],
  ])('refuses %s on a standard queue [aws: standard queue with fifo attribute]', async (name, value, refusal) => {
    await api.refused('CreateQueue', { QueueName: uniqueName(), Attributes: { [name]: value } }, refusal);
  });

  it('wants .fifo at the end of the name of a FIFO queue [facts: queue name]', async () => {
    await api.refused('CreateQueue', { QueueName: uniqueName(), Attributes: { FifoQueue: 'true' } }, badFifoName);
  });
});

describeOurs('CreateQueue here', () => {
  it.each(protocols)('answers a URL below the address that the client used [posthorn: queue URLs]', async (api) => {
    expect(await api.queue()).toMatch(new RegExp(`^${endpoint()}/`));
    const answer = await api.call('CreateQueue', { QueueName: uniqueName() }, { host: 'queues.example:8080' });
    expect(answer.output.QueueUrl).toMatch(/^http:\/\/queues\.example:8080\/111122223333\//);
  });
});

describe('CreateQueue with the SDK', () => {
  it('creates, and throws the class of the error [model: CreateQueue]', async () => {
    const QueueName = uniqueName();
    const { QueueUrl } = await sdk().send(new CreateQueueCommand({ QueueName, Attributes: { DelaySeconds: '1' } }));
    expect(QueueUrl).toBe(await json.queue({}, QueueName));
    const failure = sdk().send(new CreateQueueCommand({ QueueName, Attributes: { DelaySeconds: '2' } }));
    await expect(failure).rejects.toBeInstanceOf(QueueNameExists);
    await expect(failure).rejects.toMatchObject({ Code: 'QueueAlreadyExists' });
  });
});
