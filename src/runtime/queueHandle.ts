import {
  type Counters,
  countersOf,
  type DeleteOutcome,
  depthOf,
  isLeaving,
  isLoading,
  type Moment,
  type NewMessage,
  type QueueCommand,
  type QueueEffect,
  type QueueReply,
  type QueueState,
  type QueueStep,
  type Receipt,
  type ReceivedMessage,
  type SendOutcome,
  step,
  updateCounters,
} from '#engines/queue';
import { assert } from '#std/assert';
import type { WriteOperation } from '#storage';
import { countersKey, deadLetterSourceKey, messageKey } from '#storage/keys';
import { encodeCounters, type QueueRecord } from '#storage/records';
import type { Clock } from './clock.ts';
import { DeduplicationLog } from './deduplicationLog.ts';
import type { DeliveredMessage } from './deliveredMessage.ts';
import type { Batch, GroupCommit, SealSource } from './groupCommit.ts';
import { attemptNonce } from './nonces.ts';
import type { PageReader } from './pages.ts';
import { type Peeked, type PeekRequest, peekQueue } from './peek.ts';
import { deliverWithBytes, PendingReceives, type ReceiveAnswer } from './pendingReceives.ts';
import { discardWrite, recordWrite, recordWrites, removalWrites, writesOf } from './queueWrites.ts';
import type { Alarm, Sleeper, Timers } from './timers.ts';

export interface ReceiveRequest {
  readonly maxMessages: number;
  readonly visibilityTimeoutMs: number | undefined;
  readonly waitMs: number;
  /** The client's name for this receive on a FIFO queue: it may be asked for again if the answer was lost. */
  readonly attemptId?: string;
}

/** Counted since the process started; for metrics. */
export interface QueueTotals {
  sent: number;
  received: number;
  emptyReceives: number;
  deleted: number;
  /** Messages that were in the queue when it last left memory; an idle queue has none in flight or delayed. */
  restingMessages: number;
}

/** The queue is not there any more: it was deleted while the call ran. */
export class QueueGone extends Error {}

/** What the waiting messages of all queues take in memory. */
export interface WaitingMemory {
  bytes: number;
  /** From here on each queue keeps few. */
  readonly crowdedBytes: number;
}

/** What a handle needs of the partition that it belongs to. */
export interface QueueSurroundings {
  readonly commit: GroupCommit;
  readonly timers: Timers;
  readonly pages: PageReader;
  readonly clock: Clock;
  readonly memory: WaitingMemory;
  /** A new contents id, and the write that keeps it from being given out again. */
  allocateId(): { id: number; operation: WriteOperation };
  /** 48 random bits. */
  nonce(): number;
  /** Contents were put aside for removal. */
  contentsDiscarded(): void;
  /** The queue was deleted by this very step. */
  queueDeleted(record: QueueRecord): void;
  /** Messages of the queue are leaving for its dead-letter queue. */
  moveDeadLetters(from: QueueHandle, messages: readonly DeliveredMessage[]): void;
  /** They came from another queue by what is written in this very turn. */
  moved(messages: readonly DeliveredMessage[]): void;
  /** What went wrong where no caller waits for it. */
  report(error: Error): void;
}

/**
 * A queue as services see it: turns calls into steps of the engine, and the steps' effects into writes and answers.
 *
 * A handle is in one of two modes:
 * - *open*: its state mirrors what is stored, plus what the batches on their way will store;
 * - *ended*: the queue was deleted, or unloaded, or a commit failed and the state mirrors something that never came to
 *   be. Calls are refused with the reason; the partition opens a new handle when asked again.
 */
export class QueueHandle implements SealSource, Sleeper {
  readonly #surroundings: QueueSurroundings;
  readonly #state: QueueState;
  /** Undefined on a queue that never took a deduplication key. */
  #deduplicationLog: DeduplicationLog | undefined;
  /** Undefined unless it is set. */
  #alarm: Alarm | undefined;
  /** Undefined until somebody receives. */
  #receives: PendingReceives | undefined;
  readonly totals: QueueTotals;
  #record: QueueRecord;
  /** Its share of the memory, as of the last step. */
  #heldBytes = 0;
  /** As of the last step that wrote: a step that fails half-way must not reach the store through its counters. */
  readonly #counters: Counters;
  #ended: Error | undefined;
  /**
   * When the last command came; an idle queue can be unloaded. A number from the start, which V8 then changes in place: a
   * field that was undefined once takes a new object for each number.
   */
  lastUsedAt = 0;
  /** When somebody asked for messages last, or it was opened. */
  #lastReadAt = 0;

