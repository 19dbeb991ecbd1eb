import { ChangeMessageVisibilityCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import * as errors from '../errors.ts';
import { json, protocols, sdk, uniqueName } from '../target.ts';

const operation = 'ChangeMessageVisibility';

describe.concurrent.each(protocols)('ChangeMessageVisibility over $name', (api) => {
  it('to 0 s makes a message visible at once, and answers nothing [model: ChangeMessageVisibility]', async () => {
    const QueueUrl = await api.queueWith('x');
    const { ReceiptHandle, MessageId } = await api.receiveOne(QueueUrl);
    expect(await api.ok(operation, { QueueUrl, ReceiptHandle, VisibilityTimeout: 0 })).toEqual({});
    expect((await api.receiveOne(QueueUrl)).MessageId).toBe(MessageId);
  });

  it('counts from the call: shorter [model: ChangeMessageVisibility]', async () => {
    const QueueUrl = await api.queueWith('x');
    const { ReceiptHandle } = await api.receiveOne(QueueUrl, { VisibilityTimeout: 600 });
    const started = performance.now();
    await api.ok(operation, { QueueUrl, ReceiptHandle, VisibilityTimeout: 1 });
    await api.receiveOne(QueueUrl, { WaitTimeSeconds: 10 });
    expect(performance.now() - started).toBeGreaterThan(950);
  });

  it('counts from the call: longer [aws: extend visibility timeout]', async () => {
    const QueueUrl = await api.queueWith('x');
    const { ReceiptHandle } = await api.receiveOne(QueueUrl, { VisibilityTimeout: 2 });
    await api.ok(operation, { QueueUrl, ReceiptHandle, VisibilityTimeout: 600 });
    expect(await api.receive(QueueUrl, { WaitTimeSeconds: 3 })).toEqual([]);
  });

  it('holds for this receive only [model: ChangeMessageVisibility]', async () => {
    const QueueUrl = await api.queue({ VisibilityTimeout: '2' });
    await api.ok('SendMessage', { QueueUrl, MessageBody: 'x' });
    const first = await api.receiveOne(QueueUrl);
    await api.ok(operation, { QueueUrl, ReceiptHandle: first.ReceiptHandle, VisibilityTimeout: 600 });
    await api.ok(operation, { QueueUrl, ReceiptHandle: first.ReceiptHandle, VisibilityTimeout: 0 });
    await api.receiveOne(QueueUrl);
    expect((await api.receiveOne(QueueUrl)).MessageId).toBe(first.MessageId);
  });

  it('leaves the handle as it is: it still deletes [model: DeleteMessage]', async () => {
    const QueueUrl = await api.queueWith('x');
    const { ReceiptHandle } = await api.receiveOne(QueueUrl);
    await api.ok(operation, { QueueUrl, ReceiptHandle, VisibilityTimeout: 0 });
    await api.ok('DeleteMessage', { QueueUrl, ReceiptHandle });
    expect(await api.receive(QueueUrl)).toEqual([]);
  });

  it('takes up to 11 h 59 min [facts: visibility]', async () => {
    const QueueUrl = await api.queueWith('x');
    const { ReceiptHandle } = await api.receiveOne(QueueUrl);
    await api.ok(operation, { QueueUrl, ReceiptHandle, VisibilityTimeout: 43_140 });
  });

  it('refuses more than 12 h from the receive [model: ChangeMessageVisibility]', async () => {
    const QueueUrl = await api.queueWith('x');
    const { ReceiptHandle } = await api.receiveOne(QueueUrl, { VisibilityTimeout: 600 });
    // A second of the 12 hours has gone when this one comes back empty.
    expect(await api.receive(QueueUrl, { WaitTimeSeconds: 1 })).toEqual([]);
    const reason = 'Total VisibilityTimeout for the message is beyond the limit [43200 seconds].';
    const refusal = errors.invalidValue(43_200, 'VisibilityTimeout', reason);
    await api.refused(operation, { QueueUrl, ReceiptHandle, VisibilityTimeout: 43_200 }, refusal);
  });

  it.each([-1, 43_201])('refuses %d s [facts: visibility]', async (VisibilityTimeout) => {
    const QueueUrl = await api.queueWith('x');
    const { ReceiptHandle } = await api.receiveOne(QueueUrl);
    const reason = 'VisibilityTimeout must be an integer between 0 and 43200.';
    const refusal = errors.invalidValue(VisibilityTimeout, 'VisibilityTimeout', reason);
    await api.refused(operation, { QueueUrl, ReceiptHandle, VisibilityTimeout }, refusal);
  });

  it('refuses a message that was deleted [facts: error texts]', async () => {
    const QueueUrl = await api.queueWith('x');
    const { ReceiptHandle } = await api.receiveOne(QueueUrl);
    await api.ok('DeleteMessage', { QueueUrl, ReceiptHandle });
    const reason = 'Message does not exist or is not available for visibility timeout change.';
    const refusal = errors.invalidValue(ReceiptHandle, 'ReceiptHandle', reason);
    await api.refused(operation, { QueueUrl, ReceiptHandle, VisibilityTimeout: 5 }, refusal);
  });

  it('works after the visibility timeout has ended [aws: after visibility timeout expiration]', async () => {
    const QueueUrl = await api.queueWith('x');
    const { ReceiptHandle } = await api.receiveOne(QueueUrl, { VisibilityTimeout: 0 });
    await api.ok(operation, { QueueUrl, ReceiptHandle, VisibilityTimeout: 600 });
    expect(await api.receive(QueueUrl)).toEqual([]);
  });

  it('works with an old handle [aws: terminate visibility timeout after receive]', async () => {
    const QueueUrl = await api.queueWith('x');
    const { ReceiptHandle } = await api.receiveOne(QueueUrl, { VisibilityTimeout: 0 });
    await api.receiveOne(QueueUrl, { VisibilityTimeout: 3 });
    await api.ok(operation, { QueueUrl, ReceiptHandle, VisibilityTimeout: 0 });
    expect(await api.receive(QueueUrl, { WaitTimeSeconds: 1 })).toHaveLength(1);
  });

  it('refuses a handle that was made up [aws: invalid receipt handle]', async () => {
    const QueueUrl = await api.queue();
    const input = { QueueUrl, ReceiptHandle: 'INVALID', VisibilityTimeout: 60 };
    await api.refused(operation, input, errors.receiptHandleIsInvalid('INVALID'));
  });

  it.each(['ReceiptHandle', 'VisibilityTimeout'])('demands %s [model: ChangeMessageVisibility]', async (name) => {
    const QueueUrl = await api.queue();
    const input = { QueueUrl, ReceiptHandle: 'x', VisibilityTimeout: 1, [name]: undefined };
    await api.refused(operation, input, errors.missingParameter(name));
  });

  it('does not know a queue that was never made [facts: error codes]', async () => {
    const input = { QueueUrl: uniqueName(), ReceiptHandle: 'x', VisibilityTimeout: 1 };
    await api.refused(operation, input, errors.queueDoesNotExist);
  });
});

describe('ChangeMessageVisibility with the SDK', () => {
  it('changes, and throws what its users catch [model: ChangeMessageVisibility]', async () => {
    const QueueUrl = await json.queueWith('x');
    const { ReceiptHandle } = await json.receiveOne(QueueUrl);
    await sdk().send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 5 }));
    const failure = sdk().send(
      new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 43_201 }),
    );
    await expect(failure).rejects.toMatchObject({ Code: 'InvalidParameterValue', $fault: 'client' });
  });
});
