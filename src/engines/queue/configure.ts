import { advanceDelayed } from './delayed.ts';
import type { QueueState } from './state.ts';
import type { QueueSettings } from './types.ts';

/** A changed delay holds for new messages on a standard queue, and for all on a FIFO queue. */
export function configure(state: QueueState, settings: QueueSettings): void {
  const delayedBy = settings.delayMs - state.settings.delayMs;
  if (state.groups !== undefined && delayedBy !== 0) state.delayed?.shift(delayedBy);
  advanceDelayed(state);
  state.settings = settings;
}
