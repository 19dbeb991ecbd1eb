/**
 * Fair queues. The messages of a standard queue lie in lanes: those without a group in the first, those with one in one
 * of two others, which the group's name determines. A message takes the emptier of the two, so it comes to lie behind a
 * noisy group's backlog only if both of its lanes are that group's: once in 8,128 groups. Receives serve the lanes in
 * turn, but those of noisy groups, as AWS defines them, only when no other has a message.
 *
 * Nothing is kept of a group itself, so that a million of them cost no more than one.
 */
import { Heap } from '#std/heap';
import { emptyMap, withEntry, withoutEntry } from '#std/sparseMap';
import { noisyGroup, type WindowLimits } from './limits.ts';
import { inFlightOf, type QueueState, type TrackedDelivery } from './state.ts';
import { before, type Position, type StoredMessage } from './types.ts';
import type { Waiting, Window } from './window.ts';

export interface Lane {
  readonly number: number;
  /** Undefined while nothing waits in memory. */
  window: Window | undefined;
  /** Undefined while nothing was returned. */
  returned: Heap<TrackedDelivery> | undefined;
  /** All its messages: waiting, delayed and in flight. */
  total: number;
  inFlight: number;
  /** Grows with each message that is taken from it; the lane with the lowest is next. */
  served: number;
  /** The cursor: the last position that was taken into memory. */
  cursorAvailableAt: number;
  cursorSequence: number;
  backlog: 'none' | 'maybe';
  nextAvailableAt: number;
  /** Undefined unless a page is being read. */
  loading: PageLoad | undefined;
  /** Sequence numbers deleted ahead of the cursor, before any page brought them: a page that is under way may still. */
  deletedAhead: Set<number> | undefined;
  /** The ones before and behind it, in the order in which the queue's lanes came to be: the first has none before it. */
  earlier: Lane | undefined;
  later: Lane | undefined;
}

/** A page on its way. What is sent meanwhile it may not contain, and so is noted here. */
export interface PageLoad {
  /** Tells it from others that were asked for. */
  readonly number: number;
  /** They follow if the page turns out to be the last; undefined: more than the window has room for, or than it keeps bytes of. */
  sent: StoredMessage[] | undefined;
  sentBytes: number;
  /** When the first of those that are delayed becomes available. */
  delayedUntil: number;
}

export const firstLane = 0;
/** Besides the first. A lane's number is one byte in receipt handles and in the store. */
export const groupLanes = 128;

/** `total`: how many messages it has in the store. */
export function newLane(number: number, total: number): Lane {
  return {
    number,
    window: undefined,
    returned: undefined,
    total,
    inFlight: 0,
    served: 0,
    cursorAvailableAt: 0,
    cursorSequence: 0,
    backlog: total > 0 ? 'maybe' : 'none',
    nextAvailableAt: Number.POSITIVE_INFINITY,
    loading: undefined,
    deletedAhead: undefined,
    earlier: undefined,
    later: undefined,
  };
}

/** What is kept in memory of the lane, and read at a time. */
export function limitsOf({ firstLaneLimits, groupLanesLimits }: QueueState, { number }: Lane): WindowLimits {
  return number === firstLane ? firstLaneLimits : groupLanesLimits;
}

/** Takes all lanes away but the first, which is a new one with so many messages in the store. */
export function resetLanes(state: QueueState, total: number): void {
  for (let lane: Lane | undefined = state.firstLane; lane !== undefined; lane = lane.later) lane.window?.clear();
  state.firstLane = newLane(firstLane, total);
  state.firstLane.served = state.served;
  state.lastLane = state.firstLane;
  state.groupLanes = emptyMap;
}

/** Adds one behind the others. */
export function addLane(state: QueueState, number: number, total: number): Lane {
  const lane = newLane(number, total);
  lane.served = state.served;
  lane.earlier = state.lastLane;
  state.lastLane.later = lane;
  state.lastLane = lane;
  state.groupLanes = withEntry(state.groupLanes, number, lane);
  return lane;
}

export function findLane(state: QueueState, number: number): Lane | undefined {
  return number === firstLane ? state.firstLane : state.groupLanes.get(number);
}

/** The lane that a position names. */
export function laneOf(state: QueueState, { lane }: { readonly lane: number }): Lane {
  return findLane(state, lane) ?? addLane(state, lane, 0);
}

