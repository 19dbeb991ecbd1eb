import type { SentMessage } from '../../src/runtime/index.ts';
import { required } from '../../src/std/assert.ts';
import { Disk, type DiskWatcher, type StoredCopy } from './disk.ts';
import { type DeleteCall, ReceiptLedger, type ReceiptOptions, type ReceiveCall } from './receiptLedger.ts';
import { Events, type Holding, never } from './stays.ts';

export interface Sending {
  readonly id: string;
  readonly body: string;
  readonly groupId: string;
  /** What must be unique for five minutes. */
  readonly key?: string | undefined;
}

interface TrackedMessage extends Sending {
  readonly startedAt: number;
  answeredAt: number;
  state: 'pending' | 'acknowledged' | 'posted' | 'duplicate' | 'refused' | 'in-doubt';
  /** Of one that is posted. */
  queueName?: string;
  /** Of the first time that it was stored. */
  firstCopy: StoredCopy | undefined;
  deletesAsked: boolean;
  isDeleted: boolean;
  wasDrained: boolean;
}

interface Drop {
  readonly queueName: string;
  readonly startedAt: number;
  readonly arrivals: number;
  overAt: number;
}

/** The deduplication interval (SQS API, SendMessage, MessageDeduplicationId). */
const deduplicationMs = 300_000;

/**
 * What the clients of all queues together were promised, held against what is stored. Sends and deletions are judged here,
 * receives and receipts in the receipt ledger, every commit in itself by the disk.
 *
 * - What is acknowledged is stored. It leaves only because somebody asked for it, or too old, and never comes back.
 * - Of sends with the same key within five minutes one is stored, and its facts are the answer to all; also when the
 *   message is deleted, or the answer was lost.
 * - Sequence numbers rise with time.
 */
export class MessageLedger implements DiskWatcher {
  readonly disk = new Disk(this);
  readonly receipts: ReceiptLedger;
  readonly counts = { stored: 0, duplicates: 0, received: 0, deleted: 0, moved: 0, returned: 0 };
  readonly #now: () => number;
  readonly #messages = new Map<string, TrackedMessage>();
  readonly #storedByKey = new Map<string, StoredCopy[]>();
  readonly #drops: Drop[] = [];
  /** Counts the messages that came into any queue. */
  #arrivals = 0;
  readonly #arrivalOf = new WeakMap<StoredCopy, number>();
  #isDraining = false;

  constructor(now: () => number, options: Omit<ReceiptOptions, 'disk' | 'events'>) {
    this.#now = now;
    this.receipts = new ReceiptLedger({ ...options, disk: this.disk, events: new Events(now) });
  }

  sending(message: Sending): void {
    const unknown = { answeredAt: never, state: 'pending', firstCopy: undefined } as const;
    const flags = { deletesAsked: false, isDeleted: false, wasDrained: false };
    this.#messages.set(message.id, { ...message, startedAt: this.#now(), ...unknown, ...flags });
  }

  /** The answer to a call that sent these, in that order. */
  sent(ids: readonly string[], outcomes: readonly SentMessage[]): void {
    if (outcomes.length !== ids.length) throw new Error(`${outcomes.length} answers to ${ids.length} messages`);
    for (const [index, id] of ids.entries()) {
      const message = this.#message(id);
      message.answeredAt = this.#now();
      this.#judgeSent(message, required(outcomes[index], 'an outcome for every message'));
    }
  }

