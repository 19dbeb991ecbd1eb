/** The promises of FIFO queues about the messages of a group. */
import type { StoredCopy } from './disk.ts';
import type { Stay } from './stays.ts';

/**
 * An answer has the first messages of its groups, in order: nothing of them lies before or between. What was deleted, or
 * has left, before the receive is not stored any more when its answer comes, for such answers wait for their commit.
 */
export function judgeOrder(received: readonly StoredCopy[], stored: readonly StoredCopy[]): void {
  const lastOfGroups = new Map<string, number>();
  for (const { id, groupId, sequence } of received) {
    if (sequence < (lastOfGroups.get(groupId) ?? 0))
      throw new Error(`an answer has ${id} behind a later one of its group`);
    lastOfGroups.set(groupId, sequence);
  }
  const copies = new Set(received);
  for (const copy of stored) {
    const last = lastOfGroups.get(copy.groupId) ?? 0;
    if (copy.sequence < last && !copies.has(copy)) {
      throw new Error(`${copy.id} was overtaken by a later one of its group`);
    }
  }
}

/** Whoever began after a message of a group was received gets nothing of the group while that one is in flight for sure. */
export function judgeGroupsInFlight(
  received: readonly Stay[],
  stored: readonly Stay[],
  { order, now }: { readonly order: number; readonly now: number },
): void {
  const groups = new Set(received.map(({ copy }) => copy.groupId));
  for (const stay of stored) {
    const { copy, holdings, hiddenUntil } = stay;
    if (!groups.has(copy.groupId) || received.includes(stay) || hiddenUntil <= now) continue;
    const answerOrder = holdings.at(-1)?.answerOrder ?? order;
    if (answerOrder < order) {
      throw new Error(`received more of the group ${copy.groupId} while ${copy.id} of it was in flight`);
    }
  }
}
