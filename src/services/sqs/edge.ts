/** The operations on messages, for a process that has no queues of its own. */
import type { CallContext, ServedService } from '#aws/contract';
import { sqs as contract } from '#aws/generated/sqs';
import { changeMessageVisibility } from './operations/changeMessageVisibility.ts';
import { changeMessageVisibilityBatch } from './operations/changeMessageVisibilityBatch.ts';
import { deleteMessage } from './operations/deleteMessage.ts';
import { deleteMessageBatch } from './operations/deleteMessageBatch.ts';
import { receiveMessage } from './operations/receiveMessage.ts';
import { sendMessage } from './operations/sendMessage.ts';
import { sendMessageBatch } from './operations/sendMessageBatch.ts';
import { ReceiptHandles } from './receiptHandle.ts';

const operations = {
  ChangeMessageVisibility: changeMessageVisibility,
  ChangeMessageVisibilityBatch: changeMessageVisibilityBatch,
  DeleteMessage: deleteMessage,
  DeleteMessageBatch: deleteMessageBatch,
  ReceiveMessage: receiveMessage,
  SendMessage: sendMessage,
  SendMessageBatch: sendMessageBatch,
};

/**
 * `queues`: what the operations on messages ask of a partition; those that encrypt are not to be given out, for there is no
 * key here. `attempt`: calls an operation, and may call it again; what it rejects with is for who made it.
 */
export function createSqsAtEdge(
  queues: { queue(accountId: string, region: string, name: string): unknown },
  secret: Buffer,
  attempt: (operation: () => Promise<unknown>) => Promise<unknown>,
): ServedService {
  const sqs = { partition: queues, receiptHandles: new ReceiptHandles(secret), encryption: { managed: 'explicit' } };
  const bound = Object.entries(operations).map(([name, operation]) => {
    // Each takes its own input, which the codecs made by the contract.
    const call = operation as unknown as (
      available: typeof sqs,
      input: never,
      context: CallContext,
    ) => Promise<unknown>;
    return [name, (input: never, context: CallContext) => attempt(() => call(sqs, input, context))];
  });
  return { contract, operations: Object.fromEntries(bound) };
}
