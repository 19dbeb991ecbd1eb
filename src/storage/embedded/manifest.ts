/**
 * The file that says what belongs to the store: which commit logs to read, and which tables there are. It is written
 * anew with every change, into a file of another name that takes its place once it is durable. Two lines of text: JSON, and
 * the checksum of that.
 */
import { crc32 } from 'node:zlib';
import type { Disk } from './disk.ts';

export const manifestName = 'manifest';
const nextName = 'manifest-next';

/** A start has to find every log from the first to the last; those behind that were begun later. */
export interface NeededLogs {
  /** Logs with smaller numbers are not needed any more. */
  readonly firstLog: number;
  /** The newest one that had been begun. 0: this was written by a version that did not tell. */
  readonly lastLog: number;
}

export interface Manifest extends NeededLogs {
  /** The youngest run first; `from` in hexadecimal, see `runs.ts`. */
  readonly runs: readonly (readonly { readonly table: number; readonly from?: string }[])[];
}

/** The manifest or, if it can't be read, a sentence's end that says what is wrong. Undefined if there is none. */
export function readManifest(disk: Disk, names: readonly string[]): Manifest | string | undefined {
  if (!names.includes(manifestName)) return undefined;
  const file = disk.openForReading(manifestName);
  try {
    const bytes = Buffer.alloc(file.size);
    const text = bytes.toString('utf8', 0, file.read(bytes, 0));
    const [line = '', checksum] = text.split('\n');
    if (checksum !== checksumOf(line)) return 'its manifest is damaged';
    const manifest = JSON.parse(line) as Omit<Manifest, 'lastLog'> & Partial<NeededLogs>;
    return { ...manifest, lastLog: manifest.lastLog ?? 0 };
  } finally {
    file.close();
  }
}

/** Durable when it resolves, and with it every creation, renaming and removal before. Rejects with the present one in place. */
export async function writeManifest(disk: Disk, manifest: Manifest): Promise<void> {
  const line = JSON.stringify(manifest);
  const file = await disk.create(nextName);
  try {
    await file.append(Buffer.from(`${line}\n${checksumOf(line)}\n`));
    await file.sync();
  } finally {
    await file.close();
  }
  await disk.syncDirectory();
  await disk.rename(nextName, manifestName);
  await disk.syncDirectory();
}

function checksumOf(line: string): string {
  return crc32(line).toString(16).padStart(8, '0');
}
