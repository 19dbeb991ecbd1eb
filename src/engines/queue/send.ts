import { required } from '#std/assert';
import { DigestRing } from '#std/digestRing';
import { noteDelayed } from './delayed.ts';
import { availableAtOf } from './deliveries.ts';
import { isAheadOfCursor, type Lane, laneForGroup, limitsOf, moveCursor } from './lanes.ts';
import { deduplicationMs } from './limits.ts';
import { looksAhead, noteBatch, type QueueState } from './state.ts';
import type { Moment, NewMessage, QueueEffect, SendOutcome, StoredMessage } from './types.ts';
import { Window } from './window.ts';

/**
 * Stores messages in the order given, but for duplicates. Those available now enter the window, or their group, if nothing
 * waits between it and them.
 */
export function send(
  state: QueueState,
  messages: readonly NewMessage[],
  at: Moment,
  effects: QueueEffect[],
): SendOutcome[] {
  noteBatch(state, at);
  return messages.map((message) => {
    const { deduplicationKey } = message;
    // Some whose interval is over may not be forgotten yet: no step forgets more than so many.
    const original = deduplicationKey && state.deduplications?.find(deduplicationKey, state.now - deduplicationMs);
    if (original !== undefined) return { messageId: original.label, sequence: original.value, isDuplicate: true };
    const { sequence } = store(state, message, effects);
    if (deduplicationKey !== undefined) remember(state, message, sequence, effects);
    return { messageId: message.messageId, sequence, isDuplicate: false };
  });
}

function store(state: QueueState, message: NewMessage, effects: QueueEffect[]): StoredMessage {
  const { messageId, payload, groupId = '', origin = '', receivedBefore = 0, sentAt = state.now } = message;
  const delayMs = message.delayMs ?? state.settings.delayMs;
  const lane = laneForGroup(state, groupId);
  const sequence = state.nextSequence;
  const availableAt = state.groups === undefined ? state.now + delayMs : 0;
  // Written out: a spread was a seventh of a send's time.
  const { number } = lane;
  const stored = { lane: number, availableAt, sequence, sentAt, messageId, payload, groupId, origin, receivedBefore };
  state.nextSequence += 1;
  state.total += 1;
  lane.total += 1;
  effects.push({ kind: 'put-message', message: stored });
  if (delayMs > 0) noteDelayed(state, availableAtOf(state, stored));
  if (delayMs > 0 && state.groups === undefined) storeForLater(lane, stored);
  else if (canAppend(state, lane)) holdInMemory(state, lane, stored);
  else leaveInBacklog(state, lane, stored);
  return stored;
}

function remember(state: QueueState, message: NewMessage, sequence: number, effects: QueueEffect[]): void {
  const { messageId } = message;
  const key = required(message.deduplicationKey, 'a deduplication key');
  const acceptedAt = state.now;
  state.deduplications ??= new DigestRing();
  state.deduplications.push(key, { value: sequence, time: acceptedAt, label: messageId });
  effects.push({ kind: 'put-deduplication', deduplication: { key, messageId, sequence, acceptedAt } });
}

function canAppend(state: QueueState, lane: Lane): boolean {
  if (!looksAhead(state)) return false;
  if (lane.backlog !== 'none' || lane.loading !== undefined || lane.nextAvailableAt <= state.now) return false;
  return roomOf(state, lane) > 0;
}

/** So many messages may enter the lane's window. */
export function roomOf(state: QueueState, lane: Lane): number {
  const waiting = state.groups === undefined ? (lane.window?.size ?? 0) : state.groups.waiting;
  return limitsOf(state, lane).windowMessages - waiting;
}

/** Takes a message into memory, behind all others of its lane. */
export function holdInMemory(state: QueueState, lane: Lane, message: StoredMessage): void {
  const { windowBytes } = limitsOf(state, lane);
  if (state.groups !== undefined) state.groups.append(message, windowBytes);
  else {
    lane.window ??= new Window(state.held);
    lane.window.append(message, windowBytes);
  }
  if (isAheadOfCursor(lane, message)) moveCursor(lane, message);
}

function leaveInBacklog(state: QueueState, lane: Lane, message: StoredMessage): void {
  lane.backlog = 'maybe';
  const { loading } = lane;
  if (loading?.sent === undefined) return;
  loading.sent.push(message);
  loading.sentBytes += message.payload.length;
  const isTooMuch = loading.sent.length > roomOf(state, lane) || loading.sentBytes > limitsOf(state, lane).windowBytes;
  if (isTooMuch) loading.sent = undefined;
}

function storeForLater(lane: Lane, message: StoredMessage): void {
  lane.nextAvailableAt = Math.min(lane.nextAvailableAt, message.availableAt);
  const { loading } = lane;
  if (loading !== undefined) loading.delayedUntil = Math.min(loading.delayedUntil, message.availableAt);
}
