import { expect, it } from 'vitest';
import { SendSlots } from './sendSlots.ts';

const never = new AbortController().signal;

it('gives out so many, and the next ones in their order', async () => {
  const slots = new SendSlots({ healthy: 2, unhealthy: 1 });
  const first = await slots.take('healthy', never);
  await slots.take('healthy', never);
  const order: string[] = [];
  const third = slots.take('healthy', never).then((giveBack) => {
    order.push('third');
    return giveBack;
  });
  const fourth = slots.take('healthy', never).then(() => order.push('fourth'));
  expect(order).toEqual([]);
  first?.();
  // Given back twice is given back once.
  first?.();
  const giveBack = await third;
  expect(order).toEqual(['third']);
  giveBack?.();
  await fourth;
  expect(order).toEqual(['third', 'fourth']);
});

it('has others for endpoints that fail', async () => {
  const slots = new SendSlots({ healthy: 1, unhealthy: 1 });
  await slots.take('unhealthy', never);
  expect(await slots.take('healthy', never)).toBeTypeOf('function');
});

it('forgets who does not want one any more', async () => {
  const slots = new SendSlots({ healthy: 1, unhealthy: 0 });
  const giveBack = await slots.take('healthy', never);
  const control = new AbortController();
  const waiting = slots.take('healthy', control.signal);
  control.abort();
  expect(await waiting).toBeUndefined();
  expect(await slots.take('healthy', control.signal)).toBeUndefined();
  giveBack?.();
  expect(await slots.take('healthy', never)).toBeTypeOf('function');
});
