/**
 * Fair queues. The messages of a standard queue lie in lanes: those without a group in the first, those with one in one
 * of two others, which the group's name determines. A message takes the emptier of the two, so it comes to lie behind a
 * noisy group's backlog only if both of its lanes are that group's: once in 8,128 groups. Receives serve the lanes in
 * turn, but those of noisy groups, as AWS defines them, only when no other has a message.
 *
 * Nothing is kept of a group itself, so that a million of them cost no more than one.
 */
import { Heap } from '#std/heap';
import { laneLimits, noisyGroup } from './limits.ts';
import type { QueueState, TrackedDelivery } from './state.ts';
import { before, type Position } from './types.ts';
import { Window } from './window.ts';

export interface Lane {
  readonly number: number;
  readonly limits: { readonly pageMessages: number; readonly pageBytes: number; readonly pageAhead: number };
  readonly window: Window;
  readonly returned: Heap<TrackedDelivery>;
  /** All its messages: waiting, delayed and in flight. */
  total: number;
  inFlight: number;
  /** Grows with each message that is taken from it; the lane with the lowest is next. */
  served: number;
  /** The last position that was taken into memory. */
  cursor: Position;
  backlog: 'none' | 'maybe';
  nextAvailableAt: number;
  /** The number of the page load that is under way, 0 if none. */
  loading: number;
  /** What was stored behind the window while the page was being read, which the page may not contain. */
  missedByLoad: { backlog: boolean; nextAvailableAt: number };
  /** Sequence numbers deleted ahead of the cursor, before any page brought them: a page that is under way may still. */
  readonly deletedAhead: Set<number>;
}

export const firstLane = 0;
/** Besides the first. A lane's number is one byte in receipt handles and in the store. */
export const groupLanes = 128;

/** `total`: how many messages it has in the store. */
export function addLane(state: QueueState, number: number, total: number): Lane {
  const limits = number === firstLane ? state.limits : laneLimits(state.limits);
  const lane: Lane = {
    number,
    limits,
    window: new Window(limits),
    returned: new Heap<TrackedDelivery>(before),
    total,
    inFlight: 0,
    served: state.served,
    cursor: { lane: number, availableAt: 0, sequence: 0 },
    backlog: total > 0 ? 'maybe' : 'none',
    nextAvailableAt: Number.POSITIVE_INFINITY,
    loading: 0,
    missedByLoad: { backlog: false, nextAvailableAt: Number.POSITIVE_INFINITY },
    deletedAhead: new Set(),
  };
  state.lanes.set(number, lane);
  return lane;
}

/** The lane that a position names. */
export function laneOf(state: QueueState, { lane }: { readonly lane: number }): Lane {
  return state.lanes.get(lane) ?? addLane(state, lane, 0);
}

/** Where a new message of that group goes. */
export function laneForGroup(state: QueueState, groupId: string): Lane {
  if (groupId === '' || state.groups !== undefined) return laneOf(state, { lane: firstLane });
  const hash = hashOf(groupId);
  const one = hash % groupLanes;
  // Some other one, at a distance of 1 to 127.
  const other = (one + 1 + ((hash >>> 16) % (groupLanes - 1))) % groupLanes;
  const first = state.lanes.get(one + 1);
  const second = state.lanes.get(other + 1);
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
  if (lane.total === 0 && lane.number !== firstLane && lane.loading === 0) state.lanes.delete(lane.number);
}

/** The lane whose turn it is, of those that have a message in memory to give. */
export function nextLane(state: QueueState): Lane | undefined {
  let next: Lane | undefined;
  let nextNoise = 0;
  for (const lane of state.lanes.values()) {
    if (lane.returned.size === 0 && lane.window.size === 0) continue;
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
  return inFlight > state.inFlight.size * noisyGroup.shareOfInFlight ? inFlight : 0;
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
