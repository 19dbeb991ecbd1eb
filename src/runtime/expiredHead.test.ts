import { beforeEach, expect, test } from 'vitest';
import { countersKey, type MessagePosition, messageKey } from '#storage/keys';
import { MemoryStore } from '#storage/memory';
import { encodeCounters, encodeMessage, type QueueRecord } from '#storage/records';
import { GroupCommit } from './groupCommit.ts';
import { type Heads, hasExpiredHead } from './loadQueue.ts';

const contentsId = 7;
const retentionMs = 60_000;
const record = { contentsId, settings: { retentionMs } } as QueueRecord;
let commit: GroupCommit;
let heads: Heads;
let total = 0;
let nextSequence = 1;
/** Where the scans of the store began. */
let looked: string[];

beforeEach(() => {
  const store = new MemoryStore();
  const scan = store.scan.bind(store);
  store.scan = (range) => {
    looked.push(Buffer.from(range.from).toString('hex'));
    return scan(range);
  };
  commit = new GroupCommit(store, { onFailure: () => undefined });
  heads = new Map();
  total = 0;
  nextSequence = 1;
  looked = [];
});

const counters = () => ({
  key: countersKey(contentsId),
  value: encodeCounters({ nextSequence, total, delayed: [], lanes: [] }),
});

async function send(now: number, delayMs = 0): Promise<MessagePosition> {
  const position = { lane: 0, availableAt: now + delayMs, sequence: nextSequence };
  nextSequence += 1;
  total += 1;
  const message = { messageId: Buffer.alloc(16), sentAt: now, payload: Buffer.of(1), groupId: '', origin: '' };
  const value = encodeMessage({ ...message, receivedBefore: 0 });
  await commit.append([{ key: messageKey(contentsId, position), value }, counters()]).durable;
  return position;
}

async function remove(position: MessagePosition): Promise<void> {
  total -= 1;
  await commit.append([{ key: messageKey(contentsId, position) }, counters()]).durable;
}

const isExpired = (now: number) => hasExpiredHead(commit, record, now, heads);

test('the oldest message tells whether something has expired, and the next look begins there', async () => {
  const sent = [await send(1000), await send(2000), await send(3000)] as const;
  expect(await isExpired(60_999)).toBe(false);
  expect(await isExpired(61_000)).toBe(true);
  await remove(sent[0]);
  expect(await isExpired(61_000)).toBe(false);
  expect(await isExpired(62_000)).toBe(true);
  const first = messageKey(contentsId, sent[0]).toString('hex');
  expect(looked.slice(1).every((from) => from >= first)).toBe(true);
  expect(looked.at(-1)).toBe(messageKey(contentsId, sent[1]).toString('hex'));
});

test('what is sent while the first message is delayed comes before that, and is seen', async () => {
  await send(1000, 900_000);
  expect(await isExpired(2000)).toBe(false);
  await send(2000);
  expect(await isExpired(61_999)).toBe(false);
  expect(await isExpired(62_000)).toBe(true);
});

test('an emptied queue is looked at from its beginning again, and one without messages is not looked at', async () => {
  const only = await send(5000);
  expect(await isExpired(6000)).toBe(false);
  await remove(only);
  looked = [];
  expect(await isExpired(7000)).toBe(false);
  expect(looked).toEqual([]);
  expect(heads.size).toBe(0);
  await send(8000);
  expect(await isExpired(68_000)).toBe(true);
});
