import { DigestRing } from '#std/digestRing';
import { Fifo } from '#std/fifo';
import { Heap } from '#std/heap';
import { DelayedCounts } from './delayed.ts';
import { Groups } from './groups.ts';
import { addLane, firstLane, type Lane } from './lanes.ts';
import { type WindowLimits, windowLimits } from './limits.ts';
import { openRepeatable, type RepeatableReceive } from './repeat.ts';
import { before, type Counters, type Delivery, type Moment, type Position, type QueueSettings } from './types.ts';
import { Waiters } from './waiters.ts';

export interface TrackedDelivery extends Delivery {
  /** `taken`: within a step, on its way from one of the others. */
  place: 'taken' | 'in-flight' | 'returned' | 'leaving';
  heapIndex: number;
  /** When it was changed first since it was stored; undefined if it is stored as it is, or deleted. */
  changedAt: number | undefined;
  /** Some state of it is stored, perhaps an older one. */
  isStored: boolean;
  /** It could not leave for the dead-letter queue, so the next receive gets it. */
  isToBeGivenOut: boolean;
}

/** A receive that waits: a long poll, or a short one whose page is being read. */
export interface Waiter {
  readonly id: number;
  readonly maxMessages: number;
  readonly visibilityTimeoutMs: number | undefined;
  readonly nonce: number;
  readonly isRepeatable: boolean;
  readonly isForMove: boolean;
  readonly deadline: number;
  heapIndex: number;
  /** The one that came before it and the one behind it, of those that wait: see `Waiters`. */
  earlier: Waiter | undefined;
  later: Waiter | undefined;
}

/**
 * What is in memory of one queue.
 *
 * Every stored message is in exactly one of five places:
 * - a delivery `in-flight`: received, its visibility timeout not over; in the heap `inFlight`;
 * - a delivery `returned`: received before and visible again; in its lane, or in its group on a FIFO queue;
 * - a delivery `leaving`: about to be moved to another queue;
 * - waiting, in memory: in its lane's window, or in its group;
 * - behind its lane's cursor, in the store only; there may be some while the lane's `backlog` is 'maybe', and some that
 *   become available at `nextAvailableAt`.
 *
 * Receives take what is returned before or along with what waits, so that what was received and came back never outgrows
 * the limit of messages in flight, and memory is bounded at any backlog.
 */
export interface QueueState {
  readonly limits: WindowLimits;
  settings: QueueSettings;
  /** Never goes back, whatever the clock does. */
  now: number;
  nextSequence: number;
  /** All messages: waiting, delayed and in flight. */
  total: number;
  readonly delayed: DelayedCounts;
  /** By number. The first is always there, the others while they hold messages. */
  readonly lanes: Map<number, Lane>;
  /**
   * Somebody has asked for messages since the queue was opened. Until then none is kept in memory, sent or stored: of ten
   * thousand queues that a topic sends to, those that nobody reads take next to nothing.
   */
  isRead: boolean;
  /** How far fairness has come: see `lanes.ts`. */
  served: number;
  /** Of a FIFO queue, whose only lane has nothing in its window. */
  readonly groups: Groups | undefined;
  readonly deliveries: Map<number, TrackedDelivery>;
  readonly inFlight: Heap<TrackedDelivery>;
  /** Those changed since they were stored, in order of `changedAt`; and some that have been dealt with. */
  readonly unstored: Fifo<TrackedDelivery>;
  /** What FIFO queues accepted within the deduplication interval, by key: its sequence, time and message id. */
  readonly deduplications: DigestRing;
  /** More keys are due to be forgotten than one step does. */
  forgetting: boolean;
  /** By the nonce that the client chose, in order of time. */
  readonly repeatable: Map<number, RepeatableReceive>;
  readonly waiters: Waiters;
  readonly deadlines: Heap<Waiter>;
  /** Counts page loads, so that an outdated one is known. */
  loads: number;
  /** A run of expired messages is being dropped over several steps; nothing is given out before its end. */
  expiring: boolean;
  /** The last messages that came to the heads, or into memory, had expired: there may be more of them. */
  behindExpired: boolean;
  /** Since when receives whose time is up wait for what lies behind expired messages; undefined if none does. */
  heldBackSince: number | undefined;
  timerAt: number;
  /** First sequence numbers of the batches that are not synced yet, oldest first. */
  readonly unsynced: { batch: number; firstSequence: number }[];
}

