import { expect, test, vi } from 'vitest';
import { Lazily } from './lazily.ts';

test('loads once, for all who wait, and answers at once from then on', async () => {
  const load = vi.fn(async () => ({ answer: 42 }));
  const lazily = new Lazily(load);
  expect(load).not.toHaveBeenCalled();
  const [first, second] = await Promise.all([lazily.get(), lazily.get()]);
  expect(first).toBe(second);
  expect(lazily.get()).toBe(first);
  expect(load).toHaveBeenCalledTimes(1);
});

test('tries again after a failure', async () => {
  const load = vi.fn(async () => 'loaded').mockRejectedValueOnce(new Error('too many open files'));
  const lazily = new Lazily(load);
  await expect(lazily.get()).rejects.toThrow('too many open files');
  expect(await lazily.get()).toBe('loaded');
});
