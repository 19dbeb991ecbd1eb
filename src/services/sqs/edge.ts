/** The operations on messages, for a process that has no queues of its own. */
import type { ServedService } from '#aws/contract';
import { sqs as contract } from '#aws/generated/sqs';
import { messageOperations } from './messageOperations.ts';
import { ReceiptHandles } from './receiptHandle.ts';
import { bind, type SqsMessages } from './service.ts';

/**
 * `queues`: those that encrypt are not to be given out, nor are encrypted messages, for there is no key here. `attempt`: calls
 * an operation, and may call it again; what it rejects with is for who made it.
 */
export function createSqsAtEdge(
  queues: SqsMessages['partition'],
  secret: Buffer,
  attempt: (operation: () => Promise<unknown>) => Promise<unknown>,
): ServedService {
  const sqs: SqsMessages = {
    partition: queues,
    receiptHandles: new ReceiptHandles(secret),
    encryption: { dataKeys: { sealing: noKey, opening: noKey }, managed: 'explicit' },
    quotas: undefined,
  };
  return { contract, operations: bind(messageOperations, sqs, attempt) };
}

function noKey(): never {
  throw new Error('There are no keys at the edge.');
}
