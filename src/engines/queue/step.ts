import { changeVisibility } from './changeVisibility.ts';
import { configure } from './configure.ts';
import { advanceDelayed } from './delayed.ts';
import { deleteMessages } from './delete.ts';
import { availableAtOf, nextVisibleAt, returnVisible, storeDeliveries } from './deliveries.ts';
import { expireHeads } from './expire.ts';
import { forgetDeduplications } from './forget.ts';
import { headOf } from './groups.ts';
import type { Lane } from './lanes.ts';
import { leave, stay } from './leave.ts';
import { forgottenKeysPerStep, storeDeliveryAfterMs } from './limits.ts';
import { loadIfLow, pageLoaded } from './pages.ts';
import { purge } from './purge.ts';
import { cancelReceive, dismissWaiters, feedWaiters, receive, release } from './receive.ts';
import { send } from './send.ts';
import { isLoading, lookAway, noteCrowding, type QueueState } from './state.ts';
import type { Moment, QueueCommand, QueueEffect, QueueReply, QueueStep } from './types.ts';

/**
 * The queue engine: applies one command at one moment. It changes `state` in place and says what else must happen.
 * Deterministic: the same state, command and moment give the same step.
 */
export function step(state: QueueState, command: QueueCommand, at: Moment): QueueStep {
  const effects: QueueEffect[] = [];
  // first: time passes
  state.now = Math.max(state.now, at.now);
  noteCrowding(state, at.isCrowded);
  advanceDelayed(state);
  returnVisible(state);
  storeDeliveries(state, state.now - storeDeliveryAfterMs, effects);
  const { expiriesPerStep } = state.limits;
  forgetDeduplications(state, command.kind === 'tick' ? expiriesPerStep : forgottenKeysPerStep, effects);
  // then: the command
  const reply = apply(state, command, at, effects);
  // last: what became possible by either
  settle(state, at, effects);
  return { reply, effects };
}

const never = Number.POSITIVE_INFINITY;
const done: QueueReply = { kind: 'done' };

function apply(state: QueueState, command: QueueCommand, at: Moment, effects: QueueEffect[]): QueueReply {
  switch (command.kind) {
    case 'send':
      return { kind: 'sent', outcomes: send(state, command.messages, at, effects) };
    case 'receive':
      return receive(state, command, at, effects);
    case 'cancel-receive':
      cancelReceive(state, command.waiterId);
      return done;
    case 'release':
      release(state, command.receipts);
      return done;
    case 'delete':
      return { kind: 'deleted', outcomes: deleteMessages(state, command.receipts, effects) };
    case 'change-visibility':
      return { kind: 'visibility-changed', outcomes: changeVisibility(state, command.receipts, effects) };
    case 'leave':
      leave(state, command.sequences, effects);
      return done;
    case 'stay':
      stay(state, command.sequences, command.giveOut);
      return done;
    case 'configure':
      configure(state, command.settings);
      return done;
    case 'purge':
      purge(state, effects);
      return done;
    case 'page-loaded':
      pageLoaded(state, command, effects);
      return done;
    case 'store-deliveries':
      storeDeliveries(state, state.now, effects);
      return done;
    case 'look-through':
      state.isRead = true;
      return done;
    case 'look-away':
      lookAway(state);
      return done;
    case 'tick':
      // The tick that was asked for has come; the next wish is a new one.
      state.timerAt = Number.POSITIVE_INFINITY;
      return done;
    default:
      return command satisfies never;
  }
}

function settle(state: QueueState, at: Moment, effects: QueueEffect[]): void {
  expireHeads(state, effects);
  feedWaiters(state, at, effects);
  // While a long run of expired messages is dropped, the next page waits for the next tick, so that others get a turn.
  if (!state.expiring) loadIfLow(state, effects);
  dismissWaiters(state, effects);
  const timerAt = state.expiring ? state.now : nextTick(state);
  if (timerAt === state.timerAt) return;
  state.timerAt = timerAt;
  effects.push({ kind: 'set-timer', at: timerAt });
}

/** Waiters, what is not stored and what is to be forgotten need time to be watched; the rest is caught up on at the next step. */
function nextTick(state: QueueState): number {
  const { unstored } = state;
  const storeAt = unstored === undefined ? never : (unstored.peek()?.changedAt ?? state.now) + storeDeliveryAfterMs;
  const deadline = state.waiters?.nextDeadline?.deadline;
  if (deadline === undefined) return state.forgetting ? state.now : storeAt;
  // A page under way ends in a step of its own.
  const wake = isLoading(state) ? never : Math.min(deadline, nextAvailableAt(state));
  return Math.min(wake, nextVisibleAt(state), storeAt);
}

/** When the first delayed message becomes available, as far as memory knows. */
function nextAvailableAt(state: QueueState): number {
  const group = state.groups?.next();
  if (group !== undefined) {
    const at = availableAtOf(state, headOf(group));
    // What is available and was not given out waits for something else: for room among the messages in flight.
    return at > state.now ? at : never;
  }
  let next = never;
  for (let lane: Lane | undefined = state.firstLane; lane !== undefined; lane = lane.later) {
    next = Math.min(next, lane.nextAvailableAt);
  }
  return next;
}
