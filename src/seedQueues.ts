import { AwsError, type CallContext, type ServedService } from './aws/contract.ts';
import type { PosthornOptions, SeedQueue } from './server.ts';

/**
 * Creates the queues that the configuration names, through CreateQueue itself: what it refuses, stops the start. A queue
 * that exists with other attributes is refused too, rather than changed behind its users' backs.
 */
export async function seedQueues(sqs: ServedService, options: PosthornOptions): Promise<void> {
  for (const queue of deadLetterQueuesFirst(options.queues ?? [])) {
    const input = { QueueName: queue.name, Attributes: queue.attributes ?? {}, tags: queue.tags ?? {} };
    const context: CallContext = {
      accountId: queue.accountId ?? options.accountId ?? '000000000000',
      region: queue.region ?? options.region ?? 'us-east-1',
      requestId: '',
      accessKeyId: '',
      endpoint: '',
      client: { gone: false, onGone: () => undefined },
    };
    try {
      await sqs.operations.CreateQueue?.(input as never, context);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      throw Object.assign(new Error(`The configuration's queue ${queue.name} can't be made: ${error.message}`), {
        exitCode: 2,
      });
    }
  }
}

/** A dead-letter queue must exist before the queues that name it, wherever it stands in the list. */
function deadLetterQueuesFirst(queues: readonly SeedQueue[]): SeedQueue[] {
  const waiting = [...queues];
  const ordered: SeedQueue[] = [];
  while (waiting.length > 0) {
    const isFree = ({ attributes }: SeedQueue) =>
      !waiting.some(({ name }) => attributes?.RedrivePolicy?.includes(`:${name}"`) === true);
    // Queues that wait for each other in a circle are left to CreateQueue, which refuses the first.
    const [next] = waiting.splice(Math.max(0, waiting.findIndex(isFree)), 1);
    if (next !== undefined) ordered.push(next);
  }
  return ordered;
}
