import { deleteWaiting, isDelivered } from './deliveries.ts';
import {
  findLane,
  forgetIfEmpty,
  isAheadOfCursor,
  isDeletedAhead,
  type Lane,
  limitsOf,
  moveCursor,
  type PageLoad,
} from './lanes.ts';
import type { WindowLimits } from './limits.ts';
import { holdInMemory, roomOf } from './send.ts';
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
  const limits = limitsOf(state, lane);
  const { pageAhead, lookAhead } = limits;
  if (groups === undefined) return (lane.window?.size ?? 0) < pageAhead || canCatchUp(state, lane, limits);
  return groups.receivable < pageAhead && groups.waiting + state.deliveries.size < lookAhead;
}

/**
 * As long as something waits behind the window, all that is sent has to be read from the store. So where all that waits would
 * fill half of the window, it is read to its end; not again for a few messages at a time. Delayed ones of other lanes, and
 * those that are back in the lane, make it a guess: at worst a page more is read, or none.
 */
function canCatchUp(state: QueueState, { backlog, window, total, inFlight }: Lane, limits: WindowLimits): boolean {
  if (backlog === 'none' || window === undefined) return false;
  const waiting = total - inFlight - (state.delayed?.total ?? 0);
  const isSmall = waiting <= limits.windowMessages / 2 && window.bytes + limits.pageBytes <= limits.windowBytes;
  return isSmall && waiting - window.size >= limits.pageAhead;
}

function load(state: QueueState, lane: Lane, effects: QueueEffect[]): void {
  state.loads += 1;
  lane.loading = { number: state.loads, sent: [], sentBytes: 0, delayedUntil: Number.POSITIVE_INFINITY };
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
  lane.nextAvailableAt = Math.min(page.exhausted ? page.nextAvailableAt : lane.nextAvailableAt, loading.delayedUntil);
  lane.backlog = page.exhausted && holdSent(state, lane, loading) ? 'none' : 'maybe';
  forgetIfEmpty(state, lane);
}

/** Takes what was sent while the last page came into memory, behind it; whether all of it is there. */
function holdSent(state: QueueState, lane: Lane, { sent }: PageLoad): boolean {
  for (const message of sent ?? []) {
    // The page brought it.
    if (!isAheadOfCursor(lane, message)) continue;
    if (message.availableAt >= lane.nextAvailableAt || roomOf(state, lane) <= 0) return false;
    holdInMemory(state, lane, message);
  }
  return sent !== undefined;
}
