import type { DigestRing } from '#std/digestRing';
import type { Fifo } from '#std/fifo';
import type { Heap } from '#std/heap';
import { emptyMap } from '#std/sparseMap';
import { DelayedCounts } from './delayed.ts';
import { track } from './deliveries.ts';
import { Groups } from './groups.ts';
import type { Held } from './held.ts';
import {
  addLane,
  findLane,
  firstLane,
  isAheadOfCursor,
  isDeletedAhead,
  type Lane,
  laneOf,
  newLane,
  resetLanes,
} from './lanes.ts';
import { shareOf, type WindowLimits, windowLimits } from './limits.ts';
import { openRepeatable, type RepeatableReceive } from './repeat.ts';
import { mayRest, RestingDeliveries } from './resting.ts';
import type { Counters, Delivery, Moment, Position, QueueSettings } from './types.ts';
import type { Waiters } from './waiters.ts';

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
 * - a delivery `in-flight`: received, its visibility timeout not over; tracked, and in the heap `inFlight`, or `resting`;
 * - a delivery `returned`: received before and visible again; in its lane, or in its group on a FIFO queue;
 * - a delivery `leaving`: about to be moved to another queue;
 * - waiting, in memory: in its lane's window, or in its group;
 * - behind its lane's cursor, in the store only; there may be some while the lane's `backlog` is 'maybe', and some that
 *   become available at `nextAvailableAt`.
 *
 * Receives take what is returned before or along with what waits, so that what was received and came back never outgrows
 * the limit of messages in flight, and memory is bounded at any backlog.
 *
 * There may be a hundred thousand queues, of which most rest. So what is empty is not there, or is the same for all of
 * them, and what changes with every send is changed in place: new objects would live until the queue's next turn, long
 * enough to be moved among the old ones, where they are dear to collect.
 */
export interface QueueState {
  readonly limits: WindowLimits;
  /** As of the step, for the first lane, and for each of the others: see `Moment.isCrowded`. */
  firstLaneLimits: WindowLimits;
  groupLanesLimits: WindowLimits;
  readonly held: Held;
  settings: QueueSettings;
  /** Never goes back, whatever the clock does. */
  now: number;
  nextSequence: number;
  /** All messages: waiting, delayed and in flight. */
  total: number;
  /** Undefined while no message is delayed. */
  delayed: DelayedCounts | undefined;
  /** The first lane is always there, the others while they hold messages; a list, in the order in which they came to be. */
  firstLane: Lane;
  lastLane: Lane;
  /** The others by number. */
  groupLanes: ReadonlyMap<number, Lane>;
  /**
   * Somebody has asked for messages since the queue was opened. Until then none is kept in memory, sent or stored: of ten
   * thousand queues that a topic sends to, those that nobody reads take next to nothing.
   */
  isRead: boolean;
  /** How far fairness has come: see `lanes.ts`. */
  served: number;
  /** Of a FIFO queue, whose only lane has nothing in its window. */
  readonly groups: Groups | undefined;
  /** But for those at rest. */
  deliveries: ReadonlyMap<number, TrackedDelivery>;
  /** Undefined while none is in flight. */
  inFlight: Heap<TrackedDelivery> | undefined;
  /** Deliveries in flight that are stored as they are; undefined if there are none. */
  resting: RestingDeliveries | undefined;
  /** Those changed since they were stored, in order of `changedAt`; and some that have been dealt with. */
  unstored: Fifo<TrackedDelivery> | undefined;
  /** What FIFO queues accepted within the deduplication interval, by key: its sequence, time and message id. */
  deduplications: DigestRing | undefined;
  /** More keys are due to be forgotten than one step does. */
  forgetting: boolean;
  /** By the nonce that the client chose, in order of time. */
  repeatable: ReadonlyMap<number, RepeatableReceive>;
  /** Undefined while nobody waits. */
  waiters: Waiters | undefined;
  /** Counts page loads, so that an outdated one is known. */
  loads: number;
  /** A run of expired messages is being dropped over several steps; nothing is given out before its end. */
  expiring: boolean;
  /** The last messages that came to the heads, or into memory, had expired: there may be more of them. */
  behindExpired: boolean;
  /** Since when receives whose time is up wait for what lies behind expired messages; undefined if none does. */
  heldBackSince: number | undefined;
  timerAt: number;
  /** The batch of the last send, and the sequence number of its first message. */
  sentBatch: number;
  sentFirstSequence: number;
  /** The same of the batches before it that may not be synced yet, oldest first. */
  sentBefore: readonly SentBatch[];
}

