/** Looking at a queue's messages without receiving them, page by page, as they lie in the store. */
import { type QueueState, type Whereabouts, whereaboutsOf } from '#engines/queue';
import type { Entry } from '#storage';
import { laneMessagesAfter, type MessagePosition, messagesAfter, type QueuePath, readMessageKey } from '#storage/keys';
import { decodeMessage, type QueueRecord } from '#storage/records';
import { readOrigin } from './deliveredMessage.ts';
import type { GroupCommit } from './groupCommit.ts';
import { backgroundPageBytes } from './limits.ts';

export interface PeekedMessage extends Whereabouts {
  readonly messageId: Uint8Array;
  readonly payload: Uint8Array;
  readonly sentAt: number;
  readonly sequence: number;
  readonly groupId: string;
  readonly origin: QueuePath | undefined;
}

export interface PeekRequest {
  /** A `next` of an earlier answer; anything else begins at the beginning. */
  readonly after?: string;
  readonly limit: number;
}

export interface Peeked {
  readonly messages: readonly PeekedMessage[];
  /** Where to go on; absent at the end. */
  readonly next?: string;
}

export async function peekQueue(
  commit: GroupCommit,
  { contentsId }: QueueRecord,
  state: QueueState,
  { after, limit }: PeekRequest,
): Promise<Peeked> {
  const entries = await readEntries(commit, contentsId, readToken(after), limit);
  const messages: PeekedMessage[] = [];
  for (const { key, value } of entries) {
    const position = readMessageKey(key);
    const { messageId, payload, sentAt, groupId, origin, receivedBefore } = decodeMessage(value);
    const whereabouts = whereaboutsOf(state, { ...position, sentAt });
    if (whereabouts === undefined) continue;
    const { sequence } = position;
    const from = origin === '' ? undefined : readOrigin(origin);
    const receiveCount = whereabouts.receiveCount + receivedBefore;
    messages.push({ ...whereabouts, receiveCount, messageId, payload, sentAt, sequence, groupId, origin: from });
  }
  const last = entries.at(-1);
  return last === undefined ? { messages } : { messages, next: writeToken(readMessageKey(last.key)) };
}

/** The first lane lies in a table of its own, before the others. */
async function readEntries(
  commit: GroupCommit,
  contentsId: number,
  after: MessagePosition | undefined,
  limit: number,
): Promise<Entry[]> {
  const maxBytes = backgroundPageBytes;
  if (after !== undefined && after.lane > 0) {
    return commit.scan({ ...laneMessagesAfter(contentsId, after), limit, maxBytes });
  }
  const start = after ?? { lane: 0, availableAt: 0, sequence: 0 };
  const entries = await commit.scan({ ...messagesAfter(contentsId, start), limit, maxBytes });
  return entries.length > 0 ? entries : commit.scan({ ...laneMessagesAfter(contentsId), limit, maxBytes });
}

function writeToken({ lane, availableAt, sequence }: MessagePosition): string {
  return `${lane}-${availableAt}-${sequence}`;
}

function readToken(token: string | undefined): MessagePosition | undefined {
  const parts = /^(\d{1,3})-(\d{1,15})-(\d{1,15})$/.exec(token ?? '');
  if (parts === null) return undefined;
  const [lane = 0, availableAt = 0, sequence = 0] = parts.slice(1).map(Number);
  return lane > 254 ? undefined : { lane, availableAt, sequence };
}
