/** Accounts and regions side by side: an access key of 12 digits names its account, as at other local servers. */
import { expect, it } from 'vitest';
import * as errors from '../errors.ts';
import { describeOurs, protocols, uniqueName } from '../target.ts';

describeOurs.each(protocols)('accounts and regions over $name', (api) => {
  const one = { accessKeyId: '000000000001' };
  const two = { accessKeyId: '000000000002' };

  it('have queues of the same name, with messages of their own [posthorn: accounts]', async () => {
    const QueueName = uniqueName();
    const urls: string[] = [];
    for (const caller of [one, two, { ...one, region: 'us-west-2' }]) {
      const { QueueUrl = '' } = await api.ok('CreateQueue', { QueueName }, caller);
      await api.ok('SendMessage', { QueueUrl, MessageBody: JSON.stringify(caller) }, caller);
      urls.push(new URL(QueueUrl).pathname);
    }
    expect(urls).toEqual([1, 2, 1].map((n) => `/00000000000${n}/${QueueName}`));
    for (const caller of [one, two, { ...one, region: 'us-west-2' }]) {
      const { QueueUrl } = await api.ok('GetQueueUrl', { QueueName }, caller);
      const { Messages = [] } = await api.ok('ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10 }, caller);
      expect(Messages.map(({ Body }) => Body)).toEqual([JSON.stringify(caller)]);
    }
  });

  it('are in the ARN, and the sender in the message [posthorn: accounts]', async () => {
    const QueueName = uniqueName();
    const caller = { ...two, region: 'ap-south-1' };
    const { QueueUrl } = await api.ok('CreateQueue', { QueueName }, caller);
    const { Attributes } = await api.ok('GetQueueAttributes', { QueueUrl, AttributeNames: ['QueueArn'] }, caller);
    expect(Attributes?.QueueArn).toBe(`arn:aws:sqs:ap-south-1:000000000002:${QueueName}`);
    await api.ok('SendMessage', { QueueUrl, MessageBody: 'x' }, caller);
    const { Messages } = await api.ok('ReceiveMessage', { QueueUrl, AttributeNames: ['SenderId'] }, caller);
    expect(Messages?.[0]?.Attributes).toEqual({ SenderId: '000000000002' });
  });

  it('list their own queues only [posthorn: accounts]', async () => {
    const QueueName = uniqueName();
    await api.ok('CreateQueue', { QueueName }, one);
    const input = { QueueNamePrefix: QueueName };
    expect((await api.ok('ListQueues', input, one)).QueueUrls).toHaveLength(1);
    expect(await api.ok('ListQueues', input, two)).toEqual({});
    expect(await api.ok('ListQueues', input, { ...one, region: 'us-west-2' })).toEqual({});
  });

  it("are told by the URL, not by the key, where there is one; a bare name is one's own [posthorn: accounts]", async () => {
    const QueueName = uniqueName();
    const { QueueUrl } = await api.ok('CreateQueue', { QueueName }, one);
    await api.ok('SendMessage', { QueueUrl, MessageBody: 'x' }, two);
    await api.refused('SendMessage', { QueueUrl: QueueName, MessageBody: 'x' }, errors.queueDoesNotExist, two);
    const owned = { QueueName, QueueOwnerAWSAccountId: '000000000001' };
    expect((await api.ok('GetQueueUrl', owned, two)).QueueUrl).toBe(QueueUrl);
    await api.refused('GetQueueUrl', { QueueName }, errors.queueDoesNotExist, two);
  });

  it('may have a slash at the end of a URL [posthorn: queue URLs]', async () => {
    const QueueUrl = await api.queue();
    await api.ok('SendMessage', { QueueUrl: `${QueueUrl}/`, MessageBody: 'x' });
    expect((await api.receiveOne(QueueUrl)).Body).toBe('x');
  });

  it('are one account for every key that is no account [posthorn: accounts]', async () => {
    const QueueName = uniqueName();
    const { QueueUrl = '' } = await api.ok('CreateQueue', { QueueName }, { accessKeyId: 'test' });
    expect(new URL(QueueUrl).pathname).toBe(`/000000000000/${QueueName}`);
    expect((await api.ok('GetQueueUrl', { QueueName }, { accessKeyId: 'AKIAIOSFODNN7EXAMPLE' })).QueueUrl).toBe(
      QueueUrl,
    );
  });
});
