import { addLane, firstLane, laneOf } from './lanes.ts';
import type { QueueState } from './state.ts';
import type { QueueEffect } from './types.ts';

/** Removes everything that is stored, in flight too. Waiting receives stay, positions go on behind the old ones. */
export function purge(state: QueueState, effects: QueueEffect[]): void {
  state.lanes.clear();
  state.groups?.clear();
  state.deliveries.clear();
  state.inFlight.clear();
  state.unstored.clear();
  state.delayed.clear();
  state.deduplications.clear();
  state.repeatable.clear();
  state.total = 0;
  addLane(state, firstLane, 0);
  laneOf(state, { lane: firstLane }).cursor = {
    lane: firstLane,
    availableAt: state.groups === undefined ? state.now : 0,
    sequence: state.nextSequence - 1,
  };
  effects.push({ kind: 'discard-all' });
}
