import type { QueueState } from './state.ts';
import type { QueueEffect } from './types.ts';

/** Removes everything that is stored, in flight too. Waiting receives stay, positions go on behind the old ones. */
export function purge(state: QueueState, effects: QueueEffect[]): void {
  state.window.clear();
  state.deliveries.clear();
  state.inFlight.clear();
  state.returned.clear();
  state.unstored.clear();
  state.delayed.clear();
  state.deletedAhead.clear();
  state.total = 0;
  state.cursor = { availableAt: state.now, sequence: state.nextSequence - 1 };
  state.backlog = 'none';
  state.nextAvailableAt = Number.POSITIVE_INFINITY;
  state.loading = 0;
  effects.push({ kind: 'discard-all' });
}
