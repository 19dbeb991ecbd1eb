/** Which message a receive takes next. */
import { availableAtOf, newDelivery } from './deliveries.ts';
import { expireHeads } from './expire.ts';
import { type Group, headOf, isDelivery } from './groups.ts';
import { nextLane, noteServed, removeReturned, shiftWaiting } from './lanes.ts';
import type { QueueState, TrackedDelivery } from './state.ts';
import { before, type QueueEffect, type StoredMessage } from './types.ts';
import type { Waiting } from './window.ts';

export interface Taken {
  readonly delivery: TrackedDelivery;
  /** Absent if its bytes are not in memory. */
  readonly message: StoredMessage | undefined;
}

/** What one receive is taking: on a FIFO queue it goes on with a group that it has begun. */
export interface Taking {
  group: Group | undefined;
}

/** The message is in no place then; the caller puts it into one. */
export function takeNext(state: QueueState, taking: Taking, effects: QueueEffect[]): Taken | undefined {
  if (!state.expiring) expireHeads(state, effects);
  if (state.expiring) return undefined;
  const taken = state.groups === undefined ? takeOfLanes(state) : takeOfGroups(state, taking);
  if (taken === undefined) return undefined;
  if (isDelivery(taken)) return { delivery: taken, message: undefined };
  return { delivery: newDelivery(state, taken), message: taken.payload === undefined ? undefined : taken };
}

/** The lowest position of the lane whose turn it is, returned or waiting. */
function takeOfLanes(state: QueueState): Waiting | TrackedDelivery | undefined {
  const lane = nextLane(state);
  if (lane === undefined) return undefined;
  noteServed(state, lane);
  const returned = lane.returned?.peek();
  const waiting = lane.window?.peek();
  if (returned === undefined || (waiting !== undefined && before(waiting, returned))) return shiftWaiting(lane);
  removeReturned(lane, returned);
  returned.place = 'taken';
  return returned;
}

/** The next one of the group that was begun, or the first of the group whose turn it is. */
function takeOfGroups(state: QueueState, taking: Taking): Waiting | TrackedDelivery | undefined {
  const { groups } = state;
  if (groups === undefined) return undefined;
  const group = canGoOn(state, taking.group) ? taking.group : groups.next();
  if (group === undefined) return undefined;
  const head = headOf(group);
  if (!isDelivery(head) && availableAtOf(state, head) > state.now) return undefined;
  taking.group = group;
  const taken = groups.take(group);
  if (isDelivery(taken)) taken.place = 'taken';
  return taken;
}

/** It leaves instead of being received once more. */
export function isDeadLetter({ settings }: QueueState, { receiveCount, isToBeGivenOut }: TrackedDelivery): boolean {
  return settings.deadLetter !== undefined && !isToBeGivenOut && receiveCount >= settings.deadLetter.maxReceiveCount;
}

/**
 * One that expired while its group was blocked is dropped when the group is ready again. A dead letter leaves when what
 * was taken before it is gone: it could come to lie before that in the dead-letter queue.
 */
function canGoOn(state: QueueState, group: Group | undefined): boolean {
  if (group === undefined || (group.returned.length === 0 && group.waiting.size === 0)) return false;
  const head = headOf(group);
  if (head.sentAt <= state.now - state.settings.retentionMs) return false;
  if (isDelivery(head)) return !isDeadLetter(state, head);
  return availableAtOf(state, head) <= state.now;
}
