import { deduplicationMs } from './limits.ts';
import type { QueueState } from './state.ts';
import type { QueueEffect } from './types.ts';

/** Forgets deduplication keys whose interval is over, at most so many; `state.forgetting` tells whether more are due. */
export function forgetDeduplications(state: QueueState, atMost: number, effects: QueueEffect[]): void {
  state.forgetting = false;
  const { deduplications } = state;
  if (deduplications === undefined) return;
  for (let forgotten = 0; ; forgotten += 1) {
    const oldest = deduplications.peek();
    if (oldest === undefined) state.deduplications = undefined;
    if (oldest === undefined || oldest.time + deduplicationMs > state.now) return;
    if (forgotten === atMost) {
      state.forgetting = true;
      return;
    }
    deduplications.shift();
    effects.push({ kind: 'delete-deduplication', sequence: oldest.value });
  }
}
