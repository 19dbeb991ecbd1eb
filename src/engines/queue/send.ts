import { batchOf, type QueueState } from './state.ts';
import { before, type Moment, type NewMessage, type Position, type QueueEffect, type StoredMessage } from './types.ts';

/** Stores messages in the order given. Those available now enter the window if nothing waits between it and them. */
export function send(
  state: QueueState,
  messages: readonly NewMessage[],
  at: Moment,
  effects: QueueEffect[],
): Position[] {
  noteBatch(state, at);
  return messages.map(({ messageId, payload, delayMs = state.settings.delayMs }) => {
    const sentAt = state.now;
    const message = { availableAt: sentAt + delayMs, sequence: state.nextSequence, sentAt, messageId, payload };
    state.nextSequence += 1;
    state.total += 1;
    effects.push({ kind: 'put-message', message });
    if (delayMs > 0) storeForLater(state, message);
    else if (canAppend(state)) appendToWindow(state, message);
    else leaveInBacklog(state);
    return message;
  });
}

function noteBatch(state: QueueState, at: Moment): void {
  batchOf(state, state.nextSequence, at);
  if (state.unsynced.at(-1)?.batch !== at.batch) {
    state.unsynced.push({ batch: at.batch, firstSequence: state.nextSequence });
  }
}

function canAppend(state: QueueState): boolean {
  return state.backlog === 'none' && state.loading === 0 && state.nextAvailableAt > state.now && !state.window.full;
}

export function appendToWindow(state: QueueState, message: StoredMessage): void {
  state.window.append(message);
  if (before(state.cursor, message)) state.cursor = { availableAt: message.availableAt, sequence: message.sequence };
}

function leaveInBacklog(state: QueueState): void {
  state.backlog = 'maybe';
  if (state.loading !== 0) state.missedByLoad.backlog = true;
}

function storeForLater(state: QueueState, message: StoredMessage): void {
  state.delayed.add(message.availableAt);
  state.nextAvailableAt = Math.min(state.nextAvailableAt, message.availableAt);
  const missed = state.missedByLoad;
  if (state.loading !== 0) missed.nextAvailableAt = Math.min(missed.nextAvailableAt, message.availableAt);
}
