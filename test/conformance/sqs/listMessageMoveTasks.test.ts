import { describe, expect, it } from 'vitest';
import * as errors from '../errors.ts';
import { arnOf, deadLetterPair, sendDeadLetters, taskWhen } from '../redrive.ts';
import { protocols, query } from '../target.ts';

const operation = 'ListMessageMoveTasks';

describe.concurrent.each(protocols)('ListMessageMoveTasks over $name', (api) => {
  it('answers nothing when there was no task [model: ListMessageMoveTasks]', async () => {
    const { deadLetterArn: SourceArn } = await deadLetterPair(api);
    expect(await api.ok(operation, { SourceArn })).toEqual({});
  });

  it('shows a running task with its handle, and what was asked of it [aws: move task cancel]', async () => {
    const pair = await deadLetterPair(api);
    await sendDeadLetters(api, pair, '1', '2', '3');
    const DestinationArn = await arnOf(api, await api.queue());
    const { deadLetterArn: SourceArn } = pair;
    const before = Date.now();
    const input = { SourceArn, DestinationArn, MaxNumberOfMessagesPerSecond: 1 };
    const { TaskHandle } = await api.ok('StartMessageMoveTask', input);
    const { Results = [] } = await api.ok(operation, { SourceArn });
    expect(Results).toEqual([
      {
        ...input,
        TaskHandle,
        Status: 'RUNNING',
        ApproximateNumberOfMessagesMoved: expect.any(Number),
        ApproximateNumberOfMessagesToMove: 3,
        StartedTimestamp: expect.any(Number),
      },
    ]);
    const { StartedTimestamp = 0, ApproximateNumberOfMessagesMoved = 3 } = Results[0] ?? {};
    expect(ApproximateNumberOfMessagesMoved).toBeLessThan(3);
    // The clocks of client and server may differ, elsewhere.
    expect(Math.abs(StartedTimestamp - before)).toBeLessThan(300_000);
  });

  it('answers one task, the newest, unless asked for more [model: ListMessageMoveTasks.MaxResults]', async () => {
    const pair = await deadLetterPair(api);
    const { deadLetterArn: SourceArn } = pair;
    for (const rate of [1, 2, 3]) {
      await api.ok('StartMessageMoveTask', { SourceArn, MaxNumberOfMessagesPerSecond: rate });
      await taskWhen(api, pair, 'COMPLETED');
    }
    const rates = async (MaxResults?: number) => {
      const { Results = [] } = await api.ok(operation, { SourceArn, MaxResults });
      return Results.map(({ MaxNumberOfMessagesPerSecond }) => MaxNumberOfMessagesPerSecond);
    };
    expect(await rates()).toEqual([3]);
    expect(await rates(2)).toEqual([3, 2]);
    expect(await rates(10)).toEqual([3, 2, 1]);
  });

  it.each([0, 11, -1])('refuses %d results [model: ListMessageMoveTasks.MaxResults]', async (MaxResults) => {
    const { deadLetterArn: SourceArn } = await deadLetterPair(api);
    await api.refused(operation, { SourceArn, MaxResults }, errors.numberOutOfRange('MaxResults', 10));
  });

  it.each([
    ['missing', undefined, errors.missingParameter('SourceArn')],
    ['empty', '', errors.invalidArn('SourceArn')],
    ['no ARN', 'queue', errors.invalidArn('SourceArn')],
  ])('refuses a source that is %s [aws: SourceArn]', async (_, SourceArn, refusal) => {
    await api.refused(operation, { SourceArn }, refusal);
  });

  it('does not know a queue that was never made [aws: source arn]', async () => {
    const SourceArn = `${await arnOf(api, await api.queue())}-unknown`;
    await api.refused(operation, { SourceArn }, errors.resourceNotFound('SourceArn'));
  });
});

describe('ListMessageMoveTasks in a GET request', () => {
  it('reads the parameters of the address [facts: protocols]', async () => {
    const pair = await deadLetterPair(query);
    await query.ok('StartMessageMoveTask', { SourceArn: pair.deadLetterArn }, { method: 'GET' });
    const { Results } = await query.ok(operation, { SourceArn: pair.deadLetterArn, MaxResults: 5 }, { method: 'GET' });
    expect(Results).toHaveLength(1);
  });
});
