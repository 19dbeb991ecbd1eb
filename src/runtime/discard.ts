import { contentsRanges, discardedRange, readIdKey } from '#storage/keys';
import type { Clock } from './clock.ts';
import type { GroupCommit } from './groupCommit.ts';
import { backgroundPage, backgroundPageBytes } from './limits.ts';

/**
 * Removes what purges and deleted queues left behind, until nothing is left: a page is deleted entry by entry, of what is
 * more the store forgets what it can first. It can stop anywhere: the marker goes last, so the next run goes on where this
 * one ended.
 */
export async function removeDiscarded(commit: GroupCommit, clock: Clock, stopped: () => boolean): Promise<void> {
  while (!stopped()) {
    const [marker] = await commit.scan({ ...discardedRange, limit: 1 });
    if (marker === undefined) return;
    const ranges = contentsRanges(readIdKey(marker.key));
    let isForgotten = false;
    for (const { from: start, to } of ranges) {
      // Each page begins behind the last one: a store may have to pass over every entry that was just removed.
      for (let from = start; ; ) {
        const page = await commit.scan({ from, to, limit: backgroundPage, maxBytes: backgroundPageBytes });
        const last = page.at(-1);
        if (last === undefined) break;
        if (stopped()) return;
        if (from !== start && !isForgotten) {
          isForgotten = true;
          await commit.forget(ranges);
          continue;
        }
        from = Buffer.concat([last.key, Buffer.of(0)]);
        await commit.append(page.map(({ key }) => ({ key }))).durable;
        await clock.nextTurn();
      }
    }
    await commit.append([{ key: marker.key }]).durable;
  }
}
