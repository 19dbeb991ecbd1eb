import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type BackoffFunction,
  defaultRetryPolicy,
  managedRetryPolicy,
  messagingRetryPolicy,
  type RetryPolicy,
} from './deliveryPolicy.ts';
import { delayBeforeRetry } from './retryDelays.ts';

const functions: readonly BackoffFunction[] = ['linear', 'arithmetic', 'geometric', 'exponential'];

/** In seconds, of all retries. */
function delaysOf(policy: Partial<RetryPolicy>): number[] {
  const complete = { ...defaultRetryPolicy, ...policy };
  const delays: number[] = [];
  for (let attempts = 1; ; attempts += 1) {
    const delay = delayBeforeRetry(complete, attempts);
    if (delay === undefined) return delays;
    delays.push(delay / 1_000);
  }
}

function sum(delays: readonly number[]): number {
  return delays.reduce((total, delay) => total + delay, 0);
}

describe('back-off', () => {
  test('by default, three retries after 20 seconds each', () => {
    expect(delaysOf({})).toEqual([20, 20, 20]);
  });

  test('no retries', () => {
    expect(delaysOf({ numRetries: 0 })).toEqual([]);
  });

  /** The example of AWS's documentation. */
  test('linear grows by the same number of seconds', () => {
    expect(delaysOf({ minDelayTarget: 20, maxDelayTarget: 40 })).toEqual([20, 30, 40]);
  });

  test.each([
    ['linear', [1, 4.75, 8.5, 12.25, 16]],
    ['arithmetic', [1, 2.5, 5.5, 10, 16]],
    ['geometric', [1, 2, 4, 8, 16]],
    ['exponential', [1, 2, 4, 8, 16]],
  ] as const)('%s from 1 to 16 seconds', (backoffFunction, delays) => {
    expect(delaysOf({ minDelayTarget: 1, maxDelayTarget: 16, numRetries: 5, backoffFunction })).toEqual(delays);
  });

  /** The drawing in AWS's documentation: 10 retries from 5 to 260 seconds. */
  test('in between, each function stays below the one before it', () => {
    const drawn = functions.map((backoffFunction) =>
      delaysOf({ minDelayTarget: 5, maxDelayTarget: 260, numRetries: 10, backoffFunction }),
    );
    for (const delays of drawn) expect([delays[0], delays[9]]).toEqual([5, 260]);
    for (const index of [1, 2, 3, 4, 5, 6, 7, 8]) {
      const across = drawn.map((delays) => delays[index] ?? 0);
      expect(across.toSorted((a, b) => b - a)).toEqual(across);
      expect(new Set(across).size).toBe(4);
    }
  });

  test.each(functions)('%s of one retry, or without room, waits the minimum', (backoffFunction) => {
    expect(delaysOf({ minDelayTarget: 3, maxDelayTarget: 9, numRetries: 1, backoffFunction })).toEqual([3]);
    expect(delaysOf({ minDelayTarget: 9, maxDelayTarget: 9, numRetries: 4, backoffFunction })).toEqual([9, 9, 9, 9]);
  });
});

describe('phases', () => {
  test('one after the other', () => {
    const policy = { minDelayTarget: 2, maxDelayTarget: 6, numRetries: 9 };
    expect(delaysOf({ ...policy, numNoDelayRetries: 2, numMinDelayRetries: 1, numMaxDelayRetries: 3 })).toEqual([
      0, 0, 2, 2, 4, 6, 6, 6, 6,
    ]);
  });

  test('without a back-off', () => {
    const policy = { minDelayTarget: 2, maxDelayTarget: 6, numRetries: 3 };
    expect(delaysOf({ ...policy, numNoDelayRetries: 1, numMinDelayRetries: 1, numMaxDelayRetries: 1 })).toEqual([
      0, 2, 6,
    ]);
  });

  /** AWS's sample: "50 times: 3 without delay, 2 after 1 second, 10 with exponential back-off, 35 after 60 seconds". */
  test("AWS's sample policy", () => {
    const delays = delaysOf({
      minDelayTarget: 1,
      maxDelayTarget: 60,
      numRetries: 50,
      numNoDelayRetries: 3,
      numMinDelayRetries: 2,
      numMaxDelayRetries: 35,
      backoffFunction: 'exponential',
    });
    expect(delays).toHaveLength(50);
    expect(delays.slice(0, 5)).toEqual([0, 0, 0, 1, 1]);
    expect(delays.slice(15)).toEqual(Array.from({ length: 35 }, () => 60));
  });

  test("AWS's table for Lambda, SQS and Firehose: 100,015 retries over 23 days", () => {
    const delays = delaysOf(managedRetryPolicy);
    expect(delays).toHaveLength(100_015);
    expect(Math.round(sum(delays) / 86_400)).toBe(23);
  });

  test("AWS's table for e-mail, SMS and push: 50 retries over 6 hours", () => {
    const delays = delaysOf(messagingRetryPolicy);
    expect(delays).toHaveLength(50);
    expect(Math.floor(sum(delays) / 3_600)).toBe(6);
  });

  test('whatever the policy, as many retries as it says, with delays that never get shorter', () => {
    const counts = fc.array(fc.nat(20), { minLength: 4, maxLength: 4 });
    const seconds = fc.array(fc.integer({ min: 1, max: 3_600 }), { minLength: 2, maxLength: 2 });
    fc.assert(
      fc.property(counts, seconds, fc.constantFrom(...functions), (phases, targets, backoffFunction) => {
        const [numNoDelayRetries = 0, numMinDelayRetries = 0, numMaxDelayRetries = 0] = phases;
        const [minDelayTarget, maxDelayTarget] = [Math.min(...targets), Math.max(...targets)];
        const delays = delaysOf({
          minDelayTarget,
          maxDelayTarget,
          numRetries: sum(phases),
          numNoDelayRetries,
          numMinDelayRetries,
          numMaxDelayRetries,
          backoffFunction,
        });
        const waits = delays.slice(numNoDelayRetries);
        expect(delays).toHaveLength(sum(phases));
        expect(delays.toSorted((a, b) => a - b)).toEqual(delays);
        expect(sum(delays.slice(0, numNoDelayRetries))).toBe(0);
        expect(waits.filter((delay) => delay < minDelayTarget || delay > maxDelayTarget)).toEqual([]);
      }),
    );
  });
});
