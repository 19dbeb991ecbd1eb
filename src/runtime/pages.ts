import type { Page, QueueEffect, StoredMessage } from '#engines/queue';
import type { Entry } from '#storage';
import { messagesAfter, readMessageKey } from '#storage/keys';
import { decodeMessage } from '#storage/records';
import type { Clock } from './clock.ts';
import type { GroupCommit } from './groupCommit.ts';

/** Whose messages are read. A purge may come while the read waits for its turn: what holds then is read. */
interface Paged {
  readonly record: { readonly contentsId: number };
}

/** Reads the pages that queues' engines want. */
export class PageReader {
  readonly #commit: GroupCommit;
  readonly #clock: Clock;
  readonly #readInThisTurn = new Set<Paged>();

  constructor(commit: GroupCommit, clock: Clock) {
    this.#commit = commit;
    this.#clock = clock;
  }

  async read(queue: Paged, wanted: QueueEffect & { kind: 'load-page' }): Promise<Page> {
    // A run of expired messages asks for page after page; between two of them everybody else gets a turn.
    if (this.#readInThisTurn.has(queue)) await this.#clock.nextTurn();
    this.#readInThisTurn.add(queue);
    void this.#clock.nextTurn().then(() => this.#readInThisTurn.delete(queue));
    return readPage(this.#commit, queue.record.contentsId, wanted);
  }
}

async function readPage(
  commit: GroupCommit,
  contentsId: number,
  { after, until, limits }: QueueEffect & { kind: 'load-page' },
): Promise<Page> {
  const { pageMessages: limit, pageBytes: maxBytes } = limits;
  const entries = await commit.scan({ ...messagesAfter(contentsId, after), limit, maxBytes });
  // A page that is not full may have been cut by its bytes. One that has few is looked behind, which spares the next page.
  const last = entries.at(-1);
  const isShort = entries.length < limit && bytesOf(entries) < maxBytes / 2;
  const [behind] =
    last !== undefined && isShort
      ? await commit.scan({ ...messagesAfter(contentsId, readMessageKey(last.key)), limit: 1 })
      : [];
  if (behind !== undefined) entries.push(behind);
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
  const exhausted = (isShort && behind === undefined) || messages.length < entries.length;
  return { messages, exhausted, nextAvailableAt };
}

function bytesOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, { value }) => sum + value.length, 0);
}
