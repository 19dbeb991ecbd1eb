import { DeleteMessageCommand, ReceiptHandleIsInvalid } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import * as errors from '../errors.ts';
import { json, protocols, sdk, uniqueName } from '../target.ts';

describe.each(protocols)('DeleteMessage over $name', (api) => {
  it('deletes what is in flight, and answers nothing [model: DeleteMessage]', async () => {
    const QueueUrl = await api.queueWith('x');
    const { ReceiptHandle } = await api.receiveOne(QueueUrl);
    expect(await api.ok('DeleteMessage', { QueueUrl, ReceiptHandle })).toEqual({});
    expect(await api.attribute(QueueUrl, 'ApproximateNumberOfMessagesNotVisible')).toBe('0');
  });

  it('succeeds a second time [model: DeleteMessage]', async () => {
    const QueueUrl = await api.queueWith('x');
    const { ReceiptHandle } = await api.receiveOne(QueueUrl);
    await api.ok('DeleteMessage', { QueueUrl, ReceiptHandle });
    await api.ok('DeleteMessage', { QueueUrl, ReceiptHandle });
  });

  it('deletes a message that is visible again, by its last handle [aws: delete after visibility timeout]', async () => {
    const QueueUrl = await api.queueWith('x');
    const { ReceiptHandle } = await api.receiveOne(QueueUrl, { VisibilityTimeout: 0 });
    await api.ok('DeleteMessage', { QueueUrl, ReceiptHandle });
    expect(await api.receive(QueueUrl)).toEqual([]);
  });

  it('succeeds with an old handle, and deletes nothing [model: DeleteMessage]', async () => {
    const QueueUrl = await api.queueWith('x');
    const old = await api.receiveOne(QueueUrl, { VisibilityTimeout: 0 });
    const { ReceiptHandle } = await api.receiveOne(QueueUrl);
    await api.ok('DeleteMessage', { QueueUrl, ReceiptHandle: old.ReceiptHandle });
    expect(await api.attribute(QueueUrl, 'ApproximateNumberOfMessagesNotVisible')).toBe('1');
    await api.ok('DeleteMessage', { QueueUrl, ReceiptHandle });
    expect(await api.attribute(QueueUrl, 'ApproximateNumberOfMessagesNotVisible')).toBe('0');
  });

  it.each(['INVALID', 'x'.repeat(60), 'x'.repeat(1025)])(
    'refuses a handle that was made up [aws: invalid receipt handle]',
    async (ReceiptHandle) => {
      const QueueUrl = await api.queue();
      await api.refused('DeleteMessage', { QueueUrl, ReceiptHandle }, errors.receiptHandleIsInvalid(ReceiptHandle));
    },
  );

  it('refuses a handle that was changed [facts: error codes]', async () => {
    const QueueUrl = await api.queueWith('x');
    const { ReceiptHandle: good } = await api.receiveOne(QueueUrl);
    const ReceiptHandle = `${good.slice(0, 8)}${good[8] === 'A' ? 'B' : 'A'}${good.slice(9)}`;
    await api.refused('DeleteMessage', { QueueUrl, ReceiptHandle }, errors.receiptHandleIsInvalid(ReceiptHandle));
  });

  it('refuses the handle of another queue [facts: error codes]', async () => {
    const { ReceiptHandle } = await api.receiveOne(await api.queueWith('x'));
    const QueueUrl = await api.queueWith('y');
    await api.refused('DeleteMessage', { QueueUrl, ReceiptHandle }, errors.receiptHandleIsInvalid(ReceiptHandle));
  });

  it.each([
    ['missing', undefined],
    ['empty', ''],
    ['of spaces', '  '],
  ])('refuses a handle that is %s [model: DeleteMessage.ReceiptHandle]', async (_, ReceiptHandle) => {
    const QueueUrl = await api.queue();
    await api.refused('DeleteMessage', { QueueUrl, ReceiptHandle }, errors.missingParameter('ReceiptHandle'));
  });

  it('does not know a queue that was never made [facts: error codes]', async () => {
    await api.refused('DeleteMessage', { QueueUrl: uniqueName(), ReceiptHandle: 'x' }, errors.queueDoesNotExist);
  });
});

describe('DeleteMessage with the SDK', () => {
  it('deletes, and throws the class of the error [model: DeleteMessage]', async () => {
    const QueueUrl = await json.queueWith('x');
    const { ReceiptHandle } = await json.receiveOne(QueueUrl);
    await sdk().send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    const failure = sdk().send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: 'x' }));
    await expect(failure).rejects.toBeInstanceOf(ReceiptHandleIsInvalid);
  });
});
