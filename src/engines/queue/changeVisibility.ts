import { isNewest } from './delete.ts';
import { findDelivery, letRest, placeDelivery, storeDelivery } from './deliveries.ts';
import { longestVisibilityMs } from './limits.ts';
import { isUnread, isWaiting, type QueueState } from './state.ts';
import type { QueueEffect, Receipt, VisibilityOutcome } from './types.ts';

type VisibilityReceipt = Receipt & { readonly timeoutMs: number };

export function changeVisibility(
  state: QueueState,
  receipts: readonly VisibilityReceipt[],
  effects: QueueEffect[],
): VisibilityOutcome[] {
  return receipts.map((receipt) => changeOne(state, receipt, effects));
}

function changeOne(state: QueueState, receipt: VisibilityReceipt, effects: QueueEffect[]): VisibilityOutcome {
  const delivery = findDelivery(state, receipt.sequence);
  if (delivery === undefined) {
    // Waiting, then: the receive was lost in a crash.
    return isWaiting(state, receipt) || isUnread(state, receipt) ? 'not-in-flight' : 'gone';
  }
  // On standard queues an older receipt, and one whose timeout has ended, change it as well: recorded at AWS.
  if (state.groups !== undefined) {
    if (!isNewest(receipt, delivery)) return 'expired';
    if (delivery.visibleAt <= state.now) return 'not-in-flight';
  }
  const visibleAt = state.now + receipt.timeoutMs;
  if (visibleAt > delivery.receivedAt + longestVisibilityMs) return 'beyond-limit';
  delivery.visibleAt = visibleAt;
  delivery.receivedTogether = 0;
  placeDelivery(state, delivery);
  storeDelivery(delivery, effects);
  letRest(state, delivery);
  return 'changed';
}
