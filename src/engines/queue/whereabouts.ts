import { availableAtOf } from './deliveries.ts';
import type { QueueState } from './state.ts';
import type { Position } from './types.ts';

/** What somebody who looks at a message without receiving it may want to know. */
export interface Whereabouts {
  readonly state: 'waiting' | 'delayed' | 'in-flight';
  readonly availableAt: number;
  readonly receiveCount: number;
  /** 0 if it was never received. */
  readonly firstReceivedAt: number;
  /** Of one in flight. */
  readonly visibleAt?: number;
}

/** Of a message that is stored; undefined if it has outlived its retention. */
export function whereaboutsOf(
  state: QueueState,
  message: Position & { readonly sentAt: number },
): Whereabouts | undefined {
  const tracked = state.deliveries.get(message.sequence);
  const delivery = tracked ?? state.resting?.get(message.sequence);
  const availableAt = availableAtOf(state, message);
  if (delivery !== undefined && (tracked === undefined || tracked.place === 'in-flight')) {
    const { receiveCount, firstReceivedAt, visibleAt } = delivery;
    return { state: 'in-flight', availableAt, receiveCount, firstReceivedAt, visibleAt };
  }
  if (message.sentAt <= state.now - state.settings.retentionMs) return undefined;
  const { receiveCount = 0, firstReceivedAt = 0 } = delivery ?? {};
  const isDelayed = delivery === undefined && availableAt > state.now;
  return { state: isDelayed ? 'delayed' : 'waiting', availableAt, receiveCount, firstReceivedAt };
}
