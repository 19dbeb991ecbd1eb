import { Fifo } from '#std/fifo';
import { Heap } from '#std/heap';
import { withEntry, withoutEntry } from '#std/sparseMap';
import { forgetDelayed } from './delayed.ts';
import { addReturned, isAheadOfCursor, laneOf, leaveLane, noteDeletedAhead, removeReturned } from './lanes.ts';
import { mayRest, RestingDeliveries } from './resting.ts';
import type { QueueState, TrackedDelivery } from './state.ts';
import type { Delivery, Position, QueueEffect } from './types.ts';
import type { Waiting } from './window.ts';

/** A message that was never received, on its way to be. */
export function newDelivery(state: QueueState, waiting: Waiting): TrackedDelivery {
  const { lane, availableAt, sequence, sentAt, groupId } = waiting;
  // Written out: this is done for every message that is received.
  const delivery: TrackedDelivery = {
    lane,
    availableAt,
    sequence,
    sentAt,
    groupId,
    visibleAt: 0,
    receiveCount: 0,
    attempt: 0,
    firstReceivedAt: 0,
    receivedAt: 0,
    nonce: 0,
    receivedTogether: 0,
    place: 'taken',
    heapIndex: -1,
    changedAt: undefined,
    isStored: false,
    isToBeGivenOut: false,
  };
  state.deliveries = withEntry(state.deliveries, sequence, delivery);
  return delivery;
}

/** The delivery of a message that has been received; one at rest is tracked from now on. */
export function findDelivery(state: QueueState, sequence: number): TrackedDelivery | undefined {
  const tracked = state.deliveries.get(sequence);
  if (tracked !== undefined || state.resting === undefined) return tracked;
  const resting = state.resting.take(sequence);
  if (state.resting.size === 0) state.resting = undefined;
  return resting && track(state, resting);
}

/** Whether a message has been received, and not deleted. */
export function isDelivered(state: QueueState, sequence: number): boolean {
  return state.deliveries.has(sequence) || (state.resting?.has(sequence) ?? false);
}

/** Of one that is in flight, and stored as it is. */
export function track(state: QueueState, delivery: Delivery): TrackedDelivery {
  const tracked: TrackedDelivery = {
    ...delivery,
    place: 'in-flight',
    heapIndex: -1,
    changedAt: undefined,
    isStored: true,
    isToBeGivenOut: false,
  };
  state.deliveries = withEntry(state.deliveries, delivery.sequence, tracked);
  pushInFlight(state, tracked);
  return tracked;
}

/** What was stored just now is as a rule not touched for a while. */
export function letRest(state: QueueState, delivery: TrackedDelivery): void {
  if (delivery.place !== 'in-flight' || state.groups !== undefined || !mayRest(delivery)) return;
  dropInFlight(state, delivery);
  state.deliveries = withoutEntry(state.deliveries, delivery.sequence);
  state.resting ??= new RestingDeliveries();
  state.resting.add(delivery);
}

function pushInFlight(state: QueueState, delivery: TrackedDelivery): void {
  state.inFlight ??= new Heap(isVisibleBefore);
  state.inFlight.push(delivery);
}

function dropInFlight(state: QueueState, delivery: TrackedDelivery): void {
  state.inFlight?.remove(delivery);
  if (state.inFlight?.size === 0) state.inFlight = undefined;
}

function addInFlight(state: QueueState, delivery: TrackedDelivery): void {
  pushInFlight(state, delivery);
  laneOf(state, delivery).inFlight += 1;
}

function removeInFlight(state: QueueState, delivery: TrackedDelivery): void {
  dropInFlight(state, delivery);
  laneOf(state, delivery).inFlight -= 1;
}

function isVisibleBefore(a: TrackedDelivery, b: TrackedDelivery): boolean {
  return a.visibleAt < b.visibleAt || (a.visibleAt === b.visibleAt && a.sequence < b.sequence);
}

/** Takes a delivery out of its place, to put it into another. */
export function pickUp(state: QueueState, delivery: TrackedDelivery): void {
  if (delivery.place === 'in-flight') {
    removeInFlight(state, delivery);
  } else if (delivery.place === 'returned') {
    if (state.groups === undefined) removeReturned(laneOf(state, delivery), delivery);
    else state.groups.takeBack(delivery);
  }
  delivery.place = 'taken';
}

