import { assert } from '#std/assert';
import { placeDelivery, storeDeliveryLater } from './deliveries.ts';
import { expireHeads } from './expire.ts';
import { batchOf, type QueueState, type TrackedDelivery, type Waiter } from './state.ts';
import {
  before,
  type Moment,
  type QueueCommand,
  type QueueEffect,
  type Receipt,
  type ReceivedMessage,
  type StoredMessage,
} from './types.ts';

/** Queues the receive up behind those that wait already; the end of the step answers it, at once if it can. */
export function receive(state: QueueState, command: QueueCommand & { kind: 'receive' }): void {
  const { waiterId, maxMessages, visibilityTimeoutMs, waitMs, nonce } = command;
  assert(!state.waiters.has(waiterId), 'a waiter id is used once');
  const deadline = state.now + waitMs;
  const waiter: Waiter = { id: waiterId, maxMessages, visibilityTimeoutMs, nonce, deadline, heapIndex: -1 };
  state.waiters.set(waiterId, waiter);
  state.deadlines.push(waiter);
}

export function cancelReceive(state: QueueState, waiterId: number): void {
  const waiter = state.waiters.get(waiterId);
  if (waiter !== undefined) removeWaiter(state, waiter);
}

/** Feeds waiters in the order in which they came, each as much as it takes, until nothing is available. */
export function feedWaiters(state: QueueState, at: Moment, effects: QueueEffect[]): void {
  for (const waiter of state.waiters.values()) {
    const messages = takeMessages(state, waiter, effects);
    if (messages.length === 0) break;
    let afterBatch = 0;
    for (const { sequence } of messages) afterBatch = Math.max(afterBatch, batchOf(state, sequence, at));
    answer(state, waiter, messages, afterBatch, effects);
  }
}

/** Answers those whose time is up with nothing. */
export function dismissWaiters(state: QueueState, effects: QueueEffect[]): void {
  // Behind expired messages, or in a page that is being read, may be something for those whose time is up: they wait.
  if (state.expiring || state.loading !== 0) return;
  for (let waiter = state.deadlines.peek(); waiter && waiter.deadline <= state.now; waiter = state.deadlines.peek()) {
    answer(state, waiter, [], 0, effects);
  }
}

/** Takes back receives whose client left before the answer: as if they had not happened. */
export function release(state: QueueState, receipts: readonly Receipt[]): void {
  for (const { sequence, nonce } of receipts) {
    const delivery = state.deliveries.get(sequence);
    if (delivery === undefined || delivery.nonce !== nonce) continue;
    delivery.receiveCount = Math.max(0, delivery.receiveCount - 1);
    if (delivery.receiveCount === 0) delivery.firstReceivedAt = 0;
    delivery.visibleAt = state.now;
    placeDelivery(state, delivery);
    storeDeliveryLater(state, delivery);
  }
}

interface Taken {
  readonly delivery: TrackedDelivery;
  readonly message: StoredMessage | undefined;
}

function takeMessages(state: QueueState, waiter: Waiter, effects: QueueEffect[]): ReceivedMessage[] {
  const taken: Taken[] = [];
  const room = state.settings.maxInFlight - state.inFlight.size;
  while (taken.length < waiter.maxMessages && taken.length < room) {
    const next = takeNext(state, effects);
    if (next === undefined) break;
    taken.push(next);
  }
  const visibleAt = state.now + (waiter.visibilityTimeoutMs ?? state.settings.visibilityTimeoutMs);
  return taken.map(({ delivery, message }) => {
    delivery.visibleAt = visibleAt;
    delivery.receiveCount += 1;
    delivery.attempt += 1;
    delivery.receivedAt = state.now;
    delivery.nonce = waiter.nonce;
    if (delivery.receiveCount === 1) delivery.firstReceivedAt = state.now;
    // Only now, when nothing more is taken: with a timeout of 0 the message is available again to the next receive.
    placeDelivery(state, delivery);
    storeDeliveryLater(state, delivery);
    const { availableAt, sequence, sentAt, receiveCount, attempt, firstReceivedAt, nonce } = delivery;
    return { availableAt, sequence, sentAt, receiveCount, attempt, firstReceivedAt, nonce, message };
  });
}

/** The available message with the lowest position, out of its heap or the window. */
function takeNext(state: QueueState, effects: QueueEffect[]): Taken | undefined {
  if (!state.expiring) expireHeads(state, effects);
  if (state.expiring) return undefined;
  const returned = state.returned.peek();
  const waiting = state.window.peek();
  if (returned !== undefined && (waiting === undefined || before(returned, waiting))) {
    state.returned.remove(returned);
    return { delivery: returned, message: undefined };
  }
  if (waiting === undefined) return undefined;
  state.window.shift();
  const { availableAt, sequence, sentAt } = waiting;
  const counts = { receiveCount: 0, attempt: 0, nonce: 0 };
  const times = { visibleAt: 0, firstReceivedAt: 0, receivedAt: 0 };
  const tracking = { heapIndex: -1, changedAt: undefined, isStored: false };
  const delivery: TrackedDelivery = { availableAt, sequence, sentAt, ...counts, ...times, ...tracking };
  state.deliveries.set(sequence, delivery);
  return { delivery, message: waiting.message };
}

function answer(
  state: QueueState,
  waiter: Waiter,
  messages: readonly ReceivedMessage[],
  afterBatch: number,
  effects: QueueEffect[],
): void {
  removeWaiter(state, waiter);
  effects.push({ kind: 'answer-receive', waiterId: waiter.id, messages, afterBatch });
}

function removeWaiter(state: QueueState, waiter: Waiter): void {
  state.waiters.delete(waiter.id);
  state.deadlines.remove(waiter);
}
