import { purgeQueueInProgress, queueDeletedRecently } from './errors.ts';
import { deletionIntervalMs, purgeIntervalMs } from './limits.ts';
import type { QueuePath } from './queueUrl.ts';
import type { Sqs } from './service.ts';

/** AWS's two waits of a minute, which only those want who test against them. */
export function refusePurgeTooSoon(
  sqs: Sqs,
  { name, purgedAt }: { readonly name: string; readonly purgedAt?: number },
) {
  if (sqs.strictTiming && isWithin(sqs, purgedAt, purgeIntervalMs)) throw purgeQueueInProgress(name);
}

export function refuseCreationTooSoon(sqs: Sqs, path: QueuePath): void {
  if (sqs.strictTiming && isWithin(sqs, sqs.partition.deletedAt(path), deletionIntervalMs)) {
    throw queueDeletedRecently();
  }
}

function isWithin(sqs: Sqs, since: number | undefined, intervalMs: number): boolean {
  return since !== undefined && sqs.partition.now() < since + intervalMs;
}