  /** `stored`: what was read of the store; a new queue has no log yet. */
  constructor(
    record: QueueRecord,
    stored: { readonly state: QueueState; readonly deduplicationLog?: DeduplicationLog | undefined },
    totals: QueueTotals,
    surroundings: QueueSurroundings,
  ) {
    this.#record = record;
    this.#state = stored.state;
    this.#deduplicationLog = stored.deduplicationLog;
    this.#counters = countersOf(stored.state);
    this.totals = totals;
    this.#surroundings = surroundings;
    this.lastUsedAt = surroundings.clock.now();
    this.#lastReadAt = this.lastUsedAt;
  }

  get record(): QueueRecord {
    return this.#record;
  }

  /** Messages waiting, in flight and delayed. */
  depth(): { visible: number; inFlight: number; delayed: number } {
    this.tick();
    return depthOf(this.#state);
  }

  /** Stores all or none; resolves once they are synced. */
  async send(messages: readonly NewMessage[]): Promise<readonly SendOutcome[]> {
    const { outcomes, durable } = this.accept(messages);
    await durable;
    return outcomes;
  }

  /** The same without waiting, for who has more to write in the same commit. */
  accept(messages: readonly NewMessage[]): { outcomes: readonly SendOutcome[]; durable: Promise<void> } {
    const { outcomes, batch } = this.#send(messages);
    // A duplicate promises what its original promised, which may be on its way still.
    return { outcomes, durable: batch?.durable ?? this.#surroundings.commit.flush() };
  }

  /** The same for who waits for all that is on its way, as `inOneCommit` does: a promise for each of 100 queues costs. */
  enqueue(messages: readonly NewMessage[]): void {
    this.#send(messages);
  }

  /** The same, of messages of another queue; `as` says what they are in this one. */
  acceptMoved(messages: readonly DeliveredMessage[], as: (message: DeliveredMessage) => NewMessage): Promise<void> {
    const { durable } = this.accept(messages.map(as));
    this.#surroundings.moved(messages);
    return durable;
  }

  /** Answers at once or when messages come, after `waitMs` at the latest; `cancelReceive(waiterId)` ends the wait. */
  receive(request: ReceiveRequest): { waiterId: number; answer: Promise<ReceiveAnswer> } {
    const receives = this.#openReceives();
    return receives.add((waiterId) => {
      const { maxMessages, visibilityTimeoutMs, waitMs, attemptId } = request;
      const nonce = attemptId === undefined ? this.#surroundings.nonce() : attemptNonce(attemptId);
      const repeatable = attemptId !== undefined;
      const { reply } = this.#step({
        kind: 'receive',
        waiterId,
        maxMessages,
        visibilityTimeoutMs,
        waitMs,
        nonce,
        repeatable,
      });
      if (reply.kind === 'rejected') receives.settle(waiterId, { kind: reply.code });
    });
  }

  /** The client left: what still waits is forgotten, and nothing is taken out for it. */
  cancelReceive(waiterId: number): void {
    // One that has been given messages is past calling off: whoever gets its answer releases them.
    if (this.#ended !== undefined || this.#state.waiters?.has(waiterId) !== true) return;
    this.#step({ kind: 'cancel-receive', waiterId });
    this.#receives?.settle(waiterId, { kind: 'received', messages: [] });
  }

  /** Makes messages visible again whose answer could not be delivered. */
  release(receipts: readonly Receipt[]): void {
    if (this.#ended === undefined) this.#step({ kind: 'release', receipts });
  }

  /** Takes messages that are to be moved elsewhere: they are leaving, until `left` or `stay` says how that went. */
  async takeForMove(maxMessages: number): Promise<readonly DeliveredMessage[]> {
    const { answer: coming } = this.#openReceives().add((waiterId) => {
      const request = { waiterId, maxMessages, visibilityTimeoutMs: undefined, waitMs: 0, nonce: 0 };
      this.#step({ kind: 'receive', ...request, forMove: true });
    });
    const answer = await coming;
    return answer.kind === 'received' ? answer.messages : [];
  }

