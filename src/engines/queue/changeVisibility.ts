import { placeDelivery, storeDelivery } from './deliveries.ts';
import { longestVisibilityMs } from './limits.ts';
import type { QueueState } from './state.ts';
import { before, type QueueEffect, type Receipt, type VisibilityOutcome } from './types.ts';

type VisibilityReceipt = Receipt & { readonly timeoutMs: number };

export function changeVisibility(
  state: QueueState,
  receipts: readonly VisibilityReceipt[],
  effects: QueueEffect[],
): VisibilityOutcome[] {
  return receipts.map((receipt) => changeOne(state, receipt, effects));
}

function changeOne(state: QueueState, receipt: VisibilityReceipt, effects: QueueEffect[]): VisibilityOutcome {
  const delivery = state.deliveries.get(receipt.sequence);
  if (delivery === undefined) {
    // Waiting, then: the receive was lost in a crash.
    const waiting = state.window.has(receipt) || before(state.cursor, receipt);
    return waiting ? 'not-in-flight' : 'gone';
  }
  // An older receipt, and one whose timeout has ended, change it as well: recorded at AWS, on standard queues.
  const visibleAt = state.now + receipt.timeoutMs;
  if (visibleAt > delivery.receivedAt + longestVisibilityMs) return 'beyond-limit';
  delivery.visibleAt = visibleAt;
  placeDelivery(state, delivery);
  storeDelivery(delivery, effects);
  return 'changed';
}