interface SentBatch {
  readonly batch: number;
  readonly firstSequence: number;
}

const noBatches: readonly SentBatch[] = [];

/** Opens a queue from what is stored: its counters, deliveries and deduplications, never its backlog. */
export function openQueue(
  settings: QueueSettings,
  counters: Counters,
  deliveries: Iterable<Delivery>,
  deduplications?: DigestRing,
  limits: WindowLimits = windowLimits,
): QueueState {
  const first = newLane(firstLane, 0);
  const held: Held = { bytes: 0 };
  const state: QueueState = {
    limits,
    firstLaneLimits: limits,
    groupLanesLimits: shareOf(limits),
    held,
    settings,
    now: 0,
    nextSequence: counters.nextSequence,
    total: counters.total,
    delayed: counters.delayed.length === 0 ? undefined : new DelayedCounts(counters.delayed),
    firstLane: first,
    lastLane: first,
    groupLanes: emptyMap,
    isRead: false,
    served: 0,
    groups: settings.fifo ? new Groups(held) : undefined,
    deliveries: emptyMap,
    inFlight: undefined,
    resting: undefined,
    unstored: undefined,
    deduplications: deduplications?.size === 0 ? undefined : deduplications,
    forgetting: false,
    repeatable: emptyMap,
    waiters: undefined,
    loads: 0,
    expiring: false,
    behindExpired: false,
    heldBackSince: undefined,
    timerAt: Number.POSITIVE_INFINITY,
    sentBatch: 0,
    sentFirstSequence: 0,
    sentBefore: noBatches,
  };
  openLanes(state, counters);
  for (const delivery of deliveries) adopt(state, delivery);
  openRepeatable(state);
  return state;
}

/** With nothing in memory; what is stored is found by pages. */
function openLanes(state: QueueState, { total, lanes }: Counters): void {
  resetLanes(state, total - lanes.reduce((sum, [, count]) => sum + count, 0));
  for (const [lane, count] of lanes) addLane(state, lane, count);
}

/** What is in memory already stays there; only what comes is measured by the limits. */
export function noteCrowding(state: QueueState, isCrowded: boolean): void {
  const wanted = isCrowded ? shareOf(state.limits) : state.limits;
  if (state.firstLaneLimits === wanted) return;
  state.firstLaneLimits = wanted;
  state.groupLanesLimits = shareOf(wanted);
}

/** Whether messages are taken into memory. Those of a queue without retention are, to be dropped by the same step. */
export function looksAhead({ isRead, settings }: QueueState): boolean {
  return isRead || settings.retentionMs === 0;
}

/** A queue that nobody reads any more has nothing in memory. Not a FIFO queue: what it knows of its groups is dear. */
export function lookAway(state: QueueState): void {
  if (!state.isRead || state.groups !== undefined) return;
  if (state.deliveries.size > 0 || state.resting !== undefined || state.waiters !== undefined || isLoading(state))
    return;
  openLanes(state, countersOf(state));
  state.isRead = false;
}

/** A stored delivery counts as in flight until the first step looks at the time. */
function adopt(state: QueueState, delivery: Delivery): void {
  if (state.groups === undefined && mayRest(delivery)) {
    state.resting ??= new RestingDeliveries();
    state.resting.add(delivery);
  } else {
    track(state, delivery);
  }
  laneOf(state, delivery).inFlight += 1;
  state.groups?.hold(delivery.groupId);
}

