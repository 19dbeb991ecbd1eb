import { deleteDelivery, deleteWaiting } from './deliveries.ts';
import type { QueueState } from './state.ts';
import type { QueueEffect } from './types.ts';

/**
 * Drops what is older than the retention from the heads of the returned and the waiting messages, at most
 * `limits.expiriesPerStep` of them; `state.expiring` tells whether it stopped there and must go on in a later step. Every
 * receive looks here first, so an expired message is never given out; one in flight goes when it comes back.
 */
export function expireHeads(state: QueueState, effects: QueueEffect[]): void {
  state.expiring = false;
  const oldest = state.now - state.settings.retentionMs;
  for (let dropped = 0; dropped < state.limits.expiriesPerStep; dropped += 1) {
    const returned = state.returned.peek();
    const waiting = state.window.peek();
    if (returned !== undefined && returned.sentAt <= oldest) {
      deleteDelivery(state, returned, effects);
    } else if (waiting !== undefined && waiting.sentAt <= oldest) {
      state.window.shift();
      deleteWaiting(state, waiting, effects);
    } else {
      return;
    }
  }
  state.expiring = true;
}
