import { contentsRanges, discardedRange, readIdKey } from '#storage/keys';
import type { Clock } from './clock.ts';
import type { GroupCommit } from './groupCommit.ts';
import { backgroundPage, backgroundPageBytes } from './limits.ts';

/**
 * Removes what purges and deleted queues left behind, a page per commit, until nothing is left. It can stop anywhere: the
 * marker goes last, so the next run goes on where this one ended.
 */
export async function removeDiscarded(commit: GroupCommit, clock: Clock, stopped: () => boolean): Promise<void> {
  while (!stopped()) {
    const [marker] = await commit.scan({ ...discardedRange, limit: 1 });
    if (marker === undefined) return;
    for (const range of contentsRanges(readIdKey(marker.key))) {
      for (;;) {
        const page = await commit.scan({ ...range, limit: backgroundPage, maxBytes: backgroundPageBytes });
        if (page.length === 0) break;
        if (stopped()) return;
        await commit.append(page.map(({ key }) => ({ key }))).durable;
        await clock.nextTurn();
      }
    }
    await commit.append([{ key: marker.key }]).durable;
  }
}
