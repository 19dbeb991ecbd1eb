import type {
  DeliveredMessage,
  Partition,
  QueueEncoder,
  QueueHandle,
  QueueMessage,
  QueueMessageAttribute,
  QueuePath,
} from '#runtime';
import { publishedAttributes, rawMessageAttributesMax } from './attributeForms.ts';
import type { Delivery } from './delivery.ts';
import { snsPrincipal } from './records.ts';

/** A delivery that is given up. */
export interface DeadLetter {
  readonly delivery: Delivery;
  /** As its endpoint would have got it. */
  readonly body: string;
  readonly statusCode: number | undefined;
  readonly reason: string;
}

/**
 * Out of the queue of deliveries and into the dead-letter queue, by one commit. Gives whether it is there: a queue that is
 * gone, or takes no such message, loses it, as in AWS.
 */
export async function moveToDeadLetterQueue(
  { partition, encoder }: { readonly partition: Partition; readonly encoder: QueueEncoder },
  { queue, message }: { readonly queue: QueueHandle; readonly message: DeliveredMessage },
  target: QueuePath,
  letter: DeadLetter,
): Promise<boolean> {
  if (queue.ended !== undefined) throw queue.ended;
  let deleting: Promise<unknown> = Promise.resolve();
  const composing = letterOf(letter, target);
  const keys = encoder.keys(composing.source);
  const isThere = await partition.inOneCommit((one) => {
    const [deadLetterQueue] = one.queues([target]);
    one.wait([deadLetterQueue && keys.ready(deadLetterQueue)]);
    // It writes in this very turn, into the same commit; that it is durable is known only afterwards.
    deleting = queue.delete([message]);
    deleting.catch(() => undefined);
    const composed = deadLetterQueue && encoder.prepare(composing, keys)(deadLetterQueue);
    if (deadLetterQueue === undefined || composed === undefined) return false;
    deadLetterQueue.enqueue([composed]);
    return true;
  });
  await deleting;
  return isThere;
}

/**
 * Recorded at AWS: the body and the group are those of the delivery, and a raw one has its message attributes. The three
 * that say why are ours, by the names under which Lambda gives them; they yield to the message's.
 */
function letterOf({ delivery, body, statusCode, reason }: DeadLetter, { accountId }: QueuePath): QueueMessage {
  const { raw, groupId, messageId, attributes } = delivery;
  // More of them no queue takes: better a letter without them than none.
  const isKept = raw && Object.keys(attributes).length <= rawMessageAttributesMax;
  const own = (isKept ? publishedAttributes(attributes) : {}) as Record<string, QueueMessageAttribute>;
  const all: typeof own = {
    RequestID: { DataType: 'String', StringValue: messageId },
    ...(statusCode !== undefined && { ErrorCode: { DataType: 'Number', StringValue: String(statusCode) } }),
    ErrorMessage: { DataType: 'String', StringValue: presentable(reason) },
    ...own,
  };
  return {
    body,
    attributes: Object.keys(all).length > rawMessageAttributesMax ? own : all,
    ...(groupId !== undefined && { groupId, deduplicationId: messageId }),
    senderId: accountId,
    source: { arn: delivery.topicArn, service: snsPrincipal },
  };
}

const reasonMax = 1_024;

/** What the other end says may be long, and hold what no attribute may. */
function presentable(reason: string): string {
  const clean = reason.replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '\u{fffd}');
  return clean.slice(0, reasonMax).toWellFormed() || 'unknown';
}
