import type { QueueState, TrackedDelivery } from './state.ts';
import { before, type Delivery, type Position, type QueueEffect } from './types.ts';

/** Puts a delivery whose `visibleAt` changed where it belongs. */
export function placeDelivery(state: QueueState, delivery: TrackedDelivery): void {
  leaveHeap(state, delivery);
  if (delivery.visibleAt > state.now) state.inFlight.push(delivery);
  else state.returned.push(delivery);
}

/** Stores a delivery now: somebody is promised that it is. */
export function storeDelivery(delivery: TrackedDelivery, effects: QueueEffect[]): void {
  const { heapIndex: _, changedAt: __, isStored: ___, ...stored } = delivery;
  delivery.changedAt = undefined;
  delivery.isStored = true;
  effects.push({ kind: 'put-delivery', delivery: stored satisfies Delivery });
}

/** Lets a delivery be stored in time; see `storeDeliveryAfterMs`. */
export function storeDeliveryLater(state: QueueState, delivery: TrackedDelivery): void {
  if (delivery.changedAt !== undefined) return;
  delivery.changedAt = state.now;
  state.unstored.push(delivery);
}

/** Stores what was changed at `until` or before and is still there. */
export function storeDeliveries(state: QueueState, until: number, effects: QueueEffect[]): void {
  const { unstored } = state;
  for (let next = unstored.peek(); next !== undefined; next = unstored.peek()) {
    if (next.changedAt !== undefined && next.changedAt > until) return;
    unstored.shift();
    if (next.changedAt !== undefined) storeDelivery(next, effects);
  }
}

/** Deletes a message that has been received. */
export function deleteDelivery(state: QueueState, delivery: TrackedDelivery, effects: QueueEffect[]): void {
  leaveHeap(state, delivery);
  state.deliveries.delete(delivery.sequence);
  state.total -= 1;
  if (before(state.cursor, delivery)) state.deletedAhead.add(delivery.sequence);
  delivery.changedAt = undefined;
  effects.push({ kind: 'delete-message', position: delivery, delivered: delivery.isStored });
}

/** Deletes a message that has never been received as far as the state knows; the caller took it out of the window. */
export function deleteWaiting(state: QueueState, position: Position, effects: QueueEffect[]): void {
  state.total -= 1;
  state.delayed.remove(position.availableAt);
  effects.push({ kind: 'delete-message', position, delivered: false });
}

/** What the end of a visibility timeout does: the message may be received again. */
export function returnVisible(state: QueueState): void {
  for (let next = state.inFlight.peek(); next && next.visibleAt <= state.now; next = state.inFlight.peek()) {
    placeDelivery(state, next);
  }
}

function leaveHeap(state: QueueState, delivery: TrackedDelivery): void {
  if (state.inFlight.holds(delivery)) state.inFlight.remove(delivery);
  else if (state.returned.holds(delivery)) state.returned.remove(delivery);
}
