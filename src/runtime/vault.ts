/**
 * Everything secret that the server keeps is sealed by one random key, the vault's. That one lies in the store, wrapped
 * by the master key, so that another master key rewrites one entity however many secrets there are.
 *
 * While the master key is replaced, the store holds the vault's key in two wrappings. The file changes between the
 * commit that adds the new one and the commit that takes the old one away, so whichever key is in the file opens it:
 *
 *     stage master.key.new -> commit [old, new] -> rename to master.key -> commit [new]
 */
import { randomBytes } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import type { Store } from '#storage';
import { Entities } from './entities.ts';
import { GroupCommit } from './groupCommit.ts';
import {
  type MasterKey,
  type MasterKeySource,
  masterKeyPath,
  newMasterKey,
  promoteMasterKey,
  readMasterKey,
  stageMasterKey,
  VaultUnusable,
} from './masterKey.ts';
import { createSealer, SealBroken, type Vault } from './sealing.ts';

/** Kind `vault`, path `current`. */
interface VaultRecord {
  readonly wrappings: readonly Wrapping[];
}

/** The vault's key as one master key has sealed it. */
interface Wrapping {
  readonly masterKeyId: string;
  /** Base64. */
  readonly sealed: string;
}

type VaultEntities = Pick<Entities, 'get' | 'write'>;

const kind = 'vault';
const path = 'current';
const wrappingContext = 'posthorn vault key';

/** Opens the vault, or makes it together with its master key. Throws `VaultUnusable`. */
export async function openVault(entities: VaultEntities, source: MasterKeySource): Promise<Vault> {
  const record = await entities.get<VaultRecord>(kind, path);
  if (record === undefined) return createVault(entities, source);
  const masterKey = await existingMasterKey(source);
  const vaultKey = unwrap(record, masterKey);
  // A replacement that was broken off has left the key that is to go.
  const mine = record.wrappings.filter(({ masterKeyId }) => masterKeyId === masterKey.id);
  if (mine.length < record.wrappings.length) await storeWrappings(entities, mine);
  return createSealer(vaultKey);
}

/**
 * Puts another master key in the place of the one that `source` means, while nobody else has the store open. Without
 * `successor` a new one is made, and written to the file of the old one. Broken off anywhere, what is there belongs together.
 */
export async function rotateMasterKey(
  entities: VaultEntities,
  source: MasterKeySource,
  successor?: MasterKey,
): Promise<void> {
  const record = await entities.get<VaultRecord>(kind, path);
  if (record === undefined) throw new VaultUnusable('There is no vault yet, so there is no master key to replace.');
  const current = await existingMasterKey(source);
  const vaultKey = unwrap(record, current);
  if (successor !== undefined) {
    await storeWrappings(entities, [wrap(vaultKey, successor)]);
    return;
  }
  const named = masterKeyPath(source);
  if (named === undefined) {
    throw new VaultUnusable(
      'The master key comes from the environment, so the new one must, too: set POSTHORN_NEW_MASTER_KEY.',
    );
  }
  // Not beside a link that leads to it.
  const file = await realpath(named);
  const made = newMasterKey(file);
  await stageMasterKey(file, made);
  await storeWrappings(entities, [wrap(vaultKey, current), wrap(vaultKey, made)]);
  await promoteMasterKey(file);
  await storeWrappings(entities, [wrap(vaultKey, made)]);
}

/** The same in a store that nothing else is done with. Closes it. */
export async function rotateMasterKeyIn(store: Store, source: MasterKeySource, successor?: MasterKey): Promise<void> {
  const commit = new GroupCommit(store, { onFailure: () => undefined });
  try {
    await rotateMasterKey(new Entities(commit), source, successor);
  } finally {
    await commit.close();
    await store.close();
  }
}

async function createVault(entities: VaultEntities, source: MasterKeySource): Promise<Vault> {
  const masterKey = (await readMasterKey(source)) ?? (await createMasterKey(source));
  const vaultKey = randomBytes(32);
  await storeWrappings(entities, [wrap(vaultKey, masterKey)]);
  return createSealer(vaultKey);
}

/** Who names a file means one that is there: a new one beside a mistyped name would be lost with the container. */
async function createMasterKey(source: MasterKeySource): Promise<MasterKey> {
  const { masterKeyFile } = source;
  if (masterKeyFile !== undefined) {
    const how = `Make one with "openssl rand -base64 32 > ${masterKeyFile}", or set POSTHORN_MASTER_KEY.`;
    throw new VaultUnusable(`The master key ${masterKeyFile} does not exist. ${how}`);
  }
  const file = masterKeyPath(source);
  const made = newMasterKey(file ?? 'memory');
  if (file !== undefined) {
    await stageMasterKey(file, made);
    await promoteMasterKey(file);
  }
  return made;
}

async function existingMasterKey(source: MasterKeySource): Promise<MasterKey> {
  const masterKey = await readMasterKey(source);
  if (masterKey !== undefined) return masterKey;
  const file = masterKeyPath(source) ?? 'in memory';
  const advice = 'Bring the file back from a backup, or set POSTHORN_MASTER_KEY to what was in it.';
  throw new VaultUnusable(
    `The master key ${file} does not exist, and the secrets in this store are sealed by it. ${advice}`,
  );
}

function wrap(vaultKey: Uint8Array, { bytes, id }: MasterKey): Wrapping {
  return { masterKeyId: id, sealed: createSealer(bytes).seal(vaultKey, wrappingContext).toString('base64') };
}

function unwrap({ wrappings }: VaultRecord, { bytes, id, origin }: MasterKey): Buffer {
  const wrapping = wrappings.find(({ masterKeyId }) => masterKeyId === id);
  if (wrapping === undefined) {
    const advice = 'Give the key that was in use when the server last ran; "posthorn kms rotate-master" replaces it.';
    throw new VaultUnusable(
      `The master key in ${origin} is not the one that sealed the secrets in this store. ${advice}`,
    );
  }
  try {
    return createSealer(bytes).open(Buffer.from(wrapping.sealed, 'base64'), wrappingContext);
  } catch (error) {
    if (!(error instanceof SealBroken)) throw error;
    throw new VaultUnusable('The key of the vault in this store is damaged. Restore the data directory from a backup.');
  }
}

function storeWrappings(entities: VaultEntities, wrappings: readonly Wrapping[]): Promise<void> {
  const value: VaultRecord = { wrappings };
  return entities.write({ kind, path, value });
}
