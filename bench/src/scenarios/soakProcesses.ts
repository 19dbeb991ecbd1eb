import { readdirSync, readFileSync } from 'node:fs';

/** The processes that a process has started, oldest first; none where the system has no `/proc`. */
export function childrenOf(pid: number): number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), ...statusOf(name) }))
    .filter(({ parent }) => parent === pid)
    .sort((a, b) => a.startedAt - b.startedAt)
    .map((child) => child.pid);
}

function statusOf(name: string): { parent: number; startedAt: number } {
  try {
    const line = readFileSync(`/proc/${name}/stat`, 'latin1');
    // The second field is the command in parentheses and may hold spaces, so counting starts behind it.
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
    return { parent: Number(fields[1]), startedAt: Number(fields[19]) };
  } catch {
    return { parent: 0, startedAt: 0 }; // It has ended meanwhile.
  }
}

/** Kills the edge workers of a server in turn: always the one that has lived longest. */
export class SoakKills {
  readonly #pid: number;
  #count = 0;
  #lastAt = Number.NEGATIVE_INFINITY;

  constructor(pid: number) {
    this.#pid = pid;
  }

  get count(): number {
    return this.#count;
  }

  killOne(): void {
    const [oldest] = childrenOf(this.#pid);
    if (oldest === undefined) return;
    try {
      process.kill(oldest, 'SIGKILL');
    } catch {
      return; // It has ended by itself.
    }
    this.#count += 1;
    this.#lastAt = performance.now();
  }

  /** A connection that dies within so long after a kill may have died of it. */
  explainsDeath(withinMilliseconds: number): boolean {
    return performance.now() - this.#lastAt < withinMilliseconds;
  }
}
