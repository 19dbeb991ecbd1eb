export type { WindowLimits } from './limits.ts';
export { countersOf, depthOf, newCounters, openQueue, type QueueState } from './state.ts';
export { step } from './step.ts';
export type * from './types.ts';
