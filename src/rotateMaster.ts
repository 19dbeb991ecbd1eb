/** Another master key for the data directory of a server that does not run. A part of `server.ts`. */
import { stat } from 'node:fs/promises';
import { type MasterKeySource, parseMasterKey, rotateMasterKeyIn, VaultUnusable } from './runtime/index.ts';

export interface RotateMasterOptions {
  readonly dataDir: string;
  /** Where the key that is to go comes from, as `startPosthorn` takes it. */
  readonly masterKey?: string;
  readonly masterKeyFile?: string;
  /** Base64 of 32 bytes; without it, one is made and written to the file of the old one. */
  readonly newMasterKey?: string;
}

/** Rejects with a sentence for people, like `startPosthorn`. Killed at any moment, it leaves what opens. */
export async function rotateMaster(options: RotateMasterOptions): Promise<void> {
  const { dataDir, masterKey, masterKeyFile, newMasterKey } = options;
  const successor = newMasterKey === undefined ? undefined : parseMasterKey(newMasterKey, 'POSTHORN_NEW_MASTER_KEY');
  const source: MasterKeySource = {
    dataDir,
    ...(masterKey !== undefined && { masterKey }),
    ...(masterKeyFile !== undefined && { masterKeyFile }),
  };
  const stats = await stat(dataDir).catch(() => undefined);
  // Opening a store would make one.
  if (stats === undefined)
    throw new VaultUnusable(`There is no data directory ${dataDir}. Say where it is with --data-dir.`);
  const { openEmbedded } = await import('./storage/embedded/open.ts');
  await rotateMasterKeyIn(await openEmbedded(dataDir), source, successor);
}
