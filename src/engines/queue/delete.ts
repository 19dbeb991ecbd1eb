import { deleteDelivery, deleteWaiting, findDelivery } from './deliveries.ts';
import { findLane, laneOf, noteDeletedAhead, removeWaiting } from './lanes.ts';
import { isUnread, type QueueState, type TrackedDelivery } from './state.ts';
import type { DeleteOutcome, QueueEffect, Receipt } from './types.ts';

type DeleteReceipt = Receipt & { readonly stored?: boolean };

export function deleteMessages(
  state: QueueState,
  receipts: readonly DeleteReceipt[],
  effects: QueueEffect[],
): DeleteOutcome[] {
  return receipts.map((receipt) => deleteMessage(state, receipt, effects));
}

/**
 * On a standard queue a receipt deletes while it is of the newest receive, its timeout over or not. A receive there is
 * answered before its state is synced, so after a crash a receipt may be newer than anything known of its message: it
 * still deletes. On a FIFO queue it deletes until its timeout is over.
 */
function deleteMessage(state: QueueState, receipt: DeleteReceipt, effects: QueueEffect[]): DeleteOutcome {
  const delivery = findDelivery(state, receipt.sequence);
  if (delivery !== undefined) {
    const isExpired = state.groups !== undefined && delivery.visibleAt <= state.now;
    if (isExpired || !isNewest(receipt, delivery)) return state.groups === undefined ? 'stale' : 'expired';
    deleteDelivery(state, delivery, effects);
    return 'deleted';
  }
  const lane = findLane(state, receipt.lane);
  if (lane !== undefined && removeWaiting(lane, receipt)) {
    deleteWaiting(state, receipt, effects);
    return 'deleted';
  }
  if (!isUnread(state, receipt)) return 'gone';
  if (receipt.stored === undefined) return 'look-up';
  if (!receipt.stored) return 'gone';
  noteDeletedAhead(laneOf(state, receipt), receipt.sequence);
  deleteWaiting(state, receipt, effects);
  return 'deleted';
}

/** Whether no receive of the message came after the receipt's. */
export function isNewest(receipt: Receipt, delivery: TrackedDelivery): boolean {
  return (
    receipt.attempt > delivery.attempt || (receipt.attempt === delivery.attempt && receipt.nonce === delivery.nonce)
  );
}
