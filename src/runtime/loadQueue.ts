/** What opening a queue reads of the store: its counters, deliveries and deduplications, never its backlog. */
import { newCounters, openQueue, type QueueState, type WindowLimits } from '#engines/queue';
import type { Entry } from '#storage';
import {
  countersKey,
  deduplicationRange,
  deliveryRange,
  type KeyRange,
  laneMessagesAfter,
  messagesAfter,
  readNumber,
} from '#storage/keys';
import { decodeCounters, decodeDeduplication, decodeDelivery, decodeMessage, type QueueRecord } from '#storage/records';
import type { GroupCommit } from './groupCommit.ts';
import { backgroundPage } from './limits.ts';

export async function loadState(
  commit: GroupCommit,
  { contentsId, settings }: QueueRecord,
  limits: WindowLimits | undefined,
): Promise<QueueState> {
  const counters = await commit.get(countersKey(contentsId));
  const deliveries = await readAll(commit, deliveryRange(contentsId), ({ key, value }) => ({
    ...decodeDelivery(value),
    sequence: readNumber(key),
  }));
  const deduplications = await readAll(commit, deduplicationRange(contentsId), ({ key, value }) => ({
    ...decodeDeduplication(value),
    sequence: readNumber(key),
  }));
  const counted = counters === undefined ? newCounters : decodeCounters(counters);
  return openQueue(settings, counted, deliveries, deduplications, limits);
}

/** Whether a queue that is not in memory has something to drop: its oldest message, or the oldest of those with a group. */
export async function hasExpiredHead(
  commit: GroupCommit,
  { contentsId, settings }: QueueRecord,
  now: number,
): Promise<boolean> {
  const start = { lane: 0, availableAt: 0, sequence: 0 };
  for (const range of [messagesAfter(contentsId, start), laneMessagesAfter(contentsId)]) {
    const [head] = await commit.scan({ ...range, limit: 1 });
    if (head !== undefined && decodeMessage(head.value).sentAt + settings.retentionMs <= now) return true;
  }
  return false;
}

async function readAll<T>(commit: GroupCommit, range: KeyRange, decode: (entry: Entry) => T): Promise<T[]> {
  const all: T[] = [];
  let { from } = range;
  for (;;) {
    const page = await commit.scan({ from, to: range.to, limit: backgroundPage });
    for (const entry of page) all.push(decode(entry));
    const last = page.at(-1);
    if (last === undefined || page.length < backgroundPage) return all;
    from = Buffer.concat([last.key, Buffer.of(0)]);
  }
}
