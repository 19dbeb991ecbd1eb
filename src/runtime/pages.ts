import type { Page, QueueEffect, StoredMessage } from '#engines/queue';
import { messagesAfter, readMessageKey } from '#storage/keys';
import { decodeMessage } from '#storage/records';
import type { GroupCommit } from './groupCommit.ts';

/** Reads the page that the engine wants. */
export async function readPage(
  commit: GroupCommit,
  contentsId: number,
  { after, until, limits }: QueueEffect & { kind: 'load-page' },
): Promise<Page> {
  const { pageMessages: limit, pageBytes: maxBytes } = limits;
  const entries = await commit.scan({ ...messagesAfter(contentsId, after), limit, maxBytes });
  const messages: StoredMessage[] = [];
  let nextAvailableAt = Number.POSITIVE_INFINITY;
  for (const { key, value } of entries) {
    const { lane, availableAt, sequence } = readMessageKey(key);
    if (availableAt > until) {
      nextAvailableAt = availableAt;
      break;
    }
    // Written out: two spreads per message were a tenth of a receive's time.
    const { sentAt, messageId, payload, groupId, origin, receivedBefore } = decodeMessage(value);
    messages.push({ lane, availableAt, sequence, sentAt, messageId, payload, groupId, origin, receivedBefore });
  }
  // A short page may have been cut by its bytes; only an empty one or one that reaches the future is the last.
  const exhausted = entries.length === 0 || messages.length < entries.length;
  return { messages, exhausted, nextAvailableAt };
}
