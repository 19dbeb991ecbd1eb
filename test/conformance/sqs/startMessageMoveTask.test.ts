import { ListMessageMoveTasksCommand, StartMessageMoveTaskCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { md5 } from '../digests.ts';
import * as errors from '../errors.ts';
import {
  arnOf,
  deadLetterPair,
  fifoQueue,
  receiveMany,
  receiveTooOften,
  sendDeadLetters,
  taskWhen,
} from '../redrive.ts';
import { describeOurs, json, protocols, sdk, uniqueName } from '../target.ts';

const operation = 'StartMessageMoveTask';
const alreadyRunning =
  'There is already a task running. Only one active task is allowed for a source queue arn at a given time.';

describe.concurrent.each(protocols)('StartMessageMoveTask over $name', (api) => {
  const start = (SourceArn: string, input: object = {}) => api.ok(operation, { SourceArn, ...input });
  const count = (QueueUrl: string) => api.attribute(QueueUrl, 'ApproximateNumberOfMessages');

  it('moves to the queue that is named [aws: basic move task workflow]', async () => {
    const pair = await deadLetterPair(api);
    const destinationUrl = await api.queue();
    const DestinationArn = await arnOf(api, destinationUrl);
    await sendDeadLetters(api, pair, 'message-1', 'message-2');
    const { TaskHandle = '' } = await start(pair.deadLetterArn, { DestinationArn });
    expect(JSON.parse(Buffer.from(TaskHandle, 'base64').toString())).toEqual({
      taskId: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      sourceArn: pair.deadLetterArn,
    });
    const received = await receiveMany(api, destinationUrl, 2);
    expect(received.map(({ Body }) => Body).sort()).toEqual(['message-1', 'message-2']);
    expect(await taskWhen(api, pair, 'COMPLETED')).toEqual({
      Status: 'COMPLETED',
      SourceArn: pair.deadLetterArn,
      DestinationArn,
      ApproximateNumberOfMessagesMoved: 2,
      ApproximateNumberOfMessagesToMove: 2,
      StartedTimestamp: expect.any(Number),
    });
    expect([await count(pair.deadLetterUrl), await count(pair.QueueUrl)]).toEqual(['0', '0']);
  });

  it('moves back to where each came from, if no queue is named [aws: multiple sources as destination]', async () => {
    const one = await deadLetterPair(api);
    const two = await deadLetterPair(api, { deadLetterUrl: one.deadLetterUrl });
    await sendDeadLetters(api, one, '1-1', '1-2');
    await sendDeadLetters(api, two, '2-1', '2-2');
    await start(one.deadLetterArn);
    for (const [pair, bodies] of [
      [one, ['1-1', '1-2']],
      [two, ['2-1', '2-2']],
    ] as const) {
      const received = await receiveMany(api, pair.QueueUrl, 2);
      expect(received.map(({ Body }) => Body).sort()).toEqual(bodies);
    }
    const task = await taskWhen(api, one, 'COMPLETED');
    expect(task).toMatchObject({ ApproximateNumberOfMessagesMoved: 4, ApproximateNumberOfMessagesToMove: 4 });
    expect(task.DestinationArn).toBeUndefined();
  });

  it('keeps body, attributes and trace header [model: StartMessageMoveTask]', async () => {
    const pair = await deadLetterPair(api);
    const MessageAttributes = { a: { DataType: 'String', StringValue: 'x' } };
    const MessageSystemAttributes = { AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1' } };
    const input = { QueueUrl: pair.QueueUrl, MessageBody: 'é', MessageAttributes, MessageSystemAttributes };
    await api.ok('SendMessage', input);
    await receiveTooOften(api, pair.QueueUrl);
    await start(pair.deadLetterArn);
    const names = { AttributeNames: ['All'], MessageAttributeNames: ['All'] };
    const message = await api.receiveOne(pair.QueueUrl, { WaitTimeSeconds: 20, ...names });
    expect(message).toMatchObject({ Body: 'é', MD5OfBody: md5('é'), MessageAttributes });
    expect(message.Attributes).toMatchObject({ AWSTraceHeader: 'Root=1', ApproximateReceiveCount: '1' });
    expect(message.Attributes?.DeadLetterQueueSourceArn).toBeUndefined();
  });

  it('moves between FIFO queues, in order [facts: move tasks]', async () => {
    const pair = await deadLetterPair(api, { fifo: true });
    const { QueueUrl } = pair;
    for (const MessageBody of ['1', '2', '3']) {
      const ids = { MessageGroupId: 'g', MessageDeduplicationId: MessageBody };
      await api.ok('SendMessage', { QueueUrl, MessageBody, ...ids });
    }
    await receiveTooOften(api, QueueUrl);
    const destinationUrl = await fifoQueue(api);
    await start(pair.deadLetterArn, { DestinationArn: await arnOf(api, destinationUrl) });
    expect(await taskWhen(api, pair, 'COMPLETED')).toMatchObject({ ApproximateNumberOfMessagesMoved: 3 });
    const received = await receiveMany(api, destinationUrl, 3, { AttributeNames: ['MessageGroupId'] });
    expect(received.map(({ Body, Attributes }) => [Body, Attributes])).toEqual(
      ['1', '2', '3'].map((body) => [body, { MessageGroupId: 'g' }]),
    );
  });

  it('moves no more a second than asked [aws: move task with throughput limit]', async () => {
    const pair = await deadLetterPair(api);
    await sendDeadLetters(api, pair, '1', '2', '3');
    const destinationUrl = await api.queue();
    const input = { DestinationArn: await arnOf(api, destinationUrl), MaxNumberOfMessagesPerSecond: 1 };
    const started = performance.now();
    await start(pair.deadLetterArn, input);
    await receiveMany(api, destinationUrl, 3);
    // The first may move at once, the last 2 s later.
    expect(performance.now() - started).toBeGreaterThan(1_900);
  });

  it('is one at a time for each source [aws: start multiple move tasks]', async () => {
    const pair = await deadLetterPair(api);
    await sendDeadLetters(api, pair, '1', '2', '3', '4');
    const SourceArn = pair.deadLetterArn;
    await start(SourceArn, { MaxNumberOfMessagesPerSecond: 1 });
    await api.refused(operation, { SourceArn }, errors.invalidParameter(alreadyRunning));
  });

  it('can be started again when the last is over [model: StartMessageMoveTask]', async () => {
    const pair = await deadLetterPair(api);
    await start(pair.deadLetterArn);
    expect(await taskWhen(api, pair, 'COMPLETED')).toMatchObject({ ApproximateNumberOfMessagesMoved: 0 });
    await start(pair.deadLetterArn);
  });

  it('fails when a message was sent to the dead-letter queue itself [aws: CouldNotDetermineMessageSource]', async () => {
    const pair = await deadLetterPair(api);
    await api.ok('SendMessage', { QueueUrl: pair.deadLetterUrl, MessageBody: 'direct' });
    await start(pair.deadLetterArn);
    expect(await taskWhen(api, pair, 'FAILED')).toMatchObject({
      FailureReason: 'CouldNotDetermineMessageSource',
      ApproximateNumberOfMessagesMoved: 0,
    });
    expect((await api.receiveOne(pair.deadLetterUrl)).Body).toBe('direct');
  });

  it('moves such a message, too, to a queue that is named [facts: move tasks]', async () => {
    const pair = await deadLetterPair(api);
    await api.ok('SendMessage', { QueueUrl: pair.deadLetterUrl, MessageBody: 'direct' });
    await start(pair.deadLetterArn, { DestinationArn: pair.arn });
    expect((await api.receiveOne(pair.QueueUrl, { WaitTimeSeconds: 20 })).Body).toBe('direct');
  });

  it('fails when the destination is deleted meanwhile [aws: delete destination queue while running]', async () => {
    const pair = await deadLetterPair(api);
    await sendDeadLetters(api, pair, '1', '2', '3', '4');
    const QueueUrl = await api.queue();
    const input = { DestinationArn: await arnOf(api, QueueUrl), MaxNumberOfMessagesPerSecond: 1 };
    await start(pair.deadLetterArn, input);
    await api.ok('DeleteQueue', { QueueUrl });
    expect(await taskWhen(api, pair, 'FAILED')).toMatchObject({
      FailureReason: 'AWS.SimpleQueueService.NonExistentQueue',
      ApproximateNumberOfMessagesToMove: 4,
    });
    await api.receiveOne(pair.deadLetterUrl);
  });
});

describe.concurrent.each(protocols)('StartMessageMoveTask refuses over $name', (api) => {
  const unknownArn = async () => `${await arnOf(api, await api.queue())}-unknown`;

  it.each([
    ['missing', undefined, errors.missingParameter('SourceArn')],
    ['empty', '', errors.invalidArn('SourceArn')],
    ['no ARN', 'queue', errors.invalidArn('SourceArn')],
  ])('a source that is %s [aws: SourceArn]', async (_, SourceArn, refusal) => {
    await api.refused(operation, { SourceArn }, refusal);
  });

  it('a source that does not exist [aws: source arn]', async () => {
    await api.refused(operation, { SourceArn: await unknownArn() }, errors.resourceNotFound('SourceArn'));
  });

  it('a source of another service [facts: move tasks]', async () => {
    const SourceArn = (await deadLetterPair(api)).deadLetterArn.replace(':sqs:', ':sns:');
    await api.refused(operation, { SourceArn }, errors.resourceNotFound('SourceArn'));
  });

  it("a source that is nobody's dead-letter queue [aws: source needs redrive policy]", async () => {
    const { arn: SourceArn, deadLetterArn: DestinationArn } = await deadLetterPair(api);
    const refusal = errors.invalidParameter('Source queue must be configured as a Dead Letter Queue.');
    await api.refused(operation, { SourceArn, DestinationArn }, refusal);
  });

  it.each([
    ['empty', ''],
    ['no ARN', 'invalid'],
  ])('a destination that is %s [aws: DestinationArn]', async (_, DestinationArn) => {
    const { deadLetterArn: SourceArn } = await deadLetterPair(api);
    await api.refused(operation, { SourceArn, DestinationArn }, errors.invalidArn('DestinationArn'));
  });

  it('a destination that does not exist [aws: destination needs to exist]', async () => {
    const { deadLetterArn: SourceArn } = await deadLetterPair(api);
    const input = { SourceArn, DestinationArn: await unknownArn() };
    await api.refused(operation, input, errors.resourceNotFound('DestinationArn'));
  });

  it('a destination that is the source [aws: same arn]', async () => {
    const { deadLetterArn } = await deadLetterPair(api);
    const refusal = errors.invalidParameter('Source queue arn and destination queue arn cannot be the same.');
    await api.refused(operation, { SourceArn: deadLetterArn, DestinationArn: deadLetterArn }, refusal);
  });

  it('a destination of the other kind [aws: queue type]', async () => {
    const { deadLetterArn: SourceArn } = await deadLetterPair(api);
    const DestinationArn = await arnOf(api, await fifoQueue(api));
    const refusal = errors.invalidParameter('The source queue and destination queue must be of the same queue type.');
    await api.refused(operation, { SourceArn, DestinationArn }, refusal);
  });

  it.each([0, 501, -1])('a rate of %d a second [model: MaxNumberOfMessagesPerSecond]', async (rate) => {
    const { deadLetterArn: SourceArn } = await deadLetterPair(api);
    const refusal = errors.numberOutOfRange('MaxNumberOfMessagesPerSecond', 500);
    await api.refused(operation, { SourceArn, MaxNumberOfMessagesPerSecond: rate }, refusal);
    expect((await api.ok('ListMessageMoveTasks', { SourceArn })).Results).toBeUndefined();
  });

  it('a rate that is no number [aws: serialization]', async () => {
    const { deadLetterArn: SourceArn } = await deadLetterPair(api);
    const input = { SourceArn, MaxNumberOfMessagesPerSecond: 'many' };
    const refusal = errors.malformedInput('STRING_VALUE can not be converted to an Integer');
    await api.refused(operation, input, refusal);
  });
});

describeOurs.each(protocols)('StartMessageMoveTask across regions over $name', (api) => {
  it('knows the queues of its own region only [posthorn: accounts]', async () => {
    const elsewhere = { region: 'ap-south-1' };
    const deadLetters = { QueueName: uniqueName() };
    const { QueueUrl } = await api.ok('CreateQueue', deadLetters, elsewhere);
    const names = { QueueUrl, AttributeNames: ['QueueArn'] };
    const SourceArn = (await api.ok('GetQueueAttributes', names, elsewhere)).Attributes?.QueueArn;
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: SourceArn, maxReceiveCount: 1 });
    await api.ok('CreateQueue', { QueueName: uniqueName(), Attributes: { RedrivePolicy } }, elsewhere);
    await api.refused(operation, { SourceArn }, errors.resourceNotFound('SourceArn'));
    await api.ok(operation, { SourceArn }, elsewhere);
  });
});

describe('StartMessageMoveTask with the SDK', () => {
  it('moves, and the task is listed [model: StartMessageMoveTask]', async () => {
    const pair = await deadLetterPair(json);
    const { deadLetterArn: SourceArn } = pair;
    await sendDeadLetters(json, pair, 'x');
    const { TaskHandle } = await sdk().send(new StartMessageMoveTaskCommand({ SourceArn }));
    expect(TaskHandle).toMatch(/./);
    expect((await json.receiveOne(pair.QueueUrl, { WaitTimeSeconds: 20 })).Body).toBe('x');
    const { Results } = await sdk().send(new ListMessageMoveTasksCommand({ SourceArn }));
    expect(Results).toMatchObject([{ SourceArn, ApproximateNumberOfMessagesToMove: 1 }]);
  });

  it('throws what its users catch [aws: source arn]', async () => {
    const SourceArn = `arn:aws:sqs:eu-west-1:111122223333:${uniqueName()}`;
    const failure = sdk().send(new StartMessageMoveTaskCommand({ SourceArn }));
    await expect(failure).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      $metadata: { httpStatusCode: 404 },
    });
  });
});
