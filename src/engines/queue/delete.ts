import { deleteDelivery, deleteWaiting } from './deliveries.ts';
import type { QueueState } from './state.ts';
import { before, type DeleteOutcome, type QueueEffect, type Receipt } from './types.ts';

type DeleteReceipt = Receipt & { readonly stored?: boolean };

export function deleteMessages(
  state: QueueState,
  receipts: readonly DeleteReceipt[],
  effects: QueueEffect[],
): DeleteOutcome[] {
  return receipts.map((receipt) => deleteMessage(state, receipt, effects));
}

/**
 * A receipt deletes while it is of the newest receive, its timeout over or not. A receive on a standard queue is
 * answered before its state is synced, so after a crash a receipt may be newer than anything known of its message: it
 * still deletes.
 */
function deleteMessage(state: QueueState, receipt: DeleteReceipt, effects: QueueEffect[]): DeleteOutcome {
  const delivery = state.deliveries.get(receipt.sequence);
  if (delivery !== undefined) {
    const newest =
      receipt.attempt > delivery.attempt || (receipt.attempt === delivery.attempt && receipt.nonce === delivery.nonce);
    if (!newest) return 'stale';
    deleteDelivery(state, delivery, effects);
    return 'deleted';
  }
  if (state.window.remove(receipt)) {
    deleteWaiting(state, receipt, effects);
    return 'deleted';
  }
  // Ahead of the cursor is what has not been read since the start: only the store knows what is there.
  const unread = before(state.cursor, receipt) && !state.deletedAhead.has(receipt.sequence);
  if (!unread || receipt.sequence >= state.nextSequence) return 'gone';
  if (receipt.stored === undefined) return 'look-up';
  if (!receipt.stored) return 'gone';
  deleteWaiting(state, receipt, effects);
  state.deletedAhead.add(receipt.sequence);
  return 'deleted';
}
