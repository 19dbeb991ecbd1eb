/** The front door of the edge, for the composition root. Services build against `#aws/contract` alone. */

export { fallbackAccountId, fallbackRegion } from './credential.ts';
export type { RequestMetric } from './exchange.ts';
export { type EdgeLimits, edgeLimits } from './limits.ts';
export { type EdgeLog, type Listener, type ListenerOptions, startListener } from './listener.ts';
