/** Takes what a fan-out has brought out of all its queues. */
import type { FanOutLedger } from './fanOutLedger.ts';
import { queueNames, readCopy, subscribers } from './fanOutTopology.ts';
import { queueUrl } from './fixture.ts';
import { gauge } from './gauges.ts';
import type { SqsClient } from './sqsClient.ts';

const rawQueues = new Set(subscribers.flatMap(({ queue, isRaw }) => (queue !== undefined && isRaw ? [queue] : [])));

/** Deletes what comes, until nothing comes any more or `count` have come. */
export async function drainQueue(
  client: SqsClient,
  ledger: FanOutLedger,
  queue: string,
  { waitSeconds, count = Number.POSITIVE_INFINITY }: { readonly waitSeconds: number; readonly count?: number },
): Promise<void> {
  const QueueUrl = queueUrl(client, queue);
  const request = { MaxNumberOfMessages: 10, VisibilityTimeout: 600, WaitTimeSeconds: waitSeconds };
  let left = count;
  while (left > 0) {
    const { Messages = [] } = await client.call('ReceiveMessage', { QueueUrl, ...request });
    if (Messages.length === 0) return;
    left -= Messages.length;
    for (const { Body = '' } of Messages) {
      ledger.found(queue, readCopy({ body: Body, isRaw: rawQueues.has(queue), messageId: '' }));
    }
    const Entries = Messages.map(({ ReceiptHandle = '' }, index) => ({ Id: String(index), ReceiptHandle }));
    const { Failed = [] } = await client.call('DeleteMessageBatch', { QueueUrl, Entries });
    if (Failed.length > 0) throw new Error(`a batch of deletes failed in part: ${JSON.stringify(Failed)}`);
  }
}

/** Queues that are not empty, and how many deliveries wait. */
export async function leftOver(client: SqsClient): Promise<Record<string, number>> {
  const left: Record<string, number> = {};
  await Promise.all(
    queueNames.map(async (name) => {
      const asked = { QueueUrl: queueUrl(client, name), AttributeNames: ['All' as const] };
      const { Attributes = {} } = await client.call('GetQueueAttributes', asked);
      const { ApproximateNumberOfMessages, ApproximateNumberOfMessagesNotVisible } = Attributes;
      const depth = Number(ApproximateNumberOfMessages) + Number(ApproximateNumberOfMessagesNotVisible);
      if (depth !== 0) left[name] = depth;
    }),
  );
  const deliveries = await pendingDeliveries(client);
  return deliveries === 0 ? left : { ...left, deliveries };
}

export function pendingDeliveries(client: SqsClient): Promise<number> {
  return gauge(client, 'posthorn_deliveries_pending');
}

/** Of batches, which have more copies than are handed out at once. */
export function promisedCopies(client: SqsClient): Promise<number> {
  return gauge(client, 'posthorn_fan_out_copies_promised');
}
