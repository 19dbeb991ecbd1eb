import { deleteWaiting, isDelivered } from './deliveries.ts';
import { findLane, forgetIfEmpty, isDeletedAhead, type Lane, limitsOf, moveCursor } from './lanes.ts';
import { holdInMemory } from './send.ts';
import { looksAhead, type QueueState } from './state.ts';
import type { Page, QueueEffect } from './types.ts';

/** Asks for the next page of each lane that runs low and may have something behind its cursor. */
export function loadIfLow(state: QueueState, effects: QueueEffect[]): void {
  if (!looksAhead(state)) return;
  for (let lane: Lane | undefined = state.firstLane; lane !== undefined; lane = lane.later) {
    if (runsLow(state, lane)) load(state, lane, effects);
  }
}

function runsLow(state: QueueState, lane: Lane): boolean {
  const more = lane.backlog === 'maybe' || lane.nextAvailableAt <= state.now;
  if (!more || lane.loading !== undefined) return false;
  const { groups } = state;
  const { pageAhead, lookAhead } = limitsOf(state, lane);
  if (groups === undefined) return lane.window === undefined || lane.window.size < pageAhead;
  return groups.receivable < pageAhead && groups.waiting + state.deliveries.size < lookAhead;
}

function load(state: QueueState, lane: Lane, effects: QueueEffect[]): void {
  state.loads += 1;
  lane.loading = { number: state.loads, missedBacklog: false, missedAvailableAt: Number.POSITIVE_INFINITY };
  const { number, cursorAvailableAt: availableAt, cursorSequence: sequence } = lane;
  const limits = limitsOf(state, lane);
  const after = { lane: number, availableAt, sequence };
  effects.push({ kind: 'load-page', lane: number, load: state.loads, after, until: state.now, limits });
}

/** Takes a page into memory. One that was asked for before a purge is out of date and ignored. */
export function pageLoaded(
  state: QueueState,
  { lane: number, load, page }: { readonly lane: number; readonly load: number; readonly page: Page },
  effects: QueueEffect[],
): void {
  const lane = findLane(state, number);
  const loading = lane?.loading;
  if (lane === undefined || loading?.number !== load) return;
  state.behindExpired = false;
  for (const message of page.messages) {
    const elsewhere = isDelivered(state, message.sequence) || isDeletedAhead(lane, message.sequence);
    const expired = message.sentAt <= state.now - state.settings.retentionMs;
    if (!elsewhere && !expired) holdInMemory(state, lane, message);
    else moveCursor(lane, message);
    if (elsewhere || !expired) continue;
    state.behindExpired = true;
    deleteWaiting(state, message, effects);
  }
  lane.loading = undefined;
  if (page.exhausted) lane.deletedAhead = undefined;
  const { missedBacklog, missedAvailableAt } = loading;
  lane.backlog = page.exhausted && !missedBacklog ? 'none' : 'maybe';
  lane.nextAvailableAt = Math.min(page.exhausted ? page.nextAvailableAt : lane.nextAvailableAt, missedAvailableAt);
  forgetIfEmpty(state, lane);
}
