import type { Partition } from '#runtime';

/** Ready, or the reason why not: writes are refused while the store can't take them. */
export function health(partition: Partition): { ready: boolean; reason?: string } {
  const { problem } = partition;
  return problem === undefined ? { ready: true } : { ready: false, reason: problem.message };
}
