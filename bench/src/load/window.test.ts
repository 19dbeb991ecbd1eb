import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Job, JobResult } from './job.ts';
import { MeasuredWindow } from './window.ts';

const job: Job = {
  kind: 'drain',
  port: 1,
  queueUrl: '',
  bodyBytes: 1,
  connections: 1,
  warmUpMilliseconds: 100,
  measureMilliseconds: 1_000,
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

function measure(load: (window: MeasuredWindow) => Promise<void>): Promise<JobResult> {
  const window = new MeasuredWindow(job, () => {});
  return window.around(() => load(window));
}

/** Moves the clock. */
async function pass(milliseconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds);
}

test('what is counted during the warm-up and after the end is in the totals only', async () => {
  const { messages, windowMilliseconds, totals } = await measure(async (window) => {
    while (!window.over) {
      await pass(30);
      window.count('deleted', 1);
    }
  });
  expect(messages).toBe(33);
  expect(windowMilliseconds).toBe(1_000);
  expect(totals).toEqual({ sent: 0, received: 0, deleted: 37, copies: 0 });
});

test.each([10, 5_000])('work that runs out ends the window, though found out %i ms later', async (later) => {
  const { messages, windowMilliseconds } = await measure(async (window) => {
    await pass(400);
    window.count('deleted', 5);
    await pass(later);
  });
  expect(messages).toBe(5);
  expect(windowMilliseconds).toBe(300);
});

test('work that runs out during the warm-up is a failure', async () => {
  const early = measure(async (window) => {
    await pass(50);
    window.count('deleted', 1);
    await pass(500);
  });
  await expect(early).rejects.toThrow('ran out');
});

test('a request counts by when it was due, even if the server kept it waiting beyond the end', async () => {
  const answered: { dueAt: number; counts: boolean }[] = [];
  await measure(async (window) => {
    const start = performance.now();
    const due = [50, 150, 1_050, 1_150].map((after) => start + after);
    await pass(3_000);
    window.count('deleted', 1);
    expect(window.over).toBe(true);
    for (const dueAt of due) answered.push({ dueAt: dueAt - start, counts: window.covers(dueAt) });
  });
  expect(answered).toEqual([
    { dueAt: 50, counts: false },
    { dueAt: 150, counts: true },
    { dueAt: 1_050, counts: true },
    { dueAt: 1_150, counts: false },
  ]);
});
