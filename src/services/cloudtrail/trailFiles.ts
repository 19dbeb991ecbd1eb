/** The files of the trail: `<moment>.jsonl` in one folder, so that names sort by time. Whatever else lies there is left alone. */
import { readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';

const namePattern = /^(\d{4}-\d\d-\d\d)T(\d\d)(\d\d)(\d\d\.\d{3}Z)\.jsonl$/;

/** `2026-03-24T211159.123Z.jsonl`: no colons, which some file systems refuse. */
export function fileName(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().replaceAll(':', '')}.jsonl`;
}

/** The moment at which a file was begun. */
export function beganAt(name: string): number {
  const [, day, hours, minutes, seconds] = namePattern.exec(name) ?? [];
  return Date.parse(`${day}T${hours}:${minutes}:${seconds}`);
}

/** Oldest first. None if there is no such folder. */
export async function listFiles(directory: string): Promise<string[]> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names.filter((name) => namePattern.test(name)).sort();
}

/** Removes the oldest files until `kept` are left. */
export async function removeOldest(directory: string, kept: number): Promise<void> {
  const names = await listFiles(directory);
  for (const name of names.slice(0, Math.max(0, names.length - kept))) {
    await unlink(join(directory, name)).catch((error: NodeJS.ErrnoException) => {
      // Somebody else may clear up, too.
      if (error.code !== 'ENOENT') throw error;
    });
  }
}
