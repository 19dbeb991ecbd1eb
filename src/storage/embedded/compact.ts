/**
 * Rewrites a store without what has been deleted, while no server has it open. It goes in the same steps as the store's own
 * merges, so a run that is killed leaves a store that is whole, and partly compacted.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreUnusable } from '../store.ts';
import { errorCode, reasonFor } from './diskErrors.ts';
import { lockDirectory } from './lock.ts';
import { manifestName } from './manifest.ts';
import { NodeDisk } from './nodeDisk.ts';
import { explain, openLocked } from './open.ts';

/** Sizes of the store's files. */
export interface Compacted {
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

/** Throws `StoreUnusable` with a sentence. */
export async function compactEmbedded(dataDirectory: string): Promise<Compacted> {
  await refuseIfAbsent(dataDirectory);
  try {
    const lock = await lockDirectory(dataDirectory);
    const bytesBefore = await bytesIn(dataDirectory);
    await compactLocked(dataDirectory).finally(() => lock.release());
    return { bytesBefore, bytesAfter: await bytesIn(dataDirectory) };
  } catch (error) {
    throw explain(error, dataDirectory);
  }
}

async function compactLocked(directory: string): Promise<void> {
  const store = await openLocked(directory, { release: async () => undefined });
  try {
    await store.compact();
  } catch (error) {
    throw notCompacted(error, directory);
  } finally {
    await store.close();
  }
}

/** Opening a store would make one. */
async function refuseIfAbsent(directory: string): Promise<void> {
  const stats = await stat(join(directory, manifestName)).catch(() => undefined);
  if (stats?.isFile()) return;
  throw new StoreUnusable('io', `There is no store in ${directory}. Say where the data directory is with --data-dir.`);
}

async function bytesIn(directory: string): Promise<number> {
  const names = await new NodeDisk(directory).names();
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(directory, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

function notCompacted(error: unknown, directory: string): StoreUnusable {
  const why = error instanceof Error ? error.message : String(error);
  const sentence = `The store in ${directory} can not be compacted further; nothing is lost. (${why})`;
  return new StoreUnusable(reasonFor(errorCode(error)), sentence, { cause: error });
}
