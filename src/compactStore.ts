/** Gives back the free space inside the stores of a server that does not run. A part of `server.ts`. */
import { partitionDirectories } from './partitionDirectories.ts';
import type { Compacted } from './storage/embedded/compact.ts';

/** Rejects with a sentence for people, like `startPosthorn`. Killed at any moment, it leaves what opens. */
export async function compactStore({ dataDir }: { readonly dataDir: string }): Promise<Compacted> {
  const { compactEmbedded } = await import('./storage/embedded/compact.ts');
  // The server's own comes first: if it runs, nothing is done to any.
  const sum = { ...(await compactEmbedded(dataDir)) };
  for (const directory of await partitionDirectories(dataDir)) {
    const { bytesBefore, bytesAfter } = await compactEmbedded(directory);
    sum.bytesBefore += bytesBefore;
    sum.bytesAfter += bytesAfter;
  }
  return sum;
}
