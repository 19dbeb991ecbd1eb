import type { QueueEffect } from '#engines/queue';
import type { WriteOperation } from '#storage';
import { deliveryKey, messageKey } from '#storage/keys';
import { encodeDelivery, encodeMessage } from '#storage/records';

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
