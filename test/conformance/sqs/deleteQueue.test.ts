import { DeleteQueueCommand, QueueDoesNotExist } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import type { Input } from '../client.ts';
import * as errors from '../errors.ts';
import { describeOurs, json, protocols, sdk, uniqueName } from '../target.ts';

const entry = { Id: 'a', ReceiptHandle: 'x', VisibilityTimeout: 1, MessageBody: 'b' };
const others: readonly [operation: string, input: Input][] = [
  ['AddPermission', { Label: 'l', AWSAccountIds: ['111122223333'], Actions: ['*'] }],
  ['ChangeMessageVisibility', { ReceiptHandle: 'x', VisibilityTimeout: 1 }],
  ['ChangeMessageVisibilityBatch', { Entries: [entry] }],
  ['DeleteMessage', { ReceiptHandle: 'x' }],
  ['DeleteMessageBatch', { Entries: [entry] }],
  ['DeleteQueue', {}],
  ['GetQueueAttributes', { AttributeNames: ['All'] }],
  ['ListDeadLetterSourceQueues', {}],
  ['ListQueueTags', {}],
  ['PurgeQueue', {}],
  ['ReceiveMessage', {}],
  ['RemovePermission', { Label: 'l' }],
  ['SendMessage', { MessageBody: 'b' }],
  ['SendMessageBatch', { Entries: [entry] }],
  ['SetQueueAttributes', { Attributes: { DelaySeconds: '1' } }],
  ['TagQueue', { Tags: { a: 'b' } }],
  ['UntagQueue', { TagKeys: ['a'] }],
];

// AWS takes up to 60 seconds to forget a queue; what follows at once is ours.
describeOurs.each(protocols)('DeleteQueue over $name', (api) => {
  it('deletes a queue with what it holds, and answers nothing [model: DeleteQueue]', async () => {
    const QueueName = uniqueName();
    const QueueUrl = await api.queue({ DelaySeconds: '0' }, QueueName);
    await api.ok('SendMessage', { QueueUrl, MessageBody: 'x' });
    expect(await api.ok('DeleteQueue', { QueueUrl })).toEqual({});
    await api.refused('GetQueueUrl', { QueueName }, errors.queueDoesNotExist);
    expect((await api.ok('ListQueues', { QueueNamePrefix: QueueName })).QueueUrls).toBeUndefined();
  });

  it.each(others)('leaves nothing for %s [model: QueueDoesNotExist]', async (operation, input) => {
    const QueueUrl = await api.queue();
    await api.ok('DeleteQueue', { QueueUrl });
    await api.refused(operation, { QueueUrl, ...input }, errors.queueDoesNotExist);
  });

  it('makes room for a new queue, which knows nothing of the old one [posthorn: no 60 s]', async () => {
    const QueueName = uniqueName();
    const QueueUrl = await api.queue({ DelaySeconds: '1' }, QueueName);
    await api.ok('TagQueue', { QueueUrl, Tags: { a: 'b' } });
    await api.ok('SendMessage', { QueueUrl, MessageBody: 'old', DelaySeconds: 0 });
    const { ReceiptHandle } = await api.receiveOne(QueueUrl, { VisibilityTimeout: 0 });
    await api.ok('DeleteQueue', { QueueUrl });
    expect(await api.queue({ DelaySeconds: '0' }, QueueName)).toBe(QueueUrl);
    expect(await api.receive(QueueUrl)).toEqual([]);
    expect(await api.ok('ListQueueTags', { QueueUrl })).toEqual({});
    await api.refused('DeleteMessage', { QueueUrl, ReceiptHandle }, errors.receiptHandleIsInvalid(ReceiptHandle));
  });
});

describe.each(protocols)('DeleteQueue over $name, of no queue', (api) => {
  it('is refused [aws: non-existent queue]', async () => {
    await api.refused('DeleteQueue', { QueueUrl: uniqueName() }, errors.queueDoesNotExist);
  });

  it('is refused without a URL [model: DeleteQueue.QueueUrl]', async () => {
    await api.refused('DeleteQueue', {}, errors.missingParameter('QueueUrl'));
  });
});

describe('DeleteQueue with the SDK', () => {
  it('deletes, and throws the class of the error [model: DeleteQueue]', async () => {
    await sdk().send(new DeleteQueueCommand({ QueueUrl: await json.queue() }));
    const failure = sdk().send(new DeleteQueueCommand({ QueueUrl: uniqueName() }));
    await expect(failure).rejects.toBeInstanceOf(QueueDoesNotExist);
  });
});
