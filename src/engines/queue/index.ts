export { isLeaving } from './leave.ts';
export { deduplicationMs, type WindowLimits } from './limits.ts';
export {
  countersOf,
  depthOf,
  isLoading,
  newCounters,
  openQueue,
  type QueueState,
  updateCounters,
} from './state.ts';
export { step } from './step.ts';
export type * from './types.ts';
export { type Whereabouts, whereaboutsOf } from './whereabouts.ts';