  /** All of them come into their queues, if not at once, unless those go. */
  posted(sent: readonly { readonly id: string; readonly queueName: string }[]): void {
    for (const { id, queueName } of sent) {
      Object.assign(this.#message(id), { state: 'posted', answeredAt: this.#now(), queueName });
    }
  }

  sendRefused(ids: readonly string[]): void {
    for (const id of ids) this.#message(id).state = 'refused';
  }

  sendLost(ids: readonly string[]): void {
    for (const id of ids) Object.assign(this.#message(id), { state: 'in-doubt', answeredAt: this.#now() });
  }

  received(call: ReceiveCall, messages: Parameters<ReceiptLedger['received']>[1]): Holding[] {
    const holdings = this.receipts.received(call, messages);
    for (const { stay } of holdings) {
      const message = this.#message(stay.copy.id);
      if (this.#isDraining) message.wasDrained = true;
      this.counts.received += 1;
    }
    return holdings;
  }

  deleting(holding: Holding): DeleteCall {
    this.#message(holding.stay.copy.id).deletesAsked = true;
    return this.receipts.deleting(holding);
  }

  deleted(call: DeleteCall, outcome: Parameters<ReceiptLedger['deleted']>[1]): void {
    if (!this.receipts.deleted(call, outcome)) return;
    this.#message(call.holding.stay.copy.id).isDeleted = true;
    this.counts.deleted += 1;
  }

  /** A purge or a deletion of the queue: everything in it may go. */
  dropping(queueName: string): Drop {
    const drop = { queueName, startedAt: this.#now(), arrivals: this.#arrivals, overAt: never };
    this.#drops.push(drop);
    this.receipts.dropping(queueName, false);
    return drop;
  }

  dropped(drop: Drop): void {
    this.dropLost(drop);
    for (const copy of this.disk.copiesIn(drop.queueName)) {
      if ((this.#arrivalOf.get(copy) ?? 0) <= drop.arrivals) {
        throw new Error(`${copy.id} is in ${drop.queueName} after everything in it went`);
      }
    }
  }

  /** It happened, or not: in either case it is over. */
  dropLost(drop: Drop): void {
    drop.overAt = this.#now();
    this.receipts.dropping(drop.queueName, true);
  }

  /** From here on what is received counts as found. */
  drain(): void {
    this.#isDraining = true;
  }

  /** There before the drain, and not found by it; or promised, and never there. */
  missing(): string[] {
    return [...this.#messages.values()]
      .filter((message) => (!message.wasDrained && this.disk.has(message.id)) || this.#neverArrived(message))
      .map(({ id }) => id);
  }

  #neverArrived({ state, firstCopy, queueName, startedAt }: TrackedMessage): boolean {
    if (state !== 'posted' || firstCopy !== undefined) return false;
    return !this.#drops.some((drop) => drop.queueName === queueName && drop.overAt >= startedAt);
  }

  stored(copy: StoredCopy): void {
    const message = this.#message(copy.id);
    const { id, body, groupId, key, state, startedAt } = message;
    if (message.firstCopy !== undefined) throw new Error(`${id} comes back after it was gone`);
    if (state === 'refused' || state === 'duplicate') throw new Error(`${id} is stored, though it was a ${state} send`);
    if (copy.body !== body || copy.groupId !== groupId) throw new Error(`${id} is stored otherwise than it was sent`);
    if (copy.sentAt < startedAt || copy.sentAt > this.#now()) throw new Error(`${id} was sent at another time`);
    message.firstCopy = copy;
    this.counts.stored += 1;
    this.#arrived(copy);
    if (key !== undefined) this.#judgeKey(key, copy);
  }

  moved(from: StoredCopy, to: StoredCopy): void {
    if (this.#message(to.id).isDeleted) throw new Error(`${to.id} comes back in ${to.queueName} after it was deleted`);
    const isDeadLetter = to.origin !== '';
    if (isDeadLetter && to.messageId !== from.messageId) throw new Error(`${to.id} lost its message id on its way`);
    if (isDeadLetter && !to.origin.endsWith(`/${from.queueName}`)) throw new Error(`${to.id} comes from ${to.origin}`);
    const keepsAge = isDeadLetter && this.disk.queue(from.queueName)?.settings.fifo !== true;
    if (keepsAge && to.sentAt !== from.sentAt) throw new Error(`${to.id} became younger on its way`);
    if (to.groupId !== from.groupId || to.body !== from.body) throw new Error(`${to.id} was changed on its way`);
    this.counts.moved += 1;
    this.#arrived(to);
  }

  /** It is as old as it was, and known by the same name. */
  returned(from: StoredCopy, to: StoredCopy): void {
    if (this.#message(to.id).isDeleted) throw new Error(`${to.id} comes back to ${to.queueName} after it was deleted`);
    const isSame = to.messageId === from.messageId && to.body === from.body && to.groupId === from.groupId;
    if (!isSame || to.origin !== from.origin) throw new Error(`${to.id} was changed on its way and back`);
    if (!to.isFifo && to.sentAt !== from.sentAt) throw new Error(`${to.id} became younger on its way and back`);
    this.counts.returned += 1;
    this.#arrived(to);
  }

  gone(copy: StoredCopy, how: 'deleted' | 'discarded'): void {
    if (how === 'discarded') {
      // Its call may have begun at any time before, and be under way.
      if (this.#drops.some(({ queueName, overAt }) => queueName === copy.queueName && overAt >= copy.sentAt)) return;
      throw new Error(`${copy.id} went with all of ${copy.queueName}, which nobody asked for`);
    }
    if (this.#message(copy.id).deletesAsked) return;
    const retentionMs = this.disk.queue(copy.queueName)?.settings.retentionMs ?? never;
    if (copy.sentAt + retentionMs > this.#now()) throw new Error(`${copy.id} is lost: nobody deleted it`);
  }

  #arrived(copy: StoredCopy): void {
    this.#arrivals += 1;
    this.#arrivalOf.set(copy, this.#arrivals);
    this.receipts.stored(copy);
  }

  #judgeSent(message: TrackedMessage, { messageId, sequence, isDuplicate }: SentMessage): void {
    const { id } = message;
    const name = Buffer.from(messageId).toString('hex');
    if (isDuplicate) {
      message.state = 'duplicate';
      this.counts.duplicates += 1;
      this.#judgeDuplicate(message, name, sequence);
      return;
    }
    message.state = 'acknowledged';
    const { firstCopy } = message;
    if (firstCopy === undefined) throw new Error(`${id} was acknowledged before it was stored`);
    if (firstCopy.messageId !== name || firstCopy.sequence !== sequence) {
      throw new Error(`${id} was acknowledged with facts that are not its own`);
    }
  }

  /** A duplicate's original has the same key, is stored, and was sent within the interval. */
  #judgeDuplicate({ id, key, firstCopy, startedAt }: TrackedMessage, messageId: string, sequence: number): void {
    if (key === undefined) throw new Error(`${id} is called a duplicate, but has no key`);
    if (firstCopy !== undefined) throw new Error(`${id} is called a duplicate, but it is stored`);
    const originals = this.#storedByKey.get(key) ?? [];
    const original = originals.find((copy) => copy.messageId === messageId);
    if (original === undefined) throw new Error(`${id} is called a duplicate of what was never stored under its key`);
    if (original.sequence !== sequence) throw new Error(`the duplicate ${id} has another sequence than ${original.id}`);
    if (original.sentAt + deduplicationMs <= startedAt) {
      throw new Error(`${id} was refused as a duplicate of ${original.id} after the interval`);
    }
  }

  #judgeKey(key: string, copy: StoredCopy): void {
    const earlier = this.#storedByKey.get(key) ?? [];
    this.#storedByKey.set(key, [...earlier, copy]);
    for (const { id, sentAt } of earlier) {
      const isForgotten = this.#drops.some((drop) => drop.startedAt <= copy.sentAt && drop.overAt >= sentAt);
      if (sentAt + deduplicationMs > copy.sentAt && !isForgotten) {
        throw new Error(`${copy.id} was stored within the interval of ${id}, which has the same key`);
      }
    }
  }

  #message(id: string): TrackedMessage {
    const message = this.#messages.get(id);
    if (message === undefined) throw new Error(`${id} was never sent`);
    return message;
  }
}