/** How many messages are in flight. */
export function inFlightOf({ inFlight, resting }: QueueState): number {
  return (inFlight === undefined ? 0 : inFlight.size) + (resting === undefined ? 0 : resting.size);
}

export const newCounters: Counters = { nextSequence: 1, total: 0, delayed: [], lanes: [] };

export function countersOf(state: QueueState): Counters {
  const counters = { nextSequence: 0, total: 0, delayed: newCounters.delayed, lanes: newCounters.lanes };
  updateCounters(counters, state);
  return counters;
}

/** Brings them up to date in place. Every step that writes asks for it, and most queues have no delayed messages or groups. */
export function updateCounters(
  counters: { -readonly [Name in keyof Counters]: Counters[Name] },
  { nextSequence, total, delayed, groupLanes }: QueueState,
): void {
  counters.nextSequence = nextSequence;
  counters.total = total;
  counters.delayed = delayed === undefined ? newCounters.delayed : delayed.entries();
  counters.lanes = groupLanes.size === 0 ? newCounters.lanes : laneCounters(groupLanes.values());
}

function laneCounters(lanes: Iterable<Lane>): [lane: number, count: number][] {
  const counted: [number, number][] = [];
  for (const { number, total } of lanes) if (total > 0) counted.push([number, total]);
  return counted;
}

/** AWS's three approximate numbers, here exact but for a delay's last second. */
export function depthOf(state: QueueState): { visible: number; inFlight: number; delayed: number } {
  const inFlight = inFlightOf(state);
  const delayed = state.delayed === undefined ? 0 : state.delayed.total;
  return { visible: Math.max(0, state.total - inFlight - delayed), inFlight, delayed };
}

/** Whether some page is being read. */
export function isLoading(state: QueueState): boolean {
  for (let lane: Lane | undefined = state.firstLane; lane !== undefined; lane = lane.later) {
    if (lane.loading !== undefined) return true;
  }
  return false;
}

/** Waiting in memory and not deleted. */
export function isWaiting(state: QueueState, position: Position): boolean {
  return findLane(state, position.lane)?.window?.has(position) ?? false;
}

/** Whether pages have not come as far as this position yet: only the store knows what is there. */
export function isUnread(state: QueueState, position: Position): boolean {
  if (position.sequence >= state.nextSequence) return false;
  const lane = findLane(state, position.lane);
  return lane !== undefined && isAheadOfCursor(lane, position) && !isDeletedAhead(lane, position.sequence);
}

/** Notes in which batch the next messages will lie. */
export function noteBatch(state: QueueState, { batch, durableBatch }: Moment): void {
  if (state.sentBatch === batch) return;
  const { sentBatch, sentFirstSequence: firstSequence, sentBefore } = state;
  // Batches are synced in order: with the last one all before it are.
  if (sentBatch <= durableBatch) state.sentBefore = noBatches;
  else {
    const unsynced = sentBefore.filter((each) => each.batch > durableBatch);
    state.sentBefore = [...unsynced, { batch: sentBatch, firstSequence }];
  }
  state.sentBatch = batch;
  state.sentFirstSequence = state.nextSequence;
}

/** The batch that must be synced before this message may be shown; 0 if it is. */
export function batchOf(state: QueueState, sequence: number, { durableBatch }: Moment): number {
  const { sentBatch, sentFirstSequence, sentBefore } = state;
  if (sentFirstSequence <= sequence) return sentBatch > durableBatch ? sentBatch : 0;
  for (let index = sentBefore.length - 1; index >= 0; index -= 1) {
    const { batch, firstSequence } = sentBefore[index] as SentBatch;
    if (firstSequence <= sequence) return batch > durableBatch ? batch : 0;
  }
  return 0;
}
