import type { QueueEffect } from '#engines/queue';
import type { WriteOperation } from '#storage';
import { deadLetterSourceKey, deliveryKey, discardedKey, messageKey, queueKey } from '#storage/keys';
import { encodeDelivery, encodeMessage, encodeQueue, type QueueRecord } from '#storage/records';

type Written = Exclude<QueueEffect, { kind: 'discard-all' | 'put-deduplication' | 'delete-deduplication' }>;

/** What an effect of the engine writes under a queue's contents id, if anything. */
export function writesOf(effect: Written, contentsId: number, writes: WriteOperation[]): void {
  switch (effect.kind) {
    case 'put-message':
      writes.push({ key: messageKey(contentsId, effect.message), value: encodeMessage(effect.message) });
      return;
    case 'put-delivery':
      writes.push({ key: deliveryKey(contentsId, effect.delivery.sequence), value: encodeDelivery(effect.delivery) });
      return;
    case 'delete-message':
      writes.push({ key: messageKey(contentsId, effect.position) });
      if (effect.delivered) writes.push({ key: deliveryKey(contentsId, effect.position.sequence) });
      return;
    case 'load-page':
    case 'answer-receive':
    case 'dead-letters':
    case 'set-timer':
      return;
    default:
      effect satisfies never;
  }
}

export function recordWrite(record: QueueRecord): WriteOperation {
  const { accountId, region, name } = record;
  return { key: queueKey(accountId, region, name), value: encodeQueue(record) };
}

/** With what makes the queue known as a source of its dead-letter queue. */
export function recordWrites(record: QueueRecord): WriteOperation[] {
  const target = record.settings.deadLetter?.target;
  const write = recordWrite(record);
  return target === undefined
    ? [write]
    : [write, { key: deadLetterSourceKey(target, record), value: new Uint8Array(0) }];
}

/** Takes back what `recordWrites` wrote, and puts the contents aside. */
export function removalWrites(record: QueueRecord): WriteOperation[] {
  return [...recordWrites(record).map(({ key }) => ({ key })), discardWrite(record)];
}

/** Puts the contents aside, so that they are removed in the background. */
export function discardWrite({ contentsId }: QueueRecord): WriteOperation {
  return { key: discardedKey(contentsId), value: new Uint8Array(0) };
}
