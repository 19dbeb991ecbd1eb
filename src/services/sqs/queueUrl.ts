import type { CallContext } from '#aws/contract';
import { invalidAddress, invalidParameter, queueDoesNotExist } from './errors.ts';
import { queueNameLength } from './limits.ts';
import type { MessageQueue } from './service.ts';

const accountPattern = /^\d{12}$/;
const namePattern = /^[A-Za-z0-9_-]{1,80}$/;

/** `<endpoint>/<account>/<name>`, the endpoint as the client reached us. */
export function queueUrl(context: CallContext, queue: { readonly accountId: string; readonly name: string }): string {
  return `${context.endpoint}/${queue.accountId}/${queue.name}`;
}

/** What names one queue everywhere. */
export interface QueuePath {
  readonly accountId: string;
  readonly region: string;
  readonly name: string;
}

export function queueArn(queue: QueuePath): string {
  return `arn:aws:sqs:${queue.region}:${queue.accountId}:${queue.name}`;
}

/** The parts of any service's ARN, or undefined if it is none. */
export function parseArn(arn: string): (QueuePath & { readonly service: string }) | undefined {
  const [, service, region, accountId, name] = /^arn:[a-z-]+:([a-z0-9-]+):([a-z0-9-]*):([^:]*):(.+)$/.exec(arn) ?? [];
  if (service === undefined || region === undefined || accountId === undefined || name === undefined) return undefined;
  return { service, region, accountId, name };
}

/** The queue that an ARN names, whether it exists or not; undefined if it can be no queue's. */
export function parseQueueArn(arn: string): QueuePath | undefined {
  const parsed = parseArn(arn);
  if (parsed === undefined) return undefined;
  const { service, region, accountId, name } = parsed;
  const stem = isFifoName(name) ? name.slice(0, -'.fifo'.length) : name;
  if (service !== 'sqs' || region === '' || !accountPattern.test(accountId) || !namePattern.test(stem))
    return undefined;
  return { accountId, region, name };
}

/** All FIFO queues have this suffix, and no other has a dot in its name. */
export function isFifoName(name: string): boolean {
  return name.endsWith('.fifo');
}

/**
 * Account and name of a queue URL. Only the path counts: behind a proxy or in another container the same queue has other
 * hosts. A bare name is a queue of the caller's own account.
 */
export function parseQueueUrl(given: string, context: CallContext): { accountId: string; name: string } {
  // People put URLs together by hand; a slash too many at the end still names one queue.
  const url = given.endsWith('/') ? given.slice(0, -1) : given;
  const nameStart = url.lastIndexOf('/') + 1;
  const name = url.slice(nameStart);
  if (nameStart === 0) return { accountId: context.accountId, name };
  const accountStart = url.lastIndexOf('/', nameStart - 2) + 1;
  const accountId = url.slice(accountStart, nameStart - 1);
  if (!accountPattern.test(accountId) || name === '') throw invalidAddress(given);
  return { accountId, name };
}

/** The queue that the URL names, in the caller's region. */
export function findQueue<Queue extends MessageQueue>(
  { partition }: { readonly partition: Queues<Queue> },
  url: string,
  context: CallContext,
): Queue | Promise<Queue> {
  const { accountId, name } = parseQueueUrl(url, context);
  const found = partition.queue(accountId, context.region, name);
  return found instanceof Promise ? found.then(existing) : found;
}

interface Queues<Queue> {
  queue(accountId: string, region: string, name: string): Queue | Promise<Queue | undefined>;
}

export function existing<Queue>(queue: Queue | undefined): Queue {
  if (queue === undefined) throw queueDoesNotExist();
  return queue;
}

/** A FIFO queue's name ends in `.fifo`; no other name has a dot. */
export function checkQueueName(name: string, fifo: boolean): void {
  if (name === '') throw invalidParameter('Queue name cannot be empty');
  if (!fifo && !namePattern.test(name)) {
    throw invalidParameter('Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length');
  }
  const stem = name.slice(0, -'.fifo'.length);
  if (fifo && !(isFifoName(name) && namePattern.test(stem) && name.length <= queueNameLength)) {
    throw invalidParameter(
      'The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length',
    );
  }
}
