/** What opening a queue reads of the store: its counters, deliveries and deduplications, never its backlog. */
import { type Delivery, newCounters, openQueue, type QueueState, type WindowLimits } from '#engines/queue';
import { DigestRing } from '#std/digestRing';
import type { Entry, KeyRange } from '#storage';
import {
  countersKey,
  deduplicationRange,
  deliveryRange,
  laneMessagesAfter,
  type MessagePosition,
  messagesAfter,
  readMessageKey,
  readNumber,
} from '#storage/keys';
import { decodeCounters, decodeDelivery, decodeMessage, type QueueRecord, readDeduplications } from '#storage/records';
import { DeduplicationLog } from './deduplicationLog.ts';
import type { GroupCommit } from './groupCommit.ts';
import { backgroundPage, backgroundPageBytes } from './limits.ts';

export async function loadState(
  commit: GroupCommit,
  { contentsId, settings }: QueueRecord,
  limits: WindowLimits | undefined,
): Promise<{ state: QueueState; deduplicationLog: DeduplicationLog | undefined }> {
  const counters = await commit.get(countersKey(contentsId));
  const deliveries: Delivery[] = [];
  await readAll(commit, deliveryRange(contentsId), ({ key, value }) => {
    deliveries.push({ ...decodeDelivery(value), sequence: readNumber(key) });
  });
  const { ring, deduplicationLog } = await loadDeduplications(commit, contentsId);
  const counted = counters === undefined ? newCounters : decodeCounters(counters);
  return { state: openQueue(settings, counted, deliveries, ring, limits), deduplicationLog };
}

/** There may be millions, so they go where they belong one by one. */
async function loadDeduplications(commit: GroupCommit, contentsId: number) {
  const ring = new DigestRing();
  let deduplicationLog: DeduplicationLog | undefined;
  await readAll(commit, deduplicationRange(contentsId), ({ key, value }) => {
    const first = readNumber(key);
    let last = first;
    readDeduplications(value, (digest, messageId, sequence, acceptedAt) => {
      ring.push(digest, { value: sequence, time: acceptedAt, label: messageId });
      last = sequence;
    });
    deduplicationLog ??= new DeduplicationLog();
    deduplicationLog.note({ first, last });
  });
  return { ring, deduplicationLog };
}

/** By contents id: where a queue's first lane began when it was looked at last. */
export type Heads = Map<number, MessagePosition>;

/**
 * Whether a queue, in memory or not, has something to drop: its oldest message, or the oldest of those with a group. Most
 * of many queues are empty, and their counters say so at a tenth of what it costs to look for messages.
 *
 * It looks from the last known head on. Messages come behind it, and the store may have to pass over all that was removed
 * before it: with 100,000 of those, a scan from the queue's beginning takes 60 ms. Only a clock that is set back breaks
 * that, so `heads` is to be forgotten now and then.
 */
export async function hasExpiredHead(
  commit: GroupCommit,
  { contentsId, settings }: QueueRecord,
  now: number,
  heads: Heads,
): Promise<boolean> {
  const counters = await commit.get(countersKey(contentsId));
  if (counters === undefined) return false;
  const { total, lanes } = decodeCounters(counters);
  const inLanes = lanes.reduce((sum, [, count]) => sum + count, 0);
  const isExpired = (head: Entry | undefined) =>
    head !== undefined && decodeMessage(head.value).sentAt + settings.retentionMs <= now;
  const from = total > inLanes ? (heads.get(contentsId) ?? queueStart) : undefined;
  const [first] = from === undefined ? [] : await commit.scan({ ...messagesAfter(contentsId, from), limit: 1 });
  if (first === undefined) heads.delete(contentsId);
  else heads.set(contentsId, headFrom(readMessageKey(first.key), now));
  if (isExpired(first)) return true;
  const [inLane] = inLanes > 0 ? await commit.scan({ ...laneMessagesAfter(contentsId), limit: 1 }) : [];
  return isExpired(inLane);
}

const queueStart: MessagePosition = { lane: 0, availableAt: 0, sequence: 0 };

/** Just before the head; or now, if that is a delayed message, for what is sent meanwhile comes before it. */
function headFrom({ lane, availableAt, sequence }: MessagePosition, now: number): MessagePosition {
  if (availableAt > now) return { lane, availableAt: now, sequence: 0 };
  return sequence > 0 ? { lane, availableAt, sequence: sequence - 1 } : queueStart;
}

async function readAll(commit: GroupCommit, range: KeyRange, take: (entry: Entry) => void): Promise<void> {
  let { from } = range;
  for (;;) {
    const page = await commit.scan({ from, to: range.to, limit: backgroundPage, maxBytes: backgroundPageBytes });
    for (const entry of page) take(entry);
    const last = page.at(-1);
    if (last === undefined) return;
    from = Buffer.concat([last.key, Buffer.of(0)]);
  }
}
