import type { Receipt, ReceivedMessage } from '#engines/queue';
import type { Bytes } from '#std/splitBytes';
import type { QueuePath } from '#storage/keys';
import type { MessageRecord } from '#storage/records';

/** A message that a receive brought, its bytes always there. */
export interface DeliveredMessage extends Receipt {
  readonly sentAt: number;
  /** From this queue and, if it is a dead letter, the one before. */
  readonly receiveCount: number;
  readonly firstReceivedAt: number;
  readonly messageId: Uint8Array;
  readonly payload: Bytes;
  /** Empty if it has none. */
  readonly groupId: string;
  /** The queue from which it came as a dead letter. */
  readonly origin: QueuePath | undefined;
}

export function deliver(
  received: ReceivedMessage,
  bytes: Omit<MessageRecord, 'sentAt'> | undefined,
): DeliveredMessage | undefined {
  if (bytes === undefined) return undefined;
  const { lane, availableAt, sequence, attempt, nonce, sentAt, firstReceivedAt } = received;
  const { messageId, payload, groupId } = bytes;
  const receiveCount = received.receiveCount + bytes.receivedBefore;
  const origin = bytes.origin === '' ? undefined : readOrigin(bytes.origin);
  // Written out: spreads were a tenth of a receive's time.
  return {
    lane,
    availableAt,
    sequence,
    attempt,
    nonce,
    receiveCount,
    sentAt,
    firstReceivedAt,
    messageId,
    payload,
    groupId,
    origin,
  };
}

/** `account/region/name`. */
export function writeOrigin({ accountId, region, name }: QueuePath): string {
  return `${accountId}/${region}/${name}`;
}

export function readOrigin(origin: string): QueuePath {
  const [accountId = '', region = '', name = ''] = origin.split('/');
  return { accountId, region, name };
}
