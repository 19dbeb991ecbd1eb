import { findDelivery, placeDelivery, storeDelivery, storeDeliveryLater } from './deliveries.ts';
import { startLeaving } from './leave.ts';
import { behindExpiredMs } from './limits.ts';
import { noteRepeatable, repeatedReceive, takeAgain } from './repeat.ts';
import { batchOf, inFlightOf, isLoading, type QueueState, type Waiter } from './state.ts';
import { isDeadLetter, type Taken, type Taking, takeNext } from './take.ts';
import type { Moment, QueueCommand, QueueEffect, QueueReply, Receipt, ReceivedMessage } from './types.ts';
import { Waiters } from './waiters.ts';

const done: QueueReply = { kind: 'done' };

/** Queues the receive up behind those that wait already; the end of the step answers it, at once if it can. */
export function receive(
  state: QueueState,
  command: QueueCommand & { kind: 'receive' },
  at: Moment,
  effects: QueueEffect[],
): QueueReply {
  state.isRead = true;
  if (isOverLimit(state, command)) return { kind: 'rejected', code: 'over-limit' };
  const again = command.repeatable === true ? repeatedReceive(state, command.nonce) : undefined;
  if (again === 'changed') return { kind: 'rejected', code: 'not-repeatable' };
  const { waiterId, maxMessages, visibilityTimeoutMs, waitMs, nonce } = command;
  const { repeatable: isRepeatable = false, forMove: isForMove = false } = command;
  const waiter: Waiter = {
    id: waiterId,
    maxMessages,
    visibilityTimeoutMs,
    nonce,
    isRepeatable,
    isForMove,
    deadline: state.now + waitMs,
    heapIndex: -1,
    earlier: undefined,
    later: undefined,
  };
  state.waiters ??= new Waiters();
  state.waiters.push(waiter);
  if (again === undefined) return done;
  takeAgain(state, again, waiter, effects);
  const messages = again.map((delivery) => present({ delivery, message: undefined }));
  answer(state, waiter, messages, at.batch, effects);
  return done;
}

/** A FIFO queue gives nothing instead, and what only moves a message receives nothing. */
function isOverLimit(state: QueueState, receive: QueueCommand & { kind: 'receive' }): boolean {
  return state.groups === undefined && receive.forMove !== true && inFlightOf(state) >= state.settings.maxInFlight;
}

export function cancelReceive(state: QueueState, waiterId: number): void {
  const waiter = state.waiters?.get(waiterId);
  if (waiter !== undefined) removeWaiter(state, waiter);
}

/** Feeds waiters in the order in which they came, each as much as it takes, until nothing is available. */
export function feedWaiters(state: QueueState, at: Moment, effects: QueueEffect[]): void {
  for (let waiter = state.waiters?.first; waiter !== undefined; waiter = state.waiters?.first) {
    const messages = takeMessages(state, waiter, effects);
    if (messages.length === 0) break;
    answer(state, waiter, messages, durableAfter(state, messages, at), effects);
  }
}

/** Answers those whose time is up with nothing. */
export function dismissWaiters(state: QueueState, effects: QueueEffect[]): void {
  if (mayBeFed(state)) return;
  for (let next = nextDue(state); next !== undefined; next = nextDue(state)) {
    answer(state, next, [], 0, effects);
    state.heldBackSince = undefined;
  }
}

/** The waiter whose time is up, of several the one whose was up first. */
function nextDue({ waiters, now }: QueueState): Waiter | undefined {
  const next = waiters?.nextDeadline;
  return next !== undefined && next.deadline <= now ? next : undefined;
}

/**
 * In a page that is being read, or behind expired messages, may be something for those whose time is up: they wait for the
 * page, but not for ever where one page of expired messages follows another.
 */
function mayBeFed(state: QueueState): boolean {
  const isLate = state.expiring || isLoading(state);
  if (!isLate || nextDue(state) === undefined) {
    state.heldBackSince = undefined;
    return isLate;
  }
  if (!state.expiring && !state.behindExpired) return true;
  state.heldBackSince ??= state.now;
  return state.now < state.heldBackSince + behindExpiredMs;
}

