import { deleteWaiting } from './deliveries.ts';
import { appendToWindow } from './send.ts';
import type { QueueState } from './state.ts';
import type { Page, QueueEffect } from './types.ts';

/** Asks for the next page when the window runs low and there may be something behind it. */
export function loadIfLow(state: QueueState, effects: QueueEffect[]): void {
  const more = state.backlog === 'maybe' || state.nextAvailableAt <= state.now;
  if (!more || state.loading !== 0 || state.window.size >= state.limits.pageAhead) return;
  state.loads += 1;
  state.loading = state.loads;
  state.missedByLoad = { backlog: false, nextAvailableAt: Number.POSITIVE_INFINITY };
  effects.push({ kind: 'load-page', load: state.loads, after: state.cursor, until: state.now });
}

/** Takes a page into the window. One that was asked for before a purge is out of date and ignored. */
export function pageLoaded(state: QueueState, load: number, page: Page, effects: QueueEffect[]): void {
  if (load !== state.loading) return;
  state.loading = 0;
  const oldest = state.now - state.settings.retentionMs;
  for (const message of page.messages) {
    const elsewhere = state.deliveries.has(message.sequence) || state.deletedAhead.has(message.sequence);
    const expired = message.sentAt <= oldest;
    if (!elsewhere && !expired) appendToWindow(state, message);
    else state.cursor = { availableAt: message.availableAt, sequence: message.sequence };
    if (!elsewhere && expired) deleteWaiting(state, message, effects);
  }
  if (page.exhausted) state.deletedAhead.clear();
  const { missedByLoad } = state;
  state.backlog = page.exhausted && !missedByLoad.backlog ? 'none' : 'maybe';
  state.nextAvailableAt = page.exhausted
    ? Math.min(page.nextAvailableAt, missedByLoad.nextAvailableAt)
    : Math.min(state.nextAvailableAt, missedByLoad.nextAvailableAt);
}