/** Where a new message of that group goes. */
export function laneForGroup(state: QueueState, groupId: string): Lane {
  if (groupId === '' || state.groups !== undefined) return laneOf(state, { lane: firstLane });
  const hash = hashOf(groupId);
  const one = hash % groupLanes;
  // Some other one, at a distance of 1 to 127.
  const other = (one + 1 + ((hash >>> 16) % (groupLanes - 1))) % groupLanes;
  const first = state.groupLanes.get(one + 1);
  const second = state.groupLanes.get(other + 1);
  const takesFirst = (first?.total ?? 0) <= (second?.total ?? 0);
  return laneOf(state, { lane: 1 + (takesFirst ? one : other) });
}

export function leaveLane(state: QueueState, position: Position): void {
  const lane = laneOf(state, position);
  lane.total -= 1;
  forgetIfEmpty(state, lane);
}

/** An empty lane is as good as a new one, unless a page of it is being read. */
export function forgetIfEmpty(state: QueueState, lane: Lane): void {
  if (lane.total !== 0 || lane.earlier === undefined || lane.loading !== undefined) return;
  lane.earlier.later = lane.later;
  if (lane.later === undefined) state.lastLane = lane.earlier;
  else lane.later.earlier = lane.earlier;
  state.groupLanes = withoutEntry(state.groupLanes, lane.number);
}

/** Whether pages have not come as far as this position. */
export function isAheadOfCursor({ cursorAvailableAt, cursorSequence }: Lane, position: Position): boolean {
  const { availableAt, sequence } = position;
  return availableAt > cursorAvailableAt || (availableAt === cursorAvailableAt && sequence > cursorSequence);
}

export function moveCursor(lane: Lane, { availableAt, sequence }: Omit<Position, 'lane'>): void {
  lane.cursorAvailableAt = availableAt;
  lane.cursorSequence = sequence;
}

export function isDeletedAhead({ deletedAhead }: Lane, sequence: number): boolean {
  return deletedAhead?.has(sequence) ?? false;
}

export function noteDeletedAhead(lane: Lane, sequence: number): void {
  lane.deletedAhead ??= new Set();
  lane.deletedAhead.add(sequence);
}

/** The first message that waits in memory. */
export function shiftWaiting(lane: Lane): Waiting | undefined {
  const waiting = lane.window?.shift();
  if (lane.window?.size === 0) lane.window = undefined;
  return waiting;
}

/** Takes a message that waits in memory out of the middle; false if it isn't there. */
export function removeWaiting(lane: Lane, position: Position): boolean {
  const isThere = lane.window?.remove(position) ?? false;
  if (lane.window?.size === 0) lane.window = undefined;
  return isThere;
}

export function addReturned(lane: Lane, delivery: TrackedDelivery): void {
  lane.returned ??= new Heap<TrackedDelivery>(before);
  lane.returned.push(delivery);
}

export function removeReturned(lane: Lane, delivery: TrackedDelivery): void {
  lane.returned?.remove(delivery);
  if (lane.returned?.size === 0) lane.returned = undefined;
}

/** The lane whose turn it is, of those that have a message in memory to give. */
export function nextLane(state: QueueState): Lane | undefined {
  let next: Lane | undefined;
  let nextNoise = 0;
  for (let lane: Lane | undefined = state.firstLane; lane !== undefined; lane = lane.later) {
    if (lane.returned === undefined && lane.window === undefined) continue;
    const noise = noiseOf(state, lane);
    if (next === undefined || noise < nextNoise || (noise === nextNoise && lane.served < next.served)) {
      next = lane;
      nextNoise = noise;
    }
  }
  return next;
}

/** A lane that could give nothing for a while does not make up for it at the others' expense. */
export function noteServed(state: QueueState, lane: Lane): void {
  const start = Math.max(lane.served, state.served);
  lane.served = start + 1;
  state.served = start;
}

/** 0 for quiet lanes. Messages without a group have nobody in common who could be noisy. */
function noiseOf(state: QueueState, { number, inFlight }: Lane): number {
  if (number === firstLane || inFlight < noisyGroup.inFlight) return 0;
  return inFlight > inFlightOf(state) * noisyGroup.shareOfInFlight ? inFlight : 0;
}

/** FNV-1a with a final mix, so that both halves depend on all of the name. */
function hashOf(groupId: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < groupId.length; index += 1) {
    hash = Math.imul(hash ^ groupId.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return (hash ^ (hash >>> 15)) >>> 0;
}
