/**
 * Moving messages to another queue. A message that is ready to go is `leaving`: it is not given to anybody, and its group
 * stays blocked. Whoever moves it stores it in the other queue and has it `leave` this one within one commit, or lets it
 * `stay`. It is only leaving in memory: after a crash before that commit it is here as it was.
 */
import { required } from '#std/assert';
import { deleteDelivery, pickUp, placeDelivery } from './deliveries.ts';
import type { QueueState, TrackedDelivery } from './state.ts';
import type { QueueEffect } from './types.ts';

export function startLeaving(state: QueueState, delivery: TrackedDelivery): void {
  pickUp(state, delivery);
  delivery.place = 'leaving';
}

/** Whether it may still be moved: meanwhile it may have been deleted, purged, or received by an older receipt's holder. */
export function isLeaving(state: QueueState, sequence: number): boolean {
  return state.deliveries.get(sequence)?.place === 'leaving';
}

export function leave(state: QueueState, sequences: readonly number[], effects: QueueEffect[]): void {
  for (const sequence of sequences) {
    deleteDelivery(state, required(state.deliveries.get(sequence), 'a message that is leaving'), effects);
  }
}

export function stay(state: QueueState, sequences: readonly number[], giveOut: boolean): void {
  for (const sequence of sequences) {
    const delivery = state.deliveries.get(sequence);
    if (delivery?.place !== 'leaving') continue;
    delivery.visibleAt = state.now;
    delivery.isToBeGivenOut = giveOut;
    placeDelivery(state, delivery);
  }
}
