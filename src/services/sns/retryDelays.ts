/**
 * When a failed delivery is tried again. A retry policy has four phases, in this order:
 *
 *     numNoDelayRetries at once | numMinDelayRetries after minDelayTarget |
 *     the others by the back-off function | numMaxDelayRetries after maxDelayTarget
 */
import type { BackoffFunction, RetryPolicy } from './deliveryPolicy.ts';

/**
 * How far the delay has come from the minimum, 0, to the maximum, 1, at retry `index` of those that end with retry
 * `last`. AWS documents the two ends, and the middle of linear (20, 30, 40 seconds). Of the others it shows a drawing
 * only; these are what their names say: steps that grow by the same length, delays that grow by the same factor, and
 * steps that double.
 */
type Progress = (index: number, last: number, growth: number) => number;

const progress: Readonly<Record<BackoffFunction, Progress>> = {
  linear: (index, last) => index / last,
  arithmetic: (index, last) => (index * (index + 1)) / (last * (last + 1)),
  geometric: (index, last, growth) => (growth === 1 ? 0 : (growth ** (index / last) - 1) / (growth - 1)),
  exponential: (index, last) => (2 ** index - 1) / (2 ** last - 1),
};

/** Milliseconds from the failure of attempt number `attempts`, counted from 1, to the next; undefined after the last. */
export function delayBeforeRetry(policy: RetryPolicy, attempts: number): number | undefined {
  const { numNoDelayRetries, numMinDelayRetries, numMaxDelayRetries, numRetries } = policy;
  if (attempts > numRetries) return undefined;
  if (attempts <= numNoDelayRetries) return 0;
  const index = attempts - 1 - numNoDelayRetries - numMinDelayRetries;
  const last = numRetries - numNoDelayRetries - numMinDelayRetries - numMaxDelayRetries - 1;
  if (index < 0) return policy.minDelayTarget * 1_000;
  if (index > last) return policy.maxDelayTarget * 1_000;
  return Math.round(backoffDelay(policy, index, last) * 1_000);
}

/** In seconds. A back-off of one retry only has nowhere to go: it waits the minimum. */
function backoffDelay(policy: RetryPolicy, index: number, last: number): number {
  const { minDelayTarget: min, maxDelayTarget: max, backoffFunction } = policy;
  return last === 0 ? min : min + (max - min) * progress[backoffFunction](index, last, max / min);
}
