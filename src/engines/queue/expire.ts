import { deleteDelivery, deleteWaiting } from './deliveries.ts';
import { headOf, isDelivery } from './groups.ts';
import { type Lane, shiftWaiting } from './lanes.ts';
import type { QueueState, TrackedDelivery } from './state.ts';
import type { QueueEffect } from './types.ts';
import type { Waiting } from './window.ts';

/**
 * Drops what is older than the retention from the heads of what is returned and what waits, at most
 * `limits.expiriesPerStep` of it; `state.expiring` tells whether it stopped there and must go on in a later step. Every
 * receive looks here first, so an expired message is never given out; one in flight goes when it comes back.
 */
export function expireHeads(state: QueueState, effects: QueueEffect[]): void {
  state.expiring = false;
  for (let dropped = 0; dropped < state.limits.expiriesPerStep; dropped += 1) {
    const taken = takeExpired(state, state.now - state.settings.retentionMs);
    if (taken === undefined) return;
    state.behindExpired = true;
    if (isDelivery(taken)) deleteDelivery(state, taken, effects);
    else deleteWaiting(state, taken, effects);
  }
  state.expiring = true;
}

function takeExpired(state: QueueState, oldest: number): Waiting | TrackedDelivery | undefined {
  if (state.groups !== undefined) return takeExpiredOfGroups(state, oldest);
  for (let lane: Lane | undefined = state.firstLane; lane !== undefined; lane = lane.later) {
    const delivery = lane.returned?.peek();
    if (delivery !== undefined && delivery.sentAt <= oldest) return delivery;
    const waiting = lane.window?.peek();
    if (waiting !== undefined && waiting.sentAt <= oldest) return shiftWaiting(lane);
  }
  return undefined;
}

/** The first group that is not blocked has the oldest message of all such groups: ages follow the sequence. */
function takeExpiredOfGroups({ groups }: QueueState, oldest: number): Waiting | TrackedDelivery | undefined {
  const group = groups?.next();
  if (groups === undefined || group === undefined) return undefined;
  const head = headOf(group);
  if (head.sentAt > oldest) return undefined;
  // A delivery is taken out of its group by whoever deletes it.
  if (isDelivery(head)) return head;
  groups.take(group);
  groups.release(group.id);
  return head;
}