/** Takes back receives whose client left before the answer: as if they had not happened. */
export function release(state: QueueState, receipts: readonly Receipt[]): void {
  for (const { sequence, nonce } of receipts) {
    const delivery = findDelivery(state, sequence);
    if (delivery === undefined || delivery.nonce !== nonce) continue;
    delivery.receiveCount = Math.max(0, delivery.receiveCount - 1);
    if (delivery.receiveCount === 0) delivery.firstReceivedAt = 0;
    delivery.receivedTogether = 0;
    delivery.visibleAt = state.now;
    placeDelivery(state, delivery);
    storeDeliveryLater(state, delivery);
  }
}

/** On a FIFO queue a receive that a crash undoes would let the next one break the order: it is synced first. */
function durableAfter(state: QueueState, messages: readonly ReceivedMessage[], at: Moment): number {
  if (state.groups !== undefined) return at.batch;
  let batch = 0;
  for (const { sequence } of messages) batch = Math.max(batch, batchOf(state, sequence, at));
  return batch;
}

/** Takes what the waiter may have; what has been received too often is set aside as dead letters. */
function takeMessages(state: QueueState, waiter: Waiter, effects: QueueEffect[]): ReceivedMessage[] {
  const taken: Taken[] = [];
  const deadLetters: Taken[] = [];
  const taking: Taking = { group: undefined };
  const room = waiter.isForMove ? waiter.maxMessages : state.settings.maxInFlight - inFlightOf(state);
  const { expiriesPerStep: atOnce } = state.limits;
  while (taken.length < waiter.maxMessages && taken.length < room && deadLetters.length < atOnce) {
    const next = takeNext(state, taking, effects);
    if (next === undefined) break;
    if (!waiter.isForMove && isDeadLetter(state, next.delivery)) {
      startLeaving(state, next.delivery);
      deadLetters.push(next);
      // Its group is blocked until it is gone.
      taking.group = undefined;
    } else {
      taken.push(next);
    }
  }
  if (deadLetters.length > 0) effects.push({ kind: 'dead-letters', messages: deadLetters.map(present) });
  if (waiter.isForMove) for (const { delivery } of taken) startLeaving(state, delivery);
  else markReceived(state, waiter, taken, effects);
  return taken.map(present);
}

/** Only when nothing more is taken: with a timeout of 0 the messages are available again to the next receive. */
function markReceived(state: QueueState, waiter: Waiter, taken: readonly Taken[], effects: QueueEffect[]): void {
  const visibleAt = state.now + (waiter.visibilityTimeoutMs ?? state.settings.visibilityTimeoutMs);
  for (const { delivery } of taken) {
    delivery.visibleAt = visibleAt;
    delivery.isToBeGivenOut = false;
    delivery.receiveCount += 1;
    delivery.attempt += 1;
    delivery.receivedAt = state.now;
    delivery.nonce = waiter.nonce;
    delivery.receivedTogether = waiter.isRepeatable ? taken.length : 0;
    if (delivery.receiveCount === 1) delivery.firstReceivedAt = state.now;
    placeDelivery(state, delivery);
    if (state.groups === undefined) storeDeliveryLater(state, delivery);
    else storeDelivery(delivery, effects);
  }
  if (!waiter.isRepeatable) return;
  const deliveries = taken.map(({ delivery }) => delivery);
  noteRepeatable(state, waiter.nonce, deliveries);
}

function present({ delivery, message }: Taken): ReceivedMessage {
  const { lane, availableAt, sequence, sentAt, receiveCount, attempt, firstReceivedAt, nonce } = delivery;
  return { lane, availableAt, sequence, sentAt, receiveCount, attempt, firstReceivedAt, nonce, message };
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
  state.waiters?.remove(waiter);
  if (state.waiters?.size === 0) state.waiters = undefined;
}
