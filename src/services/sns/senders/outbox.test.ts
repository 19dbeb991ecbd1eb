import { expect, it } from 'vitest';
import { createSealer, Partition } from '#runtime';
import type { Store } from '#storage';
import { MemoryStore } from '#storage/memory';
import { Outbox, type OutboxEntry } from './outbox.ts';

const unbounded = { entries: 1_000, bytes: 1_000_000 };

function entry(to: string, change: Partial<OutboxEntry> = {}): OutboxEntry {
  const ids = { messageId: 'm', topicArn: 't', subscriptionArn: 's' };
  return { protocol: 'email', kind: 'notification', to, ...ids, text: 'text', ...change };
}

async function open(store: Store = new MemoryStore(), bounds = unbounded) {
  const partition = await Partition.open(store);
  return { partition, outbox: new Outbox(partition, bounds) };
}

async function recipients(outbox: Outbox): Promise<string[]> {
  const { entries } = await outbox.list({ limit: 1_000 });
  return entries.map(({ to }) => to);
}

it('lists what it keeps, the newest first, page by page', async () => {
  const { partition, outbox } = await open();
  for (const to of ['a', 'b', 'c', 'd', 'e']) await outbox.keep(entry(to));
  const seen: string[] = [];
  const pages: number[] = [];
  let after: string | undefined;
  do {
    const page = await outbox.list({ limit: 2, after });
    seen.push(...page.entries.map(({ to }) => to));
    pages.push(page.entries.length);
    after = page.next;
  } while (after !== undefined);
  expect(seen).toEqual(['e', 'd', 'c', 'b', 'a']);
  expect(pages).toEqual([2, 2, 1]);
  const [newest] = (await outbox.list({ limit: 1 })).entries;
  expect(newest).toEqual({ ...entry('e'), id: expect.any(String), keptAt: expect.any(Number) });
  await partition.close();
});

it('finds what went to someone, or by a protocol', async () => {
  const { partition, outbox } = await open();
  for (const to of ['a', 'b', 'a']) await outbox.keep(entry(to));
  await outbox.keep(entry('a', { protocol: 'sms' }));
  expect((await outbox.list({ limit: 10, to: 'a' })).entries).toHaveLength(3);
  expect((await outbox.list({ limit: 10, to: 'a', protocol: 'email' })).entries).toHaveLength(2);
  expect((await outbox.list({ limit: 1, to: 'b' })).entries).toMatchObject([{ to: 'b' }]);
  expect(await outbox.list({ limit: 10, to: 'c' })).toEqual({ entries: [], dropped: 0 });
  await partition.close();
});

it('lets the oldest make room, by number and by size, and says how many', async () => {
  const byNumber = await open(new MemoryStore(), { entries: 3, bytes: 1_000_000 });
  for (const to of ['a', 'b', 'c', 'd', 'e']) await byNumber.outbox.keep(entry(to));
  expect(await recipients(byNumber.outbox)).toEqual(['e', 'd', 'c']);
  expect((await byNumber.outbox.list({ limit: 1 })).dropped).toBe(2);
  await byNumber.partition.close();

  const bySize = await open(new MemoryStore(), { entries: 1_000, bytes: 2_000 });
  for (const to of ['a', 'b', 'c']) await bySize.outbox.keep(entry(to, { text: 'x'.repeat(700) }));
  expect(await recipients(bySize.outbox)).toEqual(['c', 'b']);
  // Larger than all of it: it is kept alone.
  await bySize.outbox.keep(entry('d', { text: 'x'.repeat(5_000) }));
  expect(await recipients(bySize.outbox)).toEqual(['d']);
  await bySize.partition.close();
});

it('keeps its bounds when many come at once', async () => {
  const { partition, outbox } = await open(new MemoryStore(), { entries: 5, bytes: 1_000_000 });
  const names = Array.from({ length: 20 }, (_, index) => `n${String(index).padStart(2, '0')}`);
  await Promise.all(names.map((to) => outbox.keep(entry(to))));
  expect(await recipients(outbox)).toEqual(names.slice(-5).reverse());
  await partition.close();
});

it('survives a restart', async () => {
  const store = new MemoryStore();
  const first = await open(store, { entries: 3, bytes: 1_000_000 });
  for (const to of ['a', 'b', 'c']) await first.outbox.keep(entry(to));
  await first.partition.close();
  const second = await open(store.reopen(), { entries: 3, bytes: 1_000_000 });
  await second.outbox.keep(entry('d'));
  expect(await recipients(second.outbox)).toEqual(['d', 'c', 'b']);
  expect(await second.outbox.clear()).toBe(3);
  expect(await recipients(second.outbox)).toEqual([]);
  await second.outbox.keep(entry('e'));
  expect(await recipients(second.outbox)).toEqual(['e']);
  await second.partition.close();
});

it('seals what an entry says, and reads those from before it did', async () => {
  const partition = await Partition.open(new MemoryStore());
  const said = { subject: 'secret subject', text: 'secret text', details: { from: 'secret sender' } };
  await new Outbox(partition).keep(entry('a', said));
  const outbox = new Outbox(partition, { vault: createSealer(Buffer.alloc(32, 1)) });
  await outbox.keep(entry('b', said));
  await outbox.keep(entry('c'));
  const { entries } = await outbox.list({ limit: 3 });
  const stamp = { id: expect.any(String), keptAt: expect.any(Number) };
  expect(entries).toEqual([entry('c'), entry('b', said), entry('a', said)].map((each) => ({ ...each, ...stamp })));
  const stored = await partition.entities.list('sns-outbox', '', 3);
  expect(stored.map(({ value }) => JSON.stringify(value).includes('secret'))).toEqual([false, false, true]);
  await partition.close();
});
