import { deleteWaiting } from './deliveries.ts';
import { forgetIfEmpty, type Lane } from './lanes.ts';
import { holdInMemory, moveCursor } from './send.ts';
import { looksAhead, type QueueState } from './state.ts';
import type { Page, QueueEffect } from './types.ts';

/** Asks for the next page of each lane that runs low and may have something behind its cursor. */
export function loadIfLow(state: QueueState, effects: QueueEffect[]): void {
  if (!looksAhead(state)) return;
  for (const lane of state.lanes.values()) if (runsLow(state, lane)) load(state, lane, effects);
}

function runsLow(state: QueueState, lane: Lane): boolean {
  const more = lane.backlog === 'maybe' || lane.nextAvailableAt <= state.now;
  if (!more || lane.loading !== 0) return false;
  const { groups, limits } = state;
  if (groups === undefined) return lane.window.size < lane.limits.pageAhead;
  return groups.receivable < limits.pageAhead && groups.waiting + state.deliveries.size < limits.lookAhead;
}

function load(state: QueueState, lane: Lane, effects: QueueEffect[]): void {
  state.loads += 1;
  lane.loading = state.loads;
  lane.missedByLoad = { backlog: false, nextAvailableAt: Number.POSITIVE_INFINITY };
  const { number, cursor, limits } = lane;
  effects.push({ kind: 'load-page', lane: number, load: state.loads, after: cursor, until: state.now, limits });
}

/** Takes a page into memory. One that was asked for before a purge is out of date and ignored. */
export function pageLoaded(
  state: QueueState,
  { lane: number, load, page }: { readonly lane: number; readonly load: number; readonly page: Page },
  effects: QueueEffect[],
): void {
  const lane = state.lanes.get(number);
  if (lane?.loading !== load) return;
  state.behindExpired = false;
  for (const message of page.messages) {
    const elsewhere = state.deliveries.has(message.sequence) || lane.deletedAhead.has(message.sequence);
    const expired = message.sentAt <= state.now - state.settings.retentionMs;
    if (!elsewhere && !expired) holdInMemory(state, lane, message);
    else moveCursor(lane, message);
    if (elsewhere || !expired) continue;
    state.behindExpired = true;
    deleteWaiting(state, message, effects);
  }
  lane.loading = 0;
  if (page.exhausted) lane.deletedAhead.clear();
  const { missedByLoad } = lane;
  lane.backlog = page.exhausted && !missedByLoad.backlog ? 'none' : 'maybe';
  lane.nextAvailableAt = page.exhausted
    ? Math.min(page.nextAvailableAt, missedByLoad.nextAvailableAt)
    : Math.min(lane.nextAvailableAt, missedByLoad.nextAvailableAt);
  forgetIfEmpty(state, lane);
}
