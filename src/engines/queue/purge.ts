import { emptyMap } from '#std/sparseMap';
import { moveCursor, resetLanes } from './lanes.ts';
import type { QueueState } from './state.ts';
import type { QueueEffect } from './types.ts';

/** Removes everything that is stored, in flight too. Waiting receives stay, positions go on behind the old ones. */
export function purge(state: QueueState, effects: QueueEffect[]): void {
  resetLanes(state, 0);
  moveCursor(state.firstLane, {
    availableAt: state.groups === undefined ? state.now : 0,
    sequence: state.nextSequence - 1,
  });
  state.groups?.clear();
  state.deliveries = emptyMap;
  state.inFlight = undefined;
  state.resting = undefined;
  state.unstored = undefined;
  state.delayed = undefined;
  state.deduplications = undefined;
  state.repeatable = emptyMap;
  state.total = 0;
  effects.push({ kind: 'discard-all' });
}
