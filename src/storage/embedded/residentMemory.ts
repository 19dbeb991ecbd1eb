import { readFileSync } from 'node:fs';

/**
 * How many bytes of mapped files this process has in memory, where the system says so (Linux). Mapped pages belong to the
 * page cache and the kernel takes them back when it must, but they count as the process's resident memory.
 */
export function residentFileBytes(): number | undefined {
  try {
    const match = /^RssFile:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1'));
    return match === null ? undefined : Number(match[1]) * 1024;
  } catch {
    return undefined;
  }
}
