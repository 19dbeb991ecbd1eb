/**
 * Receives that a client may repeat because it lost the answer (SQS API, ReceiveMessage, ReceiveRequestAttemptId): the same
 * messages under the same receipts, their timeout begun anew. If anything happened to one of them meanwhile, the
 * repetition is refused, for five minutes from the receive.
 *
 * What a receive brought is known from its deliveries: they bear the nonce that the client chose, and say how many they
 * were. So a receive can be repeated after a restart, too.
 */
import { withEntry, withoutEntry } from '#std/sparseMap';
import { placeDelivery, storeDelivery } from './deliveries.ts';
import { repeatReceiveMs } from './limits.ts';
import type { QueueState, TrackedDelivery, Waiter } from './state.ts';
import type { QueueEffect } from './types.ts';

export interface RepeatableReceive {
  readonly receivedAt: number;
  readonly sequences: readonly number[];
}

export function openRepeatable(state: QueueState): void {
  const receives = new Map<number, TrackedDelivery[]>();
  for (const delivery of state.deliveries.values()) {
    if (delivery.receivedTogether === 0) continue;
    const together = receives.get(delivery.nonce) ?? [];
    const receivedAt = together[0]?.receivedAt ?? 0;
    // A name may have been used again after its time: its last receive is the one that can be repeated.
    if (delivery.receivedAt > receivedAt) receives.set(delivery.nonce, [delivery]);
    else if (delivery.receivedAt === receivedAt) together.push(delivery);
  }
  for (const [nonce, deliveries] of receives) noteRepeatable(state, nonce, deliveries);
}

/** `deliveries` were received together, under a nonce that the client chose. */
export function noteRepeatable(state: QueueState, nonce: number, deliveries: readonly TrackedDelivery[]): void {
  const [first] = deliveries;
  if (first === undefined) return;
  // Later receives go to the end, so that the oldest are at the beginning.
  const sequences = deliveries.map(({ sequence }) => sequence);
  const others = withoutEntry(state.repeatable, nonce);
  state.repeatable = withEntry(others, nonce, { receivedAt: first.receivedAt, sequences });
  for (const [old, { receivedAt }] of state.repeatable) {
    if (receivedAt + repeatReceiveMs > state.now) break;
    state.repeatable = withoutEntry(state.repeatable, old);
  }
}

/** The messages of the receive that this one repeats, undefined if it is a new one. */
export function repeatedReceive(state: QueueState, nonce: number): TrackedDelivery[] | 'changed' | undefined {
  const receive = state.repeatable.get(nonce);
  if (receive === undefined) return undefined;
  if (receive.receivedAt + repeatReceiveMs > state.now) return unchanged(state, nonce, receive) ?? 'changed';
  state.repeatable = withoutEntry(state.repeatable, nonce);
  return undefined;
}

/** Their timeout begins anew. */
export function takeAgain(
  state: QueueState,
  deliveries: readonly TrackedDelivery[],
  { visibilityTimeoutMs }: Waiter,
  effects: QueueEffect[],
): void {
  for (const delivery of deliveries) {
    delivery.visibleAt = state.now + (visibilityTimeoutMs ?? state.settings.visibilityTimeoutMs);
    placeDelivery(state, delivery);
    storeDelivery(delivery, effects);
  }
}

/** All of them, if they are in flight as that receive left them. */
function unchanged(state: QueueState, nonce: number, { sequences }: RepeatableReceive): TrackedDelivery[] | undefined {
  const deliveries: TrackedDelivery[] = [];
  for (const sequence of sequences) {
    const delivery = state.deliveries.get(sequence);
    const isAsReceived =
      delivery?.place === 'in-flight' && delivery.nonce === nonce && delivery.receivedTogether === sequences.length;
    if (delivery === undefined || !isAsReceived) return undefined;
    deliveries.push(delivery);
  }
  return deliveries;
}
