import { expect, test } from 'vitest';
import { MemoryStore } from '#storage/memory';
import { Partition } from './partition.ts';

const path = { accountId: '1', region: 'here', name: 'a' };
const settings = { visibilityTimeoutMs: 30_000, delayMs: 0, retentionMs: 60_000, maxInFlight: 100 };

test('queues of one name in other accounts and regions are other queues, and one that was deleted is gone', async () => {
  const partition = await Partition.open(new MemoryStore());
  const paths = [path, { ...path, accountId: '2' }, { ...path, region: 'there' }, { ...path, name: 'b' }];
  const created = await Promise.all(
    paths.map((each) => partition.createQueue({ ...each, settings, attributes: {}, tags: {} })),
  );
  for (const [index, { accountId, region, name }] of paths.entries()) {
    expect(partition.queue(accountId, region, name)).toBe(created[index]?.handle);
  }
  await created[0]?.handle.deleteQueue();
  expect(await partition.queue('1', 'here', 'a')).toBe(undefined);
  expect(partition.queue('2', 'here', 'a')).toBe(created[1]?.handle);
  await partition.close();
});
