import { describe, expect, it } from 'vitest';
import { checkQuota, Quotas } from './quotas.ts';

const fifo = { FifoQueue: 'true' };
const perGroup = { ...fifo, DeduplicationScope: 'messageGroup', FifoThroughputLimit: 'perMessageGroupId' };

/** As much of a queue as a quota looks at. */
function queue(attributes: Record<string, string>, queueId = 1) {
  return { record: { queueId, attributes } } as unknown as Parameters<typeof checkQuota>[1];
}

function clockAt(start: number) {
  const clock = { ms: start, now: () => clock.ms };
  return clock;
}

/** How many of the calls are let through. */
function passed(calls: number, call: () => void): number {
  let count = 0;
  for (let index = 0; index < calls; index++) {
    try {
      call();
      count += 1;
    } catch (error) {
      expect(error).toMatchObject({ code: 'RequestThrottled', httpStatus: 403 });
    }
  }
  return count;
}

describe('a token bucket', () => {
  it('holds a second of calls and fills up within a second', () => {
    const clock = clockAt(5_000);
    const quotas = new Quotas(clock.now, 10);
    const take = () => quotas.take(['a']);
    expect([...Array(10)].every(take)).toBe(true);
    expect(take()).toBe(false);
    clock.ms += 99;
    expect(take()).toBe(false);
    clock.ms += 1;
    expect(take()).toBe(true);
    expect(take()).toBe(false);
    clock.ms += 60_000;
    expect([...Array(10)].every(take)).toBe(true);
    expect(take()).toBe(false);
  });

  it('takes from all buckets or from none', () => {
    const quotas = new Quotas(() => 0, 1);
    expect(quotas.take(['a'])).toBe(true);
    expect(quotas.take(['a', 'b'])).toBe(false);
    expect(quotas.take(['b'])).toBe(true);
  });

  it('is not filled by being forgotten', () => {
    const clock = clockAt(0);
    const quotas = new Quotas(clock.now, 10);
    for (let index = 0; index < 10; index++) quotas.take(['a']);
    // A new generation begins at 1,000: `a` was used just before, and has had 1 ms to fill.
    clock.ms = 999;
    for (let index = 0; index < 9; index++) quotas.take(['a']);
    clock.ms = 1_000;
    expect(quotas.take(['b'])).toBe(true);
    expect(quotas.take(['a'])).toBe(true);
    expect(quotas.take(['a'])).toBe(false);
  });

  it('stays as it is when the clock is set back', () => {
    const clock = clockAt(10_000);
    const quotas = new Quotas(clock.now, 2);
    expect(quotas.take(['a'])).toBe(true);
    clock.ms = 3_000;
    expect(quotas.take(['a'])).toBe(true);
    expect(quotas.take(['a'])).toBe(false);
  });
});

describe('the quotas of a FIFO queue', () => {
  it('are 300 calls a second of each action', () => {
    const sqs = { quotas: new Quotas(() => 0) };
    for (const action of ['SendMessage', 'ReceiveMessage', 'DeleteMessage'] as const) {
      expect(passed(400, () => checkQuota(sqs, queue(fifo), action, [{ MessageGroupId: 'g' }]))).toBe(300);
    }
  });

  it('are those of one queue', () => {
    const sqs = { quotas: new Quotas(() => 0) };
    expect(passed(400, () => checkQuota(sqs, queue(fifo, 1), 'ReceiveMessage'))).toBe(300);
    expect(passed(400, () => checkQuota(sqs, queue(fifo, 2), 'ReceiveMessage'))).toBe(300);
  });

  it('are counted by message group for sends to a queue with high throughput', () => {
    const sqs = { quotas: new Quotas(() => 0) };
    expect(
      passed(400, () =>
        checkQuota(sqs, queue(perGroup), 'SendMessage', [{ MessageGroupId: 'a' }, { MessageGroupId: 'a' }]),
      ),
    ).toBe(300);
    expect(passed(400, () => checkQuota(sqs, queue(perGroup), 'SendMessage', [{ MessageGroupId: 'b' }]))).toBe(300);
    for (const action of ['ReceiveMessage', 'DeleteMessage'] as const) {
      expect(passed(400, () => checkQuota(sqs, queue(perGroup), action))).toBe(400);
    }
  });

  it('are not those of standard queues, nor of a server that was not told to enforce them', () => {
    const sqs = { quotas: new Quotas(() => 0) };
    expect(passed(400, () => checkQuota(sqs, queue({}), 'SendMessage'))).toBe(400);
    expect(passed(400, () => checkQuota({ quotas: undefined }, queue(fifo), 'SendMessage'))).toBe(400);
  });
});
