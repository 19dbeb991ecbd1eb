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
    for (const { from: start, to } of contentsRanges(readIdKey(marker.key))) {
      // Each page begins behind the last one: a store may have to pass over every entry that was just removed.
      for (let from: Uint8Array = start; ; ) {
        const page = await commit.scan({ from, to, limit: backgroundPage, maxBytes: backgroundPageBytes });
        const last = page.at(-1);
        if (last === undefined) break;
        if (stopped()) return;
        from = Buffer.concat([last.key, Buffer.of(0)]);
        await commit.append(page.map(({ key }) => ({ key }))).durable;
        await clock.nextTurn();
      }
    }
    await commit.append([{ key: marker.key }]).durable;
  }
}
