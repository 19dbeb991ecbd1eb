/** Gives back the free space inside the store of a server that does not run. A part of `server.ts`. */
import type { Compacted } from './storage/embedded/compact.ts';

/** Rejects with a sentence for people, like `startPosthorn`. Killed at any moment, it leaves what opens. */
export async function compactStore({ dataDir }: { readonly dataDir: string }): Promise<Compacted> {
  const { compactEmbedded } = await import('./storage/embedded/compact.ts');
  return compactEmbedded(dataDir);
}
