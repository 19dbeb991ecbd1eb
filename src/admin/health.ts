import type { ServedQueues } from '#runtime';

/** Ready, or the reason why not: writes are refused while the store can't take them. */
export function health({ problem }: Pick<ServedQueues, 'problem'>): { ready: boolean; reason?: string } {
  return problem === undefined ? { ready: true } : { ready: false, reason: problem.message };
}
