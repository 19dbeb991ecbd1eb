import { GetQueueUrlCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import * as errors from '../errors.ts';
import { json, protocols, sdk, uniqueName } from '../target.ts';

describe.each(protocols)('GetQueueUrl over $name', (api) => {
  it('answers what CreateQueue answered [model: GetQueueUrl]', async () => {
    const QueueName = uniqueName();
    const QueueUrl = await api.queue({}, QueueName);
    expect(await api.ok('GetQueueUrl', { QueueName })).toEqual({ QueueUrl });
  });

  it("takes the caller's own account [model: GetQueueUrl.QueueOwnerAWSAccountId]", async () => {
    const QueueName = uniqueName();
    const QueueUrl = await api.queue({}, QueueName);
    const QueueOwnerAWSAccountId = new URL(QueueUrl).pathname.split('/')[1];
    expect(await api.ok('GetQueueUrl', { QueueName, QueueOwnerAWSAccountId })).toEqual({ QueueUrl });
  });

  it.each(['no-such-queue-here', 'not a name', 'x'.repeat(81), 'q.fifo'])(
    'does not know the queue %s [aws: non-existent queue]',
    async (QueueName) => {
      await api.refused('GetQueueUrl', { QueueName }, errors.queueDoesNotExist);
    },
  );

  it('refuses an empty name [aws: get queue url]', async () => {
    const text = 'Value for parameter QueueName is invalid. Reason: Must specify a queue name.';
    await api.refused('GetQueueUrl', { QueueName: '' }, errors.invalidParameter(text));
  });

  it('refuses to guess a name [model: GetQueueUrl.QueueName]', async () => {
    await api.refused('GetQueueUrl', {}, errors.missingParameter('QueueName'));
  });
});

describe('GetQueueUrl with the SDK', () => {
  it('answers, and throws what its users catch [model: GetQueueUrl]', async () => {
    const QueueName = uniqueName();
    const QueueUrl = await json.queue({}, QueueName);
    expect((await sdk().send(new GetQueueUrlCommand({ QueueName }))).QueueUrl).toBe(QueueUrl);
    await expect(sdk().send(new GetQueueUrlCommand({ QueueName: uniqueName() }))).rejects.toMatchObject({
      name: 'QueueDoesNotExist',
      Code: 'AWS.SimpleQueueService.NonExistentQueue',
    });
  });
});
