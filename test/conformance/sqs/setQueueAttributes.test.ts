import { SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import * as errors from '../errors.ts';
import { describeOurs, json, protocols, sdk, uniqueName } from '../target.ts';

const operation = 'SetQueueAttributes';

describe.concurrent.each(protocols)('SetQueueAttributes over $name', (api) => {
  it('sets some, leaves the others, and answers nothing [aws: create and update queue attributes]', async () => {
    const QueueUrl = await api.queue({ MessageRetentionPeriod: '604800', VisibilityTimeout: '20' });
    const Attributes = { MaximumMessageSize: '2048', VisibilityTimeout: '69', DelaySeconds: '420' };
    expect(await api.ok(operation, { QueueUrl, Attributes })).toEqual({});
    const after = await api.ok('GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] });
    expect(after.Attributes).toMatchObject({ ...Attributes, MessageRetentionPeriod: '604800' });
  });

  it('sets all or none [model: SetQueueAttributes]', async () => {
    const QueueUrl = await api.queue();
    const Attributes = { DelaySeconds: '5', VisibilityTimeout: '43201' };
    await api.refused(operation, { QueueUrl, Attributes }, errors.invalidAttributeValue('VisibilityTimeout'));
    expect(await api.attribute(QueueUrl, 'DelaySeconds')).toBe('0');
  });

  it.each([
    ['DelaySeconds', '901'],
    ['MaximumMessageSize', '1048577'],
    ['MessageRetentionPeriod', '59'],
    ['ReceiveMessageWaitTimeSeconds', '21'],
    ['VisibilityTimeout', '-1'],
    ['VisibilityTimeout', ''],
  ])('refuses %s of "%s" [model: SetQueueAttributes.Attributes]', async (name, value) => {
    const QueueUrl = await api.queue();
    await api.refused(operation, { QueueUrl, Attributes: { [name]: value } }, errors.invalidAttributeValue(name));
  });

  it.each(['Color', 'QueueArn', 'ApproximateNumberOfMessages', 'All'])(
    'cannot set %s [facts: error codes]',
    async (name) => {
      const QueueUrl = await api.queue();
      await api.refused(operation, { QueueUrl, Attributes: { [name]: '1' } }, errors.invalidAttributeName(name));
    },
  );

  it.each(['true', 'false'])(
    'cannot make a queue a FIFO queue: %s [aws: unsupported attribute standard]',
    async (value) => {
      const QueueUrl = await api.queue();
      const input = { QueueUrl, Attributes: { FifoQueue: value } };
      await api.refused(operation, input, errors.invalidAttributeName('FifoQueue'));
    },
  );

  it.each(['RedrivePolicy', 'Policy', 'KmsMasterKeyId', 'RedriveAllowPolicy'])(
    'removes %s by an empty value, even where there is none [aws: set empty redrive policy]',
    async (name) => {
      const QueueUrl = await api.queue();
      await api.ok(operation, { QueueUrl, Attributes: { [name]: '', DelaySeconds: '1' } });
      expect(await api.attribute(QueueUrl, name)).toBeUndefined();
      expect(await api.attribute(QueueUrl, 'DelaySeconds')).toBe('1');
    },
  );

  it('demands attributes [model: SetQueueAttributes.Attributes]', async () => {
    const QueueUrl = await api.queue();
    await api.refused(operation, { QueueUrl }, errors.missingParameter('Attributes'));
  });

  it('does not know a queue that was never made [facts: error codes]', async () => {
    const input = { QueueUrl: uniqueName(), Attributes: { DelaySeconds: '1' } };
    await api.refused(operation, input, errors.queueDoesNotExist);
  });
});

// AWS may need a minute until a change holds.
describeOurs.each(protocols)('a changed attribute over $name', (api) => {
  it('DelaySeconds holds for messages sent from now on [model: SetQueueAttributes]', async () => {
    const QueueUrl = await api.queue({ DelaySeconds: '900' });
    await api.ok('SendMessage', { QueueUrl, MessageBody: 'before' });
    await api.ok(operation, { QueueUrl, Attributes: { DelaySeconds: '0' } });
    await api.ok('SendMessage', { QueueUrl, MessageBody: 'after' });
    expect((await api.receive(QueueUrl, { MaxNumberOfMessages: 10 })).map(({ Body }) => Body)).toEqual(['after']);
  });

  it('VisibilityTimeout holds for the next receive [model: SetQueueAttributes]', async () => {
    const QueueUrl = await api.queueWith('x');
    await api.ok(operation, { QueueUrl, Attributes: { VisibilityTimeout: '0' } });
    await api.receiveOne(QueueUrl);
    await api.receiveOne(QueueUrl);
  });

  it('MaximumMessageSize holds for the next send [model: SetQueueAttributes]', async () => {
    const QueueUrl = await api.queue();
    await api.ok(operation, { QueueUrl, Attributes: { MaximumMessageSize: '1024' } });
    const text = 'One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.';
    const refusal = errors.invalidParameter(text);
    await api.refused('SendMessage', { QueueUrl, MessageBody: 'x'.repeat(1025) }, refusal);
  });

  it('moves LastModifiedTimestamp and not CreatedTimestamp [model: GetQueueAttributes]', async () => {
    const QueueUrl = await api.queue();
    const before = await api.ok('GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] });
    expect(await api.receive(QueueUrl, { WaitTimeSeconds: 1 })).toEqual([]);
    await api.ok(operation, { QueueUrl, Attributes: { DelaySeconds: '1' } });
    const after = await api.ok('GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] });
    expect(after.Attributes?.CreatedTimestamp).toBe(before.Attributes?.CreatedTimestamp);
    expect(Number(after.Attributes?.LastModifiedTimestamp)).toBeGreaterThan(
      Number(before.Attributes?.LastModifiedTimestamp),
    );
  });
});

describe('SetQueueAttributes with the SDK', () => {
  it('sets, and throws what its users catch [model: SetQueueAttributes]', async () => {
    const QueueUrl = await json.queue();
    await sdk().send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { DelaySeconds: '2' } }));
    expect(await json.attribute(QueueUrl, 'DelaySeconds')).toBe('2');
    const bad = new SetQueueAttributesCommand({ QueueUrl, Attributes: { DelaySeconds: '-2' } });
    await expect(sdk().send(bad)).rejects.toMatchObject({ name: 'InvalidAttributeValue' });
  });
});
