import { PurgeQueueCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import * as errors from '../errors.ts';
import { describeOurs, json, protocols, sdk, uniqueName } from '../target.ts';

// AWS takes up to 60 seconds; what follows at once is ours.
describeOurs.each(protocols)('PurgeQueue over $name', (api) => {
  it('removes what waits, what is in flight and what is delayed [model: PurgeQueue]', async () => {
    const QueueUrl = await api.queueWith('waits', 'in flight');
    await api.ok('SendMessage', { QueueUrl, MessageBody: 'delayed', DelaySeconds: 1 });
    const { ReceiptHandle } = await api.receiveOne(QueueUrl, { VisibilityTimeout: 1 });
    expect(await api.ok('PurgeQueue', { QueueUrl })).toEqual({});
    expect(await api.receive(QueueUrl, { WaitTimeSeconds: 2, MaxNumberOfMessages: 10 })).toEqual([]);
    await api.ok('DeleteMessage', { QueueUrl, ReceiptHandle });
  });

  it('leaves the queue as it was [model: PurgeQueue]', async () => {
    const QueueUrl = await api.queue({ VisibilityTimeout: '7' });
    await api.ok('TagQueue', { QueueUrl, Tags: { a: 'b' } });
    await api.ok('PurgeQueue', { QueueUrl });
    expect(await api.attribute(QueueUrl, 'VisibilityTimeout')).toBe('7');
    expect((await api.ok('ListQueueTags', { QueueUrl })).Tags).toEqual({ a: 'b' });
    await api.ok('SendMessage', { QueueUrl, MessageBody: 'after' });
    expect((await api.receiveOne(QueueUrl)).Body).toBe('after');
  });

  it('leaves waiting receives waiting [posthorn: purge]', async () => {
    const QueueUrl = await api.queue();
    const waiting = api.receiveOne(QueueUrl, { WaitTimeSeconds: 20 });
    await api.ok('PurgeQueue', { QueueUrl });
    await api.ok('SendMessage', { QueueUrl, MessageBody: 'after' });
    expect((await waiting).Body).toBe('after');
  });

  it('purges again at once [posthorn: no 60 s]', async () => {
    const QueueUrl = await api.queue();
    await api.ok('PurgeQueue', { QueueUrl });
    await api.ok('PurgeQueue', { QueueUrl });
  });
});

describe.each(protocols)('PurgeQueue over $name, of no queue', (api) => {
  it('is refused [facts: error codes]', async () => {
    await api.refused('PurgeQueue', { QueueUrl: uniqueName() }, errors.queueDoesNotExist);
  });

  it('is refused without a URL [model: PurgeQueue.QueueUrl]', async () => {
    await api.refused('PurgeQueue', {}, errors.missingParameter('QueueUrl'));
  });
});

describe('PurgeQueue with the SDK', () => {
  it('purges [model: PurgeQueue]', async () => {
    const QueueUrl = await json.queue();
    const { $metadata } = await sdk().send(new PurgeQueueCommand({ QueueUrl }));
    expect($metadata.httpStatusCode).toBe(200);
  });
});