/** Opens a queue from what is stored: its counters, deliveries and deduplications, never its backlog. */
export function openQueue(
  settings: QueueSettings,
  counters: Counters,
  deliveries: Iterable<Delivery>,
  deduplications = new DigestRing(),
  limits: WindowLimits = windowLimits,
): QueueState {
  const state: QueueState = {
    limits,
    settings,
    now: 0,
    nextSequence: counters.nextSequence,
    total: counters.total,
    delayed: new DelayedCounts(counters.delayed),
    lanes: new Map(),
    isRead: false,
    served: 0,
    groups: settings.fifo ? new Groups(limits) : undefined,
    deliveries: new Map(),
    inFlight: new Heap<TrackedDelivery>(
      (a, b) => a.visibleAt < b.visibleAt || (a.visibleAt === b.visibleAt && a.sequence < b.sequence),
    ),
    unstored: new Fifo(),
    deduplications,
    forgetting: false,
    repeatable: new Map(),
    waiters: new Waiters(),
    deadlines: new Heap<Waiter>((a, b) => a.deadline < b.deadline || (a.deadline === b.deadline && a.id < b.id)),
    loads: 0,
    expiring: false,
    behindExpired: false,
    heldBackSince: undefined,
    timerAt: Number.POSITIVE_INFINITY,
    unsynced: [],
  };
  openLanes(state, counters);
  for (const delivery of deliveries) adopt(state, delivery);
  openRepeatable(state);
  return state;
}

/** With nothing in memory; what is stored is found by pages. */
function openLanes(state: QueueState, { total, lanes }: Counters): void {
  addLane(state, firstLane, total - lanes.reduce((sum, [, count]) => sum + count, 0));
  for (const [lane, count] of lanes) addLane(state, lane, count);
}

/** Whether messages are taken into memory. Those of a queue without retention are, to be dropped by the same step. */
export function looksAhead({ isRead, settings }: QueueState): boolean {
  return isRead || settings.retentionMs === 0;
}

/** A queue that nobody reads any more has nothing in memory. Not a FIFO queue: what it knows of its groups is dear. */
export function lookAway(state: QueueState): void {
  if (!state.isRead || state.groups !== undefined) return;
  if (state.deliveries.size > 0 || state.waiters.size > 0 || isLoading(state)) return;
  const counters = countersOf(state);
  state.lanes.clear();
  openLanes(state, counters);
  state.isRead = false;
}

/** A stored delivery counts as in flight until the first step looks at the time. */
function adopt(state: QueueState, delivery: Delivery): void {
  const lane = state.lanes.get(delivery.lane) ?? addLane(state, delivery.lane, 0);
  const tracking = { heapIndex: -1, changedAt: undefined, isStored: true, isToBeGivenOut: false };
  const tracked: TrackedDelivery = { ...delivery, ...tracking, place: 'in-flight' };
  state.deliveries.set(delivery.sequence, tracked);
  state.inFlight.push(tracked);
  lane.inFlight += 1;
  state.groups?.hold(delivery.groupId);
}

export const newCounters: Counters = { nextSequence: 1, total: 0, delayed: [], lanes: [] };

/** Every step that writes asks for them, and most queues have neither delayed messages nor groups. */
export function countersOf({ nextSequence, total, delayed, lanes }: QueueState): Counters {
  return {
    nextSequence,
    total,
    delayed: delayed.total === 0 ? newCounters.delayed : delayed.entries(),
    lanes: lanes.size === 1 ? newCounters.lanes : laneCounters(lanes.values()),
  };
}

function laneCounters(lanes: Iterable<Lane>): [lane: number, count: number][] {
  const counted: [number, number][] = [];
  for (const { number, total } of lanes) if (number !== firstLane && total > 0) counted.push([number, total]);
  return counted;
}

/** AWS's three approximate numbers, here exact but for a delay's last second. */
export function depthOf(state: QueueState): { visible: number; inFlight: number; delayed: number } {
  const inFlight = state.inFlight.size;
  const delayed = state.delayed.total;
  return { visible: Math.max(0, state.total - inFlight - delayed), inFlight, delayed };
}

/** Whether some page is being read. */
export function isLoading(state: QueueState): boolean {
  for (const { loading } of state.lanes.values()) if (loading !== 0) return true;
  return false;
}

/** Waiting in memory and not deleted. */
export function isWaiting(state: QueueState, position: Position): boolean {
  return state.lanes.get(position.lane)?.window.has(position) ?? false;
}

/** Whether pages have not come as far as this position yet: only the store knows what is there. */
export function isUnread(state: QueueState, position: Position): boolean {
  if (position.sequence >= state.nextSequence) return false;
  const lane = state.lanes.get(position.lane);
  return lane !== undefined && before(lane.cursor, position) && !lane.deletedAhead.has(position.sequence);
}

/** The batch that must be synced before this message may be shown; 0 if it is. */
export function batchOf(state: QueueState, sequence: number, at: Moment): number {
  const { unsynced } = state;
  while (unsynced[0] !== undefined && unsynced[0].batch <= at.durableBatch) unsynced.shift();
  for (let index = unsynced.length - 1; index >= 0; index -= 1) {
    const entry = unsynced[index];
    if (entry !== undefined && entry.firstSequence <= sequence) return entry.batch;
  }
  return 0;
}
