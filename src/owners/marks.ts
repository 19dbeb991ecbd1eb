/**
 * What partitions store of one another, so that none is lost or comes from elsewhere unnoticed: home how many there are, each of
 * the others its number and the server that it belongs to.
 */
import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { type Store, StoreUnusable } from '#storage';
import { serverKey } from '#storage/keys';

/** Home's own is one of them. Throws `StoreUnusable` if the store is not home. */
export async function storedPartitions(home: Pick<Store, 'get'>): Promise<number> {
  const claim = await readText(home, 'partition');
  if (claim !== undefined && !claim.startsWith('0 ')) {
    const text = `The store is a part of a server's, its partition ${claim.split(' ')[0]}. Start the server with the directory that it lies in.`;
    throw new StoreUnusable('corrupt', text);
  }
  const stored = await readText(home, 'partitions');
  return stored === undefined ? 1 : Number(stored);
}

/** What tells this server's partitions from those of others; made when it is first asked for. */
export async function serverMark(home: Pick<Store, 'commit' | 'get'>): Promise<string> {
  const stored = await readText(home, 'partition');
  if (stored !== undefined) return stored.slice('0 '.length);
  const mark = randomBytes(16).toString('hex');
  await home.commit([{ key: serverKey('partition'), value: Buffer.from(`0 ${mark}`, 'latin1') }]);
  return mark;
}

/** To be called when all of them are there, and before anything lies in a new one. */
export async function storePartitions(home: Pick<Store, 'commit'>, partitions: number): Promise<void> {
  await home.commit([{ key: serverKey('partitions'), value: Buffer.from(`${partitions}`, 'latin1') }]);
}

export interface Claim {
  readonly directory: string;
  readonly number: number;
  /** Of the server. */
  readonly mark: string;
  readonly isNew: boolean;
}

/** Before the store is opened, which would make an empty one where there is none. */
export async function checkThere({ directory, number, isNew }: Claim): Promise<void> {
  if (isNew) return;
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  if (names.length === 0) throw notThere(directory, number);
}

/** Whether the store is the partition that it should be; one that is new becomes it. */
export async function claimPartition(store: Store, { directory, number, mark, isNew }: Claim): Promise<void> {
  const wanted = `${number} ${mark}`;
  const stored = await readText(store, 'partition');
  if (stored !== undefined) {
    if (stored !== wanted) throw foreign(directory, number);
    return;
  }
  if (!isNew) throw notThere(directory, number);
  if ((await store.get(serverKey('secret'))) !== undefined) throw foreign(directory, number);
  await store.commit([{ key: serverKey('partition'), value: Buffer.from(wanted, 'latin1') }]);
}

async function readText(store: Pick<Store, 'get'>, key: 'partition' | 'partitions'): Promise<string | undefined> {
  const stored = await store.get(serverKey(key));
  return stored && Buffer.from(stored).toString('latin1');
}

const advice = 'Nothing was changed. Restore the data directory as a whole.';

function notThere(directory: string, number: number): StoreUnusable {
  return new StoreUnusable('corrupt', `The server's partition ${number} is missing from ${directory}. ${advice}`);
}

function foreign(directory: string, number: number): StoreUnusable {
  const text = `The store in ${directory} is not the server's partition ${number}, but another one. ${advice}`;
  return new StoreUnusable('corrupt', text);
}
