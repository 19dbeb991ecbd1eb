import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Linux counts process time in ticks of 1/100 s on every platform that Node.js runs on (USER_HZ). */
const ticksPerSecond = 100;

export type Memory = {
  readonly residentBytes: number;
  /** Heap and buffers; undefined where the system does not tell. */
  readonly anonymousBytes: number | undefined;
  /** Mapped files, such as a memory-mapped store: the kernel takes these pages back whenever it needs them. */
  readonly fileBytes: number | undefined;
};

/**
 * Processor time that all threads of a process have used so far, and of each process that it started; the process itself
 * comes first. Undefined where only `ps` could tell.
 */
export function processorByProcess(pid: number): ReadonlyMap<number, number> | undefined {
  if (process.platform !== 'linux') return undefined;
  const found = new Map<number, number>();
  const waiting = [pid];
  for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
    try {
      found.set(one, secondsOf(one));
      waiting.push(...childrenOf(one));
    } catch {
      // It has ended meanwhile.
    }
  }
  return found.has(pid) ? found : undefined;
}

export function processorSeconds(pid: number): number | undefined {
  const found = processorByProcess(pid);
  return found === undefined ? undefined : [...found.values()].reduce((sum, seconds) => sum + seconds, 0);
}

function secondsOf(pid: number): number {
  const line = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The second field is the command in parentheses and may hold spaces, so counting starts behind it.
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** Linux keeps the children of each thread by itself. */
function childrenOf(pid: number): number[] {
  const lists = readdirSync(`/proc/${pid}/task`).map((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1'),
  );
  return lists.flatMap((list) =>
    list
      .split(' ')
      .filter((word) => word !== '')
      .map(Number),
  );
}

export function memory(pid: number): Memory | undefined {
  try {
    if (process.platform === 'linux') return linuxMemory(pid);
    if (process.platform === 'win32') return undefined;
    const kilobytes = Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }).trim());
    return { residentBytes: kilobytes * 1024, anonymousBytes: undefined, fileBytes: undefined };
  } catch {
    return undefined;
  }
}

function linuxMemory(pid: number): Memory {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  const field = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024;
  return { residentBytes: field('VmRSS'), anonymousBytes: field('RssAnon'), fileBytes: field('RssFile') };
}

/** Bytes that the files of a folder take on disk: sparse files count with the blocks they have. */
export function folderBytes(folder: string): number {
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const status = statSync(join(entry.parentPath, entry.name));
    bytes += status.blocks > 0 ? status.blocks * 512 : status.size;
  }
  return bytes;
}
