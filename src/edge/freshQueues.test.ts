import { expect, it, vi } from 'vitest';
import { AnsweredElsewhere, AwsError } from '#aws';
import { withFreshQueues } from './freshQueues.ts';
import { OwnerLost } from './ownerLost.ts';
import { StaleQueue } from './remoteQueues.ts';

const unexpected = (error: unknown) => expect.unreachable(String(error));

/** Does one after the other: an error is thrown, all else is the output. */
function doing(...results: readonly unknown[]) {
  const left = [...results];
  return async () => {
    const result = left.shift();
    if (result instanceof Error) throw result;
    return result;
  };
}

it('begins again with a queue that has changed', async () => {
  const output = { MessageId: 'one' };
  expect(await withFreshQueues(doing(new StaleQueue(), new StaleQueue(), output), unexpected)).toBe(output);
});

it('gives up where a queue changes all the time', async () => {
  const calls = vi.fn(async () => {
    throw new StaleQueue();
  });
  await expect(withFreshQueues(calls, unexpected)).rejects.toThrow(AnsweredElsewhere);
  expect(calls).toHaveBeenCalledTimes(5);
});

it.each([
  ['a refusal', new AwsError('InvalidParameterValue', 'No.')],
  ['what is not known here', new AnsweredElsewhere()],
  ['a batch of which nothing was done', { Failed: [{ Id: 'a' }] }],
])('leaves to others, without a word: %s', async (_, result) => {
  await expect(withFreshQueues(doing(result), unexpected)).rejects.toThrow(AnsweredElsewhere);
});

it('leaves to nobody what may have been done by a process that has ended', async () => {
  const answer = withFreshQueues(doing(new StaleQueue(), new OwnerLost()), unexpected);
  await expect(answer).rejects.toMatchObject({ code: 'InternalFailure', httpStatus: 500 });
});

it('tells of what nobody expected, and leaves it to others', async () => {
  const error = new TypeError('undefined is not a queue');
  const told: unknown[] = [];
  await expect(withFreshQueues(doing(error), (each) => told.push(each))).rejects.toThrow(AnsweredElsewhere);
  expect(told).toEqual([error]);
});

it('keeps what was done in part', async () => {
  const output = { Successful: [{ Id: 'a' }], Failed: [{ Id: 'b' }] };
  expect(await withFreshQueues(doing(output), unexpected)).toBe(output);
});
