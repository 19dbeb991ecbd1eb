/** Looks through the messages of a queue, page by page, for those that a filter takes. */
import type { PeekedMessage, QueueHandle } from '#runtime';
import { answerBytes, scannedMessages, scannedPages } from './limits.ts';
import { PageRefusal } from './page.ts';

export type QueueRecord = QueueHandle['record'];

/** What a service makes of the payload that it once wrote. */
export interface MessageDescription {
  readonly messageId: string;
  readonly body: string;
  /** Whatever else the service's API tells of a message. */
  readonly [member: string]: unknown;
}

export type DescribeMessage = (
  message: PeekedMessage,
  queue: QueueRecord,
) => MessageDescription | Promise<MessageDescription>;

const states = ['waiting', 'delayed', 'in-flight'] as const;

export interface MessageFilter {
  readonly state: PeekedMessage['state'] | undefined;
  readonly groupId: string | undefined;
  /** What the body must hold. */
  readonly contains: string | undefined;
}

export function readFilter(given: { state?: string; group?: string; contains?: string }): MessageFilter {
  const state = states.find((each) => each === given.state);
  if (given.state !== undefined && state === undefined) {
    throw new PageRefusal(400, `state is "${given.state}", but must be one of ${states.join(', ')}.`);
  }
  return { state, groupId: given.group, contains: given.contains };
}

export interface Search {
  readonly filter: MessageFilter;
  readonly limit: number;
  /** The `next` of the answer before. */
  readonly after: string | undefined;
}

/**
 * Ends with the queue, with `limit` messages, or when it has read enough for one request; then `next` says where to go
 * on. Pages are never longer than what is still wanted, so that each ends where the next request can begin.
 */
export async function findMessages(
  handle: Pick<QueueHandle, 'peek' | 'record'>,
  describe: DescribeMessage,
  { filter, limit, after }: Search,
): Promise<{ messages: object[]; next?: string }> {
  const messages: object[] = [];
  let scanned = 0;
  let bytes = 0;
  let next = after;
  for (let page = 0; page < scannedPages && scanned < scannedMessages && bytes < answerBytes; page += 1) {
    const peeked = await handle.peek({ ...(next !== undefined && { after: next }), limit: limit - messages.length });
    for (const message of peeked.messages) {
      const found = await present(message, handle.record, describe, filter);
      if (found === undefined) continue;
      messages.push(found);
      bytes += message.payload.length;
    }
    scanned += peeked.messages.length;
    next = peeked.next;
    if (next === undefined) return { messages };
    if (messages.length === limit) break;
  }
  return next === undefined || (await isEnd(handle, next)) ? { messages } : { messages, next };
}

/** Whether nothing follows: so that nobody is told of more where there is none. */
async function isEnd(handle: Pick<QueueHandle, 'peek'>, after: string): Promise<boolean> {
  const { messages, next } = await handle.peek({ after, limit: 1 });
  return messages.length === 0 && next === undefined;
}

async function present(
  message: PeekedMessage,
  queue: QueueRecord,
  describe: DescribeMessage,
  { state, groupId, contains }: MessageFilter,
): Promise<object | undefined> {
  if (state !== undefined && message.state !== state) return undefined;
  if (groupId !== undefined && message.groupId !== groupId) return undefined;
  const description = await describe(message, queue);
  if (contains !== undefined && !description.body.includes(contains)) return undefined;
  const { sentAt, availableAt, firstReceivedAt, visibleAt, receiveCount } = message;
  return {
    ...description,
    state: message.state,
    sentAt: instant(sentAt),
    availableAt: instant(availableAt),
    receiveCount,
    ...(receiveCount > 0 && { firstReceivedAt: instant(firstReceivedAt) }),
    ...(visibleAt !== undefined && { visibleAt: instant(visibleAt) }),
  };
}

function instant(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
