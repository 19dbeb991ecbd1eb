/** The attributes of server-side encryption, which exclude one another. */
import { describe, expect, it } from 'vitest';
import * as errors from '../errors.ts';
import { type Api, protocols, uniqueName } from '../target.ts';

const names = ['KmsMasterKeyId', 'KmsDataKeyReusePeriodSeconds', 'SqsManagedSseEnabled'];

async function encryptionOf(api: Api, QueueUrl: string) {
  return (await api.ok('GetQueueAttributes', { QueueUrl, AttributeNames: names })).Attributes;
}

describe.each(protocols)('encryption over $name', (api) => {
  it('is by SQS unless told otherwise [aws: required properties]', async () => {
    expect(await encryptionOf(api, await api.queue())).toEqual({ SqsManagedSseEnabled: 'true' });
  });

  it('can be switched off, and on [aws: create queue with attributes]', async () => {
    const QueueUrl = await api.queue({ SqsManagedSseEnabled: 'false' });
    expect(await encryptionOf(api, QueueUrl)).toEqual({ SqsManagedSseEnabled: 'false' });
    await api.ok('SetQueueAttributes', { QueueUrl, Attributes: { SqsManagedSseEnabled: 'true' } });
    expect(await encryptionOf(api, QueueUrl)).toEqual({ SqsManagedSseEnabled: 'true' });
  });

  it('by a key of KMS takes the place of that by SQS [aws: sse queue attributes]', async () => {
    const QueueUrl = await api.queue({ KmsMasterKeyId: 'alias/aws/sqs' });
    const byKey = { KmsMasterKeyId: 'alias/aws/sqs', SqsManagedSseEnabled: 'false' };
    expect(await encryptionOf(api, QueueUrl)).toEqual({ ...byKey, KmsDataKeyReusePeriodSeconds: '300' });
    const Attributes = {
      KmsDataKeyReusePeriodSeconds: '6000',
      SqsManagedSseEnabled: 'false',
      KmsMasterKeyId: 'testKeyId',
    };
    const other = await api.queue();
    await api.ok('SetQueueAttributes', { QueueUrl: other, Attributes });
    expect(await encryptionOf(api, other)).toEqual(Attributes);
  });

  it('by SQS takes the place of that by a key [model: SetQueueAttributes.Attributes]', async () => {
    const QueueUrl = await api.queue({ KmsMasterKeyId: 'alias/aws/sqs', KmsDataKeyReusePeriodSeconds: '60' });
    await api.ok('SetQueueAttributes', { QueueUrl, Attributes: { SqsManagedSseEnabled: 'true' } });
    expect(await encryptionOf(api, QueueUrl)).toEqual({ SqsManagedSseEnabled: 'true' });
  });

  it('by a key ends when the key is removed [aws: remove some properties]', async () => {
    const QueueUrl = await api.queue({ KmsMasterKeyId: 'alias/aws/sqs' });
    await api.ok('SetQueueAttributes', { QueueUrl, Attributes: { KmsMasterKeyId: '' } });
    expect(await encryptionOf(api, QueueUrl)).toEqual({ SqsManagedSseEnabled: 'false' });
  });

  it('is not of both kinds [aws: kms and sqs are mutually exclusive]', async () => {
    const Attributes = { KmsMasterKeyId: 'testKeyId', SqsManagedSseEnabled: 'true' };
    await api.refused('CreateQueue', { QueueName: uniqueName(), Attributes }, errors.twoKindsOfEncryption);
    const QueueUrl = await api.queue();
    await api.refused('SetQueueAttributes', { QueueUrl, Attributes }, errors.twoKindsOfEncryption);
  });

  it.each(['60', '86400'])('reuses a data key for %s seconds [model: CreateQueue.Attributes]', async (seconds) => {
    const QueueUrl = await api.queue({ KmsMasterKeyId: 'k', KmsDataKeyReusePeriodSeconds: seconds });
    expect(await api.attribute(QueueUrl, 'KmsDataKeyReusePeriodSeconds')).toBe(seconds);
  });

  it.each([
    ['KmsDataKeyReusePeriodSeconds', '59'],
    ['KmsDataKeyReusePeriodSeconds', '86401'],
    ['KmsDataKeyReusePeriodSeconds', '-233'],
    ['KmsDataKeyReusePeriodSeconds', ''],
    ['SqsManagedSseEnabled', 'yes'],
    ['SqsManagedSseEnabled', ''],
    ['KmsMasterKeyId', 'k'.repeat(2049)],
  ])('refuses %s of "%s" [model: CreateQueue.Attributes]', async (name, value) => {
    const Attributes = { [name]: value };
    const refusal = errors.invalidAttributeValue(name);
    await api.refused('CreateQueue', { QueueName: uniqueName(), Attributes }, refusal);
    const QueueUrl = await api.queue();
    await api.refused('SetQueueAttributes', { QueueUrl, Attributes }, refusal);
  });

  it('is compared when a queue is created again [model: CreateQueue]', async () => {
    const QueueName = uniqueName();
    const url = await api.queue({}, QueueName);
    expect(await api.queue({ SqsManagedSseEnabled: 'true', KmsDataKeyReusePeriodSeconds: '300' }, QueueName)).toBe(url);
    const withKey = { KmsMasterKeyId: 'k' };
    const refusal = errors.queueNameExists('KmsMasterKeyId');
    await api.refused('CreateQueue', { QueueName, Attributes: withKey }, refusal);
    await api.ok('SetQueueAttributes', { QueueUrl: url, Attributes: withKey });
    expect(await api.queue(withKey, QueueName)).toBe(url);
    expect(await api.queue({ ...withKey, SqsManagedSseEnabled: 'false' }, QueueName)).toBe(url);
  });
});
