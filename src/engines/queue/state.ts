import { Fifo } from '#std/fifo';
import { Heap } from '#std/heap';
import { DelayedCounts } from './delayed.ts';
import { type WindowLimits, windowLimits } from './limits.ts';
import { before, type Counters, type Delivery, type Moment, type Position, type QueueSettings } from './types.ts';
import { Window } from './window.ts';

export interface TrackedDelivery extends Delivery {
  heapIndex: number;
  /** When it was changed first since it was stored; undefined if it is stored as it is, or deleted. */
  changedAt: number | undefined;
  /** Some state of it is stored, perhaps an older one. */
  isStored: boolean;
}

/** A receive that waits: a long poll, or a short one whose page is being read. */
export interface Waiter {
  readonly id: number;
  readonly maxMessages: number;
  readonly visibilityTimeoutMs: number | undefined;
  readonly nonce: number;
  readonly deadline: number;
  heapIndex: number;
}

/**
 * What is in memory of one standard queue.
 *
 * Every stored message is in exactly one of four places:
 * - `deliveries`: received at least once; in `inFlight` until its visibility ends, then in `returned`;
 * - `window`: waiting, in memory;
 * - the backlog: stored behind `cursor`, available, not in memory; there may be some only while `backlog` is 'maybe';
 * - the future: stored behind `cursor`, not available before `nextAvailableAt`.
 *
 * Receives take the lowest position of `returned` and `window`. As they take from `returned` first, what was received
 * and came back never outgrows the limit of messages in flight, so memory is bounded at any backlog.
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
  readonly window: Window;
  readonly deliveries: Map<number, TrackedDelivery>;
  readonly inFlight: Heap<TrackedDelivery>;
  readonly returned: Heap<TrackedDelivery>;
  /** Those changed since they were stored, in order of `changedAt`; and some that have been dealt with. */
  readonly unstored: Fifo<TrackedDelivery>;
  /** In order of arrival. */
  readonly waiters: Map<number, Waiter>;
  readonly deadlines: Heap<Waiter>;
  /** The last position that was taken into the window. */
  cursor: Position;
  backlog: 'none' | 'maybe';
  nextAvailableAt: number;
  /** The number of the page load that is under way, 0 if none; `loads` counts them, so that an outdated one is known. */
  loading: number;
  loads: number;
  /** What was stored behind the window while the page was being read, which the page may not contain. */
  missedByLoad: { backlog: boolean; nextAvailableAt: number };
  /** Sequence numbers deleted ahead of the cursor, before any page brought them: a page that is under way may still. */
  readonly deletedAhead: Set<number>;
  /** A run of expired messages is being dropped over several steps; nothing is given out before its end. */
  expiring: boolean;
  timerAt: number;
  /** First sequence numbers of the batches that are not synced yet, oldest first. */
  readonly unsynced: { batch: number; firstSequence: number }[];
}

const start: Position = { availableAt: 0, sequence: 0 };

/** Opens a queue from what is stored: its counters and the deliveries, never its backlog. */
export function openQueue(
  settings: QueueSettings,
  counters: Counters,
  deliveries: Iterable<Delivery>,
  limits: WindowLimits = windowLimits,
): QueueState {
  const state: QueueState = {
    limits,
    settings,
    now: 0,
    nextSequence: counters.nextSequence,
    total: counters.total,
    delayed: new DelayedCounts(counters.delayed),
    window: new Window(limits),
    deliveries: new Map(),
    inFlight: new Heap<TrackedDelivery>(
      (a, b) => a.visibleAt < b.visibleAt || (a.visibleAt === b.visibleAt && before(a, b)),
    ),
    returned: new Heap<TrackedDelivery>(before),
    unstored: new Fifo(),
    waiters: new Map(),
    deadlines: new Heap<Waiter>((a, b) => a.deadline < b.deadline || (a.deadline === b.deadline && a.id < b.id)),
    cursor: start,
    backlog: counters.total > 0 ? 'maybe' : 'none',
    nextAvailableAt: Number.POSITIVE_INFINITY,
    loading: 0,
    loads: 0,
    missedByLoad: { backlog: false, nextAvailableAt: Number.POSITIVE_INFINITY },
    deletedAhead: new Set(),
    expiring: false,
    timerAt: Number.POSITIVE_INFINITY,
    unsynced: [],
  };
  for (const delivery of deliveries) {
    const tracked = { ...delivery, heapIndex: -1, changedAt: undefined, isStored: true };
    state.deliveries.set(delivery.sequence, tracked);
    state.inFlight.push(tracked);
  }
  return state;
}

export const newCounters: Counters = { nextSequence: 1, total: 0, delayed: [] };

export function countersOf(state: QueueState): Counters {
  return { nextSequence: state.nextSequence, total: state.total, delayed: state.delayed.entries() };
}

/** AWS's three approximate numbers, here exact but for a delay's last second. */
export function depthOf(state: QueueState): { visible: number; inFlight: number; delayed: number } {
  const inFlight = state.inFlight.size;
  const delayed = state.delayed.total;
  return { visible: Math.max(0, state.total - inFlight - delayed), inFlight, delayed };
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
