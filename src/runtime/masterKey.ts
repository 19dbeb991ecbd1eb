/**
 * The master key: 32 bytes that wrap the key of the vault. It lies in a file or comes from the environment, as a line of
 * base64, and never in the store: a copy of the store alone opens nothing.
 */
import { createHash, randomBytes } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export interface MasterKeySource {
  /** Base64 of 32 bytes, as `POSTHORN_MASTER_KEY` has it. Goes before a file. */
  readonly masterKey?: string;
  /** A file that somebody else provides. */
  readonly masterKeyFile?: string;
  /** Where `master.key` is made unless one of the others is given. Without any of them the key is gone with the process. */
  readonly dataDir?: string;
}

export interface MasterKey {
  readonly bytes: Buffer;
  /** Tells two keys apart, and nothing else about them. */
  readonly id: string;
  /** For sentences: where the key comes from. */
  readonly origin: string;
}

/** The vault can't be opened; `message` is a sentence that says what to do. */
export class VaultUnusable extends Error {
  /** As of a data directory that can't be used. */
  readonly exitCode = 4;

  constructor(message: string) {
    super(message);
    this.name = 'VaultUnusable';
  }
}

const variable = 'POSTHORN_MASTER_KEY';
const makeOne = 'Make one with "openssl rand -base64 32".';

/** Where the key of that source is to be written, if it is a file. */
export function masterKeyPath({ masterKey, masterKeyFile, dataDir }: MasterKeySource): string | undefined {
  if (masterKey !== undefined) return undefined;
  return masterKeyFile ?? (dataDir === undefined ? undefined : join(dataDir, 'master.key'));
}

/** Undefined if there is none yet. */
export async function readMasterKey(source: MasterKeySource): Promise<MasterKey | undefined> {
  if (source.masterKey !== undefined) return parseMasterKey(source.masterKey, variable);
  const path = masterKeyPath(source);
  if (path === undefined) return undefined;
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new VaultUnusable(`The master key in ${path} can not be read (${error.message}). Check who may read it.`);
  });
  return text === undefined ? undefined : parseMasterKey(text, path);
}

export function parseMasterKey(text: string, origin: string): MasterKey {
  const trimmed = text.trim();
  const bytes = Buffer.from(trimmed, 'base64');
  // What is wrong is not shown: it may be most of a key.
  if (bytes.length !== 32 || bytes.toString('base64') !== trimmed.padEnd(44, '=')) {
    throw new VaultUnusable(`${origin} does not hold a master key, which is 32 bytes in base64. ${makeOne}`);
  }
  return describe(bytes, origin);
}

export function newMasterKey(origin: string): MasterKey {
  return describe(randomBytes(32), origin);
}

function describe(bytes: Buffer, origin: string): MasterKey {
  const id = createHash('sha256').update('posthorn master key').update(bytes).digest('hex').slice(0, 16);
  return { bytes, id, origin };
}

/** Writes the key beside `path`; `promoteMasterKey` puts it there. A staged key that was left behind is overwritten. */
export async function stageMasterKey(path: string, { bytes }: MasterKey): Promise<void> {
  const staged = stagedPath(path);
  await rm(staged, { force: true });
  // Never into a file, or along a link, that somebody else has put there.
  const file = await open(staged, 'wx', 0o600);
  try {
    await file.writeFile(`${bytes.toString('base64')}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

export async function promoteMasterKey(path: string): Promise<void> {
  await rename(stagedPath(path), path);
  if (process.platform === 'win32') return;
  const directory = await open(dirname(path), 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function stagedPath(path: string): string {
  return `${path}.new`;
}