  /** Those of the messages that may still be moved. */
  leaving<T extends { readonly sequence: number }>(messages: readonly T[]): readonly T[] {
    if (this.#ended !== undefined) return [];
    return messages.filter(({ sequence }) => isLeaving(this.#state, sequence));
  }

  /** They have arrived elsewhere, by what is written in this very turn: all of it is one commit. */
  left(messages: readonly { readonly sequence: number }[]): void {
    this.#step({ kind: 'leave', sequences: messages.map(({ sequence }) => sequence) });
  }

  /** They could not be moved; `giveOut`: the next receive gets them. */
  stay(messages: readonly { readonly sequence: number }[], giveOut: boolean): void {
    if (this.#ended !== undefined) return;
    this.#step({ kind: 'stay', sequences: messages.map(({ sequence }) => sequence), giveOut });
  }

  /** A look at the messages without receiving them, in the order of their positions; `after` is a `next` of before. */
  async peek(request: PeekRequest): Promise<Peeked> {
    this.#refuseIfEnded();
    this.tick();
    return peekQueue(this.#surroundings.commit, this.#record, this.#state, request);
  }

  /** Deletes what the receipts still stand for; resolves once that is synced. */
  async delete(receipts: readonly Receipt[]): Promise<readonly DeleteOutcome[]> {
    const first = this.#step({ kind: 'delete', receipts });
    assert(first.reply.kind === 'deleted', 'a delete is answered by outcomes');
    const { outcomes } = first.reply;
    this.#countDeleted(outcomes);
    const known = outcomes.includes('look-up') ? await this.#lookUp(receipts, outcomes) : outcomes;
    // What is gone may have been deleted by a batch that is still on its way: this answer promises as much.
    await (first.batch?.durable ?? this.#surroundings.commit.flush());
    return known;
  }

  async changeVisibility(receipts: readonly (Receipt & { timeoutMs: number })[]) {
    const { reply, batch } = this.#step({ kind: 'change-visibility', receipts });
    assert(reply.kind === 'visibility-changed', 'a change of visibility is answered by outcomes');
    await batch?.durable;
    return reply.outcomes;
  }

  async purge(): Promise<void> {
    this.#refuseIfEnded();
    this.#record = { ...this.#record, purgedAt: this.#surroundings.clock.now() };
    const { batch } = this.#step({ kind: 'purge' });
    await batch?.durable;
    this.#surroundings.contentsDiscarded();
  }

  /** Replaces attributes, settings or tags. */
  async update(change: Partial<Pick<QueueRecord, 'attributes' | 'settings' | 'tags' | 'modifiedAt'>>): Promise<void> {
    this.#refuseIfEnded();
    const oldTarget = this.#record.settings.deadLetter?.target;
    this.#record = { ...this.#record, ...change };
    const forgotten = oldTarget === undefined ? [] : [{ key: deadLetterSourceKey(oldTarget, this.#record) }];
    const batch = this.#surroundings.commit.append([...forgotten, ...recordWrites(this.#record)]);
    this.#step({ kind: 'configure', settings: this.#record.settings });
    await batch.durable;
  }

  /** Deletes the queue with everything in it; the contents go in the background. */
  async deleteQueue(): Promise<void> {
    this.#refuseIfEnded();
    const batch = this.#surroundings.commit.append(removalWrites(this.#record));
    this.end(new QueueGone(`The queue ${this.#record.name} was deleted.`));
    this.#surroundings.queueDeleted(this.#record);
    await batch.durable;
    this.#surroundings.contentsDiscarded();
  }

  /** Lets time pass where no command does: visibility and delays end, expired messages go. */
  tick(): void {
    if (this.#ended === undefined) this.#run({ kind: 'tick' });
  }

  /** True while nobody waits, nothing is being read, and no message is about to become visible: nothing would be missed. */
  get idle(): boolean {
    const { inFlight, delayed } = depthOf(this.#state);
    const pending = this.#receives?.size ?? 0;
    return pending === 0 && !isLoading(this.#state) && inFlight === 0 && delayed === 0;
  }

  /** Why calls are refused; undefined while the handle is open. */
  get ended(): Error | undefined {
    return this.#ended;
  }

  end(reason: Error): void {
    if (this.#ended !== undefined) return;
    this.#ended = reason;
    this.#hold(0);
    this.#setAlarm(Number.POSITIVE_INFINITY);
    this.#receives?.rejectAll(reason);
  }

  /** Nothing is kept in memory of a queue that nobody reads. */
  lookAway(unlessReadSince: number): void {
    if (this.#ended === undefined && this.#lastReadAt <= unlessReadSince) this.#run({ kind: 'look-away' });
  }

  /** Drops what has expired, wherever it lies. */
  dropExpired(): void {
    if (this.#ended === undefined) this.#run({ kind: 'look-through' });
  }

  /** Answers all waiting receives with nothing: the server is stopping. */
  answerWaiting(): void {
    for (const waiterId of this.#receives?.waiterIds ?? []) this.cancelReceive(waiterId);
  }

  /** Writes what is otherwise written with some delay: the handle is about to go. */
  storeDeliveries(): void {
    if (this.#ended === undefined) this.#run({ kind: 'store-deliveries' });
  }

  sealInto(operations: WriteOperation[]): void {
    if (this.#ended instanceof QueueGone) return;
    const { contentsId } = this.#record;
    this.#deduplicationLog?.sealInto(operations, contentsId);
    operations.push({ key: countersKey(contentsId), value: encodeCounters(this.#counters) });
  }

  /** An error thrown into a timer would end the process. */
  wake(): void {
    // It may have been set anew since it was due.
    if (this.#alarm?.heapIndex === -1) this.#alarm = undefined;
    try {
      this.tick();
    } catch (error) {
      this.#endUnwatched(error as Error);
    }
  }

  #send(messages: readonly NewMessage[]): { outcomes: readonly SendOutcome[]; batch: Batch | undefined } {
    const { reply, batch } = this.#step({ kind: 'send', messages });
    assert(reply.kind === 'sent', 'a send is answered by what became of the messages');
    for (const { isDuplicate } of reply.outcomes) if (!isDuplicate) this.totals.sent += 1;
    return { outcomes: reply.outcomes, batch };
  }

  #setAlarm(at: number): void {
    const { timers } = this.#surroundings;
    if (this.#alarm !== undefined) timers.cancel(this.#alarm);
    this.#alarm = at === Number.POSITIVE_INFINITY ? undefined : timers.set(this, at);
  }

  #openReceives(): PendingReceives {
    this.#receives ??= new PendingReceives(this.#surroundings.commit, this.totals);
    return this.#receives;
  }

  #endUnwatched(error: Error): void {
    this.end(error);
    this.#surroundings.report(error);
  }

  #refuseIfEnded(): void {
    if (this.#ended !== undefined) throw this.#ended;
  }

  #step(command: QueueCommand): { reply: QueueReply; batch: Batch | undefined } {
    this.#refuseIfEnded();
    this.lastUsedAt = this.#surroundings.clock.now();
    if (command.kind === 'receive') this.#lastReadAt = this.lastUsedAt;
    return this.#run(command);
  }

  #run(command: QueueCommand): { reply: QueueReply; batch: Batch | undefined } {
    const { commit, clock, memory } = this.#surroundings;
    const isCrowded = memory.bytes > memory.crowdedBytes;
    const moment = { now: clock.now(), isCrowded, batch: commit.currentBatch, durableBatch: commit.durableBatch };
    const { reply, effects } = this.#stepOrEnd(command, moment);
    this.#hold(this.#state.held.bytes);
    const writes: WriteOperation[] = [];
    // Writes first: an answer that waits for its batch must find the batch there.
    for (const effect of effects) {
      if (effect.kind === 'discard-all') this.#discardAll(writes);
      else if (effect.kind === 'put-deduplication') {
        this.#deduplicationLog ??= new DeduplicationLog();
        this.#deduplicationLog.add(effect.deduplication);
      } else if (effect.kind === 'delete-deduplication') {
        this.#deduplicationLog?.forget(effect.sequence, this.#record.contentsId, writes);
      } else writesOf(effect, this.#record.contentsId, writes);
    }
    let batch: Batch | undefined;
    if (writes.length > 0) {
      batch = commit.append(writes);
      assert(batch.number === moment.batch, 'a step lies in one batch');
      commit.touch(this);
      updateCounters(this.#counters, this.#state);
    }
    for (const effect of effects) this.#act(effect);
    return { reply, batch };
  }

  /** A bug in the engine leaves a state that nobody can trust; the stored one is whole, so the queue is opened anew. */
  #stepOrEnd(command: QueueCommand, moment: Moment): QueueStep {
    try {
      return step(this.#state, command, moment);
    } catch (error) {
      this.end(error as Error);
      throw error;
    }
  }

  #hold(bytes: number): void {
    this.#surroundings.memory.bytes += bytes - this.#heldBytes;
    this.#heldBytes = bytes;
  }

  #discardAll(writes: WriteOperation[]): void {
    const next = this.#surroundings.allocateId();
    writes.push(next.operation, discardWrite(this.#record));
    this.#record = { ...this.#record, contentsId: next.id };
    this.#deduplicationLog?.clear();
    writes.push(recordWrite(this.#record));
  }

  #act(effect: QueueEffect): void {
    switch (effect.kind) {
      case 'load-page':
        this.#loadPage(effect).catch((error: Error) => this.#endUnwatched(error));
        return;
      case 'answer-receive':
        this.#receives?.give(effect, this.#record.contentsId);
        return;
      case 'dead-letters':
        this.#bringDeadLetters(effect.messages).catch((error: Error) => this.#endUnwatched(error));
        return;
      case 'set-timer':
        this.#setAlarm(effect.at);
        return;
      default:
    }
  }

  async #loadPage(wanted: QueueEffect & { kind: 'load-page' }): Promise<void> {
    const page = await this.#surroundings.pages.read(this, wanted);
    if (this.#ended === undefined) this.#run({ kind: 'page-loaded', lane: wanted.lane, load: wanted.load, page });
  }

  async #bringDeadLetters(messages: readonly ReceivedMessage[]): Promise<void> {
    const delivered = await deliverWithBytes(this.#surroundings.commit, this.#record.contentsId, messages);
    const whole = delivered.filter((each) => each !== undefined);
    if (this.#ended === undefined) this.#surroundings.moveDeadLetters(this, whole);
  }

  async #lookUp(receipts: readonly Receipt[], outcomes: readonly DeleteOutcome[]): Promise<readonly DeleteOutcome[]> {
    const read = [...(await this.#deleteUnread(receipts.filter((_, index) => outcomes[index] === 'look-up')))];
    return outcomes.map((outcome) => (outcome === 'look-up' ? (read.shift() ?? outcome) : outcome));
  }

  /** Receipts from before a restart whose messages no page has brought yet: whether they exist only the store knows. */
  async #deleteUnread(receipts: readonly Receipt[]): Promise<readonly DeleteOutcome[]> {
    const id = this.#record.contentsId;
    const known = await Promise.all(
      receipts.map(async (receipt) => {
        const bytes = await this.#surroundings.commit.get(messageKey(id, receipt));
        return { ...receipt, stored: bytes !== undefined };
      }),
    );
    const { reply, batch } = this.#step({ kind: 'delete', receipts: known });
    assert(reply.kind === 'deleted' && !reply.outcomes.includes('look-up'), 'what was looked up is known');
    this.#countDeleted(reply.outcomes);
    await batch?.durable;
    return reply.outcomes;
  }

  #countDeleted(outcomes: readonly DeleteOutcome[]): void {
    for (const outcome of outcomes) if (outcome === 'deleted') this.totals.deleted += 1;
  }
}
