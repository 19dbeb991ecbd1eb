import { CancelMessageMoveTaskCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import * as errors from '../errors.ts';
import { arnOf, deadLetterPair, receiveMany, sendDeadLetters, taskWhen } from '../redrive.ts';
import { type Api, json, protocols, sdk } from '../target.ts';

const operation = 'CancelMessageMoveTask';
const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64');

/** A task that moves four messages, one a second. */
async function slowTask(api: Api) {
  const pair = await deadLetterPair(api);
  await sendDeadLetters(api, pair, '1', '2', '3', '4');
  const destinationUrl = await api.queue();
  const { TaskHandle = '' } = await api.ok('StartMessageMoveTask', {
    SourceArn: pair.deadLetterArn,
    DestinationArn: await arnOf(api, destinationUrl),
    MaxNumberOfMessagesPerSecond: 1,
  });
  return { pair, destinationUrl, TaskHandle };
}

describe.concurrent.each(protocols)('CancelMessageMoveTask over $name', (api) => {
  it('stops a task, and says how far it came [aws: move task cancel]', async () => {
    const { pair, destinationUrl, TaskHandle } = await slowTask(api);
    await receiveMany(api, destinationUrl, 1);
    const { ApproximateNumberOfMessagesMoved: moved = -1, ...rest } = await api.ok(operation, { TaskHandle });
    expect(rest).toEqual({});
    expect(moved).toBeGreaterThanOrEqual(0);
    expect(moved).toBeLessThan(4);
    const task = await taskWhen(api, pair, 'CANCELLED');
    expect(task).toMatchObject({ ApproximateNumberOfMessagesToMove: 4, MaxNumberOfMessagesPerSecond: 1 });
    expect(task.TaskHandle).toBeUndefined();
    expect(task.FailureReason).toBeUndefined();
    // What is moved stays there, the rest stays here, and nothing is lost or twice.
    const here = Number(await api.attribute(pair.deadLetterUrl, 'ApproximateNumberOfMessages'));
    const there = await api.attribute(destinationUrl, 'ApproximateNumberOfMessages');
    expect(here).toBeGreaterThan(0);
    expect(here + Number(there) + 1).toBe(4);
  });

  it('lets another task start [model: CancelMessageMoveTask]', async () => {
    const { pair, TaskHandle } = await slowTask(api);
    await api.ok(operation, { TaskHandle });
    await taskWhen(api, pair, 'CANCELLED');
    await api.ok('StartMessageMoveTask', { SourceArn: pair.deadLetterArn });
    expect(await taskWhen(api, pair, 'COMPLETED')).toBeDefined();
  });

  it('refuses a task that is over [aws: only active tasks]', async () => {
    const pair = await deadLetterPair(api);
    const { TaskHandle } = await api.ok('StartMessageMoveTask', { SourceArn: pair.deadLetterArn });
    await taskWhen(api, pair, 'COMPLETED');
    const refusal = errors.invalidParameter('Only active tasks can be cancelled.');
    await api.refused(operation, { TaskHandle }, refusal);
  });

  it('refuses a task that never was [aws: cancel with invalid task id]', async () => {
    const sourceArn = await arnOf(api, await api.queue());
    const TaskHandle = encoded({ taskId: '10f57157-fc38-4da9-a113-4de7e12d05aa', sourceArn });
    await api.refused(operation, { TaskHandle }, errors.taskDoesNotExist);
  });

  it('refuses the task of another queue [facts: move tasks]', async () => {
    const { TaskHandle } = await slowTask(api);
    const { taskId } = JSON.parse(Buffer.from(TaskHandle, 'base64').toString());
    const { deadLetterArn: sourceArn } = await deadLetterPair(api);
    await api.refused(operation, { TaskHandle: encoded({ taskId, sourceArn }) }, errors.taskDoesNotExist);
  });

  it('refuses a queue that does not exist [aws: cancel with invalid source arn]', async () => {
    const sourceArn = `${await arnOf(api, await api.queue())}-unknown`;
    const TaskHandle = encoded({ taskId: '10f57157-fc38-4da9-a113-4de7e12d05dd', sourceArn });
    await api.refused(operation, { TaskHandle }, errors.resourceNotFound('SourceArn'));
  });

  it('refuses a queue that is no ARN [aws: SourceArn]', async () => {
    const TaskHandle = encoded({ taskId: '10f57157-fc38-4da9-a113-4de7e12d05dd', sourceArn: 'queue' });
    await api.refused(operation, { TaskHandle }, errors.invalidArn('SourceArn'));
  });

  it.each([
    ['text', 'foobared'],
    ['a list', encoded([])],
    ['a null', encoded(null)],
    ['an object without its members', encoded({ taskId: 'x' })],
    ['members of another kind', encoded({ taskId: 1, sourceArn: {} })],
  ])('refuses a handle made of %s [aws: cancel with invalid task handle]', async (_, TaskHandle) => {
    const refusal = errors.invalidParameter('Value for parameter TaskHandle is invalid.');
    await api.refused(operation, { TaskHandle }, refusal);
  });

  it('refuses a handle that is missing [model: CancelMessageMoveTask.TaskHandle]', async () => {
    await api.refused(operation, {}, errors.missingParameter('TaskHandle'));
  });

  it('refuses a handle that is empty [aws: TaskHandle]', async () => {
    const refusal = errors.invalidParameter('The TaskHandle parameter is required.');
    await api.refused(operation, { TaskHandle: '' }, refusal);
  });
});

describe('CancelMessageMoveTask with the SDK', () => {
  it('cancels, and throws what its users catch [model: CancelMessageMoveTask]', async () => {
    const { TaskHandle } = await slowTask(json);
    const { ApproximateNumberOfMessagesMoved } = await sdk().send(new CancelMessageMoveTaskCommand({ TaskHandle }));
    expect(ApproximateNumberOfMessagesMoved).toEqual(expect.any(Number));
    const failure = sdk().send(new CancelMessageMoveTaskCommand({ TaskHandle: 'x' }));
    await expect(failure).rejects.toMatchObject({ Code: 'InvalidParameterValue', $fault: 'client' });
  });
});