/** Puts a delivery where its `visibleAt` says that it belongs. */
export function placeDelivery(state: QueueState, delivery: TrackedDelivery): void {
  pickUp(state, delivery);
  if (delivery.visibleAt > state.now) {
    delivery.place = 'in-flight';
    addInFlight(state, delivery);
  } else {
    delivery.place = 'returned';
    if (state.groups === undefined) addReturned(laneOf(state, delivery), delivery);
    else state.groups.giveBack(delivery);
  }
}

/** Stores a delivery now: somebody is promised that it is. */
export function storeDelivery(delivery: TrackedDelivery, effects: QueueEffect[]): void {
  const { lane, availableAt, sequence, sentAt, groupId, visibleAt, receiveCount, attempt } = delivery;
  const { firstReceivedAt, receivedAt, nonce, receivedTogether } = delivery;
  delivery.changedAt = undefined;
  delivery.isStored = true;
  effects.push({
    kind: 'put-delivery',
    delivery: {
      lane,
      availableAt,
      sequence,
      sentAt,
      groupId,
      visibleAt,
      receiveCount,
      attempt,
      firstReceivedAt,
      receivedAt,
      nonce,
      receivedTogether,
    },
  });
}

/** Lets a delivery be stored in time; see `storeDeliveryAfterMs`. */
export function storeDeliveryLater(state: QueueState, delivery: TrackedDelivery): void {
  if (delivery.changedAt !== undefined) return;
  delivery.changedAt = state.now;
  state.unstored ??= new Fifo();
  state.unstored.push(delivery);
}

/** Stores what was changed at `until` or before and is still there. */
export function storeDeliveries(state: QueueState, until: number, effects: QueueEffect[]): void {
  const { unstored } = state;
  if (unstored === undefined) return;
  for (let next = unstored.peek(); next !== undefined; next = unstored.peek()) {
    if (next.changedAt !== undefined && next.changedAt > until) return;
    unstored.shift();
    if (next.changedAt === undefined) continue;
    storeDelivery(next, effects);
    letRest(state, next);
  }
  state.unstored = undefined;
}

/** Deletes a message that has been received. */
export function deleteDelivery(state: QueueState, delivery: TrackedDelivery, effects: QueueEffect[]): void {
  pickUp(state, delivery);
  state.groups?.release(delivery.groupId);
  state.deliveries = withoutEntry(state.deliveries, delivery.sequence);
  // Nothing is left to be stored, and nobody needs to be woken for it: most messages are deleted within the second.
  if (state.deliveries.size === 0) state.unstored = undefined;
  state.total -= 1;
  const lane = laneOf(state, delivery);
  if (isAheadOfCursor(lane, delivery)) noteDeletedAhead(lane, delivery.sequence);
  leaveLane(state, delivery);
  delivery.changedAt = undefined;
  effects.push({ kind: 'delete-message', position: delivery, delivered: delivery.isStored });
}

/** Deletes a message that has never been received as far as the state knows; the caller took it out of memory. */
export function deleteWaiting(
  state: QueueState,
  position: Position & { readonly sentAt?: number },
  effects: QueueEffect[],
): void {
  state.total -= 1;
  leaveLane(state, position);
  forgetDelayed(state, availableAtOf(state, position));
  effects.push({ kind: 'delete-message', position, delivered: false });
}

/** When a waiting message may be received first. */
export function availableAtOf(state: QueueState, message: Position & { readonly sentAt?: number }): number {
  return state.groups === undefined ? message.availableAt : (message.sentAt ?? 0) + state.settings.delayMs;
}

/** When the first message in flight may be received again; Infinity if none is in flight. */
export function nextVisibleAt({ inFlight, resting }: QueueState): number {
  const never = Number.POSITIVE_INFINITY;
  return Math.min(inFlight?.peek()?.visibleAt ?? never, resting?.peek()?.visibleAt ?? never);
}

/** What the end of a visibility timeout does: the message may be received again. */
export function returnVisible(state: QueueState): void {
  for (let next = state.resting?.peek(); next && next.visibleAt <= state.now; next = state.resting?.peek()) {
    findDelivery(state, next.sequence);
  }
  for (let next = state.inFlight?.peek(); next && next.visibleAt <= state.now; next = state.inFlight?.peek()) {
    placeDelivery(state, next);
  }
}
