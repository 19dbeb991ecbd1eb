/** Where partitions lie whose queues other processes own: `<data directory>/partitions/<number>`. A part of `server.ts`. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

export function partitionDirectory(dataDir: string, partition: number): string {
  return join(dataDir, 'partitions', `${partition}`);
}

/** Of those that are there. */
export async function partitionDirectories(dataDir: string): Promise<string[]> {
  const names = await readdir(join(dataDir, 'partitions')).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const numbers = names.filter((name) => /^[1-9]\d*$/.test(name)).map(Number);
  return numbers.sort((a, b) => a - b).map((number) => partitionDirectory(dataDir, number));
}
