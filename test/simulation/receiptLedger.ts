import { joined } from '#std/splitBytes';
import type { DeliveredMessage } from '../../src/runtime/index.ts';
import { Attempts, type NamedCall } from './attempts.ts';
import type { Disk, StoredCopy } from './disk.ts';
import { judgeGroupsInFlight, judgeOrder } from './groupOrder.ts';
import { always, type Events, type Holding, never, type Stay, Stays, type VisibilityCall } from './stays.ts';

/** A receive call, from before its request left until its answer came. */
export interface ReceiveCall extends NamedCall {
  readonly queueName: string;
  /** Known once the queue has been found. */
  queueId: number;
  /** Its place among the events. */
  readonly order: number;
  readonly visibilityMs: number;
  readonly incarnation: number;
}

export interface DeleteCall {
  readonly holding: Holding;
  readonly startedAt: number;
  readonly order: number;
}

type DeleteOutcome = 'deleted' | 'gone' | 'stale' | 'expired' | 'look-up';

export interface ReceiptOptions {
  readonly events: Events;
  readonly disk: Disk;
  /** An empty answer is wrong while a message could have been given. Not where messages leave by themselves. */
  readonly judgesEmptyAnswers: boolean;
  /** How many messages a FIFO queue looks through. */
  readonly lookAhead: number;
}

/**
 * What clients know of receives and receipts, queue by queue, held against each other and against what is stored.
 *
 * - What is received is on the disk, as it was sent, neither delayed nor expired nor in flight, and not too often.
 * - On a FIFO queue it is the first of its group, or follows others of the answer, and nothing else of the group is in
 *   flight; through crashes, too. On a standard queue a crash may forget the receives before it.
 * - A receipt deletes while it is the newest and, on a FIFO queue, in flight. What was deleted is gone.
 * - A receive gets nothing only if there is nothing to get.
 */
export class ReceiptLedger {
  readonly #options: ReceiptOptions;
  readonly #events: Events;
  readonly #stays: Stays;
  readonly #attempts: Attempts;
  readonly #pending = new Set<ReceiveCall>();
  #incarnation = 0;
  /** When a receive was last given up, lost or refused: what it took may have been received by nobody who is known. */
  #lastGivenUp = 0;
  #lastAnswered = 0;
  /** Since then the queues' settings are what the disk says, unless they are being changed. */
  #settingsSureSince = always;
  #pendingSettings = 0;
  /** Purges and deletions under way, by the queue's name: in memory everything may be gone already. */
  readonly #pendingDrops = new Map<string, number>();
  /** Until then dead letters may have had no place to go. */
  #troubleUntil = always;

  constructor(options: ReceiptOptions) {
    this.#options = options;
    this.#events = options.events;
    this.#stays = new Stays(this.#events);
    this.#attempts = new Attempts(this.#events, ({ stay }) => this.#isSurelyThere(stay));
  }

  /** A message came into a queue. */
  stored(copy: StoredCopy): void {
    this.#stays.stored(copy);
  }

  receiving(asked: Pick<ReceiveCall, 'queueName' | 'visibilityMs' | 'attemptId'>): ReceiveCall {
    const earlier = this.#attempts.find(asked.attemptId);
    const place = { startedAt: this.#events.now(), order: this.#events.next(), incarnation: this.#incarnation };
    const call: ReceiveCall = { ...asked, ...place, queueId: 0, earlier };
    this.#pending.add(call);
    for (const { stay } of earlier?.holdings ?? []) this.#stays.mayBeHidden(stay, call.visibilityMs);
    return call;
  }

  /** Nobody got its answer. */
  receiveGivenUp(call: ReceiveCall): void {
    this.#pending.delete(call);
    this.#lastGivenUp = this.#events.next();
    for (const { stay } of call.earlier?.holdings ?? []) stay.changes += 1;
    this.#attempts.givenUp(call);
  }

  /** It names an earlier one as its own, and was told that this can't be repeated any more. */
  notRepeatable(call: ReceiveCall): void {
    this.#pending.delete(call);
    this.#attempts.judgeRefusal(call);
  }

  received(call: ReceiveCall, messages: readonly DeliveredMessage[]): Holding[] {
    this.#pending.delete(call);
    const answered = messages.map((receipt) => {
      const stay = this.#stays.find(call.queueId, receipt.sequence);
      if (stay === undefined) throw new Error(`received the sequence ${receipt.sequence} before it was stored`);
      return { stay, receipt, again: holdingOf(stay, receipt) };
    });
    const same = answered.filter(({ again }) => again !== undefined && call.earlier?.holdings.includes(again));
    this.#attempts.judgeAnswer(call, same.length, answered.length);
    this.#judgeGroups(
      call,
      answered.map(({ stay }) => stay),
    );
    const holdings = answered.map(({ stay, receipt, again }) =>
      again === undefined ? this.#receivedOne(call, stay, receipt) : this.#receivedAgain(call, again),
    );
    if (holdings.length === 0) this.#judgeEmpty(call);
    this.#lastAnswered = this.#events.next();
    this.#attempts.answered(call, holdings);
    return holdings;
  }

  deleting(holding: Holding): DeleteCall {
    holding.stay.deletesAsked = true;
    return { holding, startedAt: this.#events.now(), order: this.#events.next() };
  }

  /** Whether the message is gone for good. */
  deleted({ holding, startedAt, order }: DeleteCall, outcome: DeleteOutcome): boolean {
    const { stay, receipt } = holding;
    const { id, queueName, isThere, isFifo } = stay.copy;
    const name = `the deletion of ${id} from ${queueName} by its receipt ${receipt.attempt}`;
    if (outcome === 'look-up') throw new Error(`${name} answers what is for the engine alone`);
    if (outcome === (isFifo ? 'stale' : 'expired')) throw new Error(`${name} answers ${outcome}`);
    if (outcome === 'deleted' || outcome === 'gone') {
      if (isThere) throw new Error(`${name} answers ${outcome}, but it is there`);
    } else if (this.#isSurelyValid(holding)) {
      throw new Error(`${name} answers ${outcome} while it is in flight by that very receipt`);
    }
    if (outcome !== 'deleted') return false;
    if (this.#isSurelyStale(holding, order)) throw new Error(`${name} was done though a newer receipt exists`);
    if (isFifo && isSurelyOver(holding, startedAt)) throw new Error(`${name} was done after its time`);
    stay.deletedOrder = Math.min(stay.deletedOrder, this.#events.next());
    return true;
  }

  changing(holding: Holding, timeoutMs: number): VisibilityCall {
    return this.#stays.changing(holding, timeoutMs);
  }

  changed(call: VisibilityCall, outcome: Parameters<Stays['changed']>[1]): void {
    this.#stays.changed(call, outcome, this.#isSurelyThere(call.holding.stay));
  }

  changeLost(call: VisibilityCall): void {
    this.#stays.changeLost(call);
  }

  /** Call it before and after everything in a queue is dropped. */
  dropping(queueName: string, isOver: boolean): void {
    this.#pendingDrops.set(queueName, (this.#pendingDrops.get(queueName) ?? 0) + (isOver ? -1 : 1));
  }

  /** Call it before and after queues are configured. */
  settingsChange(isOver: boolean): void {
    this.#pendingSettings += isOver ? -1 : 1;
    this.#settingsSureSince = this.#pendingSettings > 0 ? never : this.#events.now();
  }

  /** From now on, or until now, the place of dead letters may be missing. */
  deadLetterTrouble(isOver: boolean): void {
    this.#troubleUntil = isOver ? this.#events.now() : never;
  }

  /** Standard queues forgot the receives that they had not stored. */
  stateLost(): void {
    this.#incarnation += 1;
    this.#lastGivenUp = this.#events.next();
    this.#stays.stateLost();
  }

  /** A FIFO queue looks no further than so far for groups that are not blocked. */
  seesAll(queueName: string): boolean {
    return this.#options.disk.count(queueName) < this.#options.lookAhead;
  }

  /** Nobody received it, no receive was lost that may have, and none is under way. */
  isSurelyWaiting(copy: StoredCopy): boolean {
    const { holdings, storedOrder } = this.#stays.of(copy);
    const isAsked = [...this.#pending].some(({ queueName }) => queueName === copy.queueName);
    return holdings.length === 0 && this.#lastGivenUp < storedOrder && !isAsked;
  }

  #receivedAgain(call: ReceiveCall, holding: Holding): Holding {
    const { stay, receipt, attemptId } = holding;
    if (call.attemptId === undefined || attemptId !== call.attemptId) {
      throw new Error(`received ${stay.copy.id} twice as its receive ${receipt.attempt}`);
    }
    if (stay.holdings.at(-1) === holding) this.#noteHidden(call, stay);
    return holding;
  }

  #receivedOne(call: ReceiveCall, stay: Stay, receipt: DeliveredMessage): Holding {
    this.#judgeMessage(call, stay, receipt);
    this.#judgeAttempt(call, stay, receipt);
    const { attemptId, incarnation } = call;
    const answer = { answeredAt: this.#events.now(), answerOrder: this.#events.next() };
    const holding: Holding = { stay, receipt, attemptId, incarnation, ...answer, isChanged: false };
    // Answers can overtake each other: the receive that happened later stays the newest.
    const newest = stay.holdings.at(-1);
    if (newest?.incarnation === incarnation && newest.receipt.attempt > receipt.attempt) {
      stay.holdings.unshift(holding);
    } else {
      stay.holdings.push(holding);
      this.#noteHidden(call, stay);
    }
    return holding;
  }

  #noteHidden({ startedAt, visibilityMs, order, incarnation }: ReceiveCall, stay: Stay): void {
    const isKnown = stay.copy.isFifo || incarnation === this.#incarnation;
    // What was changed meanwhile may have been changed after the receive.
    const isSure = isKnown && stay.pendingChanges === 0 && stay.changedOrder < order;
    this.#stays.hidden(stay, startedAt, visibilityMs, isSure);
  }

  #judgeMessage(call: ReceiveCall, stay: Stay, receipt: DeliveredMessage): void {
    const { copy, deletedOrder } = stay;
    const { id } = copy;
    if (!isAsStored(copy, receipt)) throw new Error(`received ${id} otherwise than it is stored`);
    const isDeleted = copy.isFifo ? deletedOrder < never : deletedOrder < call.order;
    if (isDeleted) throw new Error(`received ${id} after its deletion was acknowledged`);
    const settings = this.#options.disk.queue(copy.queueName)?.settings;
    if (settings === undefined) return;
    // What a lost answer had may be repeated later.
    const isExpired = call.earlier === undefined && copy.sentAt + settings.retentionMs <= call.startedAt;
    if (isExpired) throw new Error(`received ${id} after its retention`);
    const now = this.#events.now();
    if (now < copy.availableAt) throw new Error(`received ${id} before its delay was over`);
    const mayHaveBeenReceived = stay.holdings.length > 0 || this.#lastGivenUp > stay.storedOrder;
    const isDelayed = copy.isFifo && now < copy.sentAt + settings.delayMs;
    if (isDelayed && !mayHaveBeenReceived && this.#settingsSureSince < call.startedAt) {
      throw new Error(`received ${id} before the queue's delay was over`);
    }
  }

  /** Counts and attempts rise, on a standard queue as long as nothing is forgotten, and no further than they may. */
  #judgeAttempt(call: ReceiveCall, { copy, holdings, hiddenUntil }: Stay, receipt: DeliveredMessage): void {
    const { id } = copy;
    const { attempt } = receipt;
    const remembered = holdings.filter((each) => copy.isFifo || each.incarnation === call.incarnation);
    for (const each of remembered) {
      if (each.receipt.attempt === attempt) throw new Error(`received ${id} twice as its receive ${attempt}`);
      if (each.receipt.attempt > attempt && each.answerOrder < call.order) {
        throw new Error(`the receive ${attempt} of ${id} came after its receive ${each.receipt.attempt}`);
      }
    }
    const before = remembered.filter((each) => each.receipt.attempt < attempt);
    const isNewest = before.length > 0 && before.length === remembered.length;
    if (isNewest && this.#events.now() < hiddenUntil) throw new Error(`received ${id} while it was in flight`);
    const receiveCount = receipt.receiveCount - copy.receivedBefore;
    if (receiveCount <= before.length)
      throw new Error(`received ${id} with a count of ${receiveCount}, which is too low`);
    const most = this.#options.disk.queue(copy.queueName)?.settings.deadLetter?.maxReceiveCount ?? never;
    const isExcused = this.#troubleUntil >= (holdings.at(-1)?.answeredAt ?? copy.sentAt);
    if (receiveCount > most && !isExcused) throw new Error(`received ${id} ${receiveCount} times, which is too often`);
  }

  #judgeGroups(call: ReceiveCall, received: readonly Stay[]): void {
    if (new Set(received).size < received.length) throw new Error('one answer has the same message twice');
    if (received[0]?.copy.isFifo !== true) return;
    const stored = [...this.#options.disk.copiesIn(call.queueName)];
    judgeOrder(
      received.map(({ copy }) => copy),
      stored,
    );
    judgeGroupsInFlight(
      received,
      stored.map((copy) => this.#stays.of(copy)),
      { order: call.order, now: this.#events.now() },
    );
  }

  /** Wrong if some message could have been given to this call all the time, and nobody else was there to get it. */
  #judgeEmpty(call: ReceiveCall): void {
    const { disk, judgesEmptyAnswers } = this.#options;
    const isAlone = this.#pending.size === 0 && this.#lastAnswered < call.order && this.#lastGivenUp < call.order;
    const settings = disk.queue(call.queueName)?.settings;
    if (!judgesEmptyAnswers || !isAlone || settings === undefined || this.#isDropping(call.queueName)) return;
    if (this.#settingsSureSince >= call.startedAt || !this.seesAll(call.queueName)) return;
    const stays = [...disk.copiesIn(call.queueName)].map((copy) => this.#stays.of(copy));
    const blocked = new Set<string>();
    for (const stay of stays) {
      const { copy, storedOrder, deletesAsked } = stay;
      const isExpired = copy.sentAt + settings.retentionMs <= this.#events.now();
      const availableAt = copy.isFifo ? copy.sentAt + settings.delayMs : copy.availableAt;
      const isFree = storedOrder < call.order && !deletesAsked && !isExpired && availableAt <= call.startedAt;
      const isHeld = stays.some((each) => isOneGroup(each, stay) && this.#mayBeHeld(each, call));
      if (isFree && !isHeld && !blocked.has(copy.groupId)) {
        throw new Error(`a receive got nothing, though ${copy.id} was there for it`);
      }
      if (copy.isFifo) blocked.add(copy.groupId);
    }
  }

  #mayBeHeld(stay: Stay, { startedAt }: ReceiveCall): boolean {
    const since = stay.holdings.at(-1)?.answerOrder ?? stay.storedOrder;
    return this.#lastGivenUp > since || stay.pendingChanges > 0 || stay.hiddenAtMost > startedAt;
  }

  /** In flight until after now by this receipt, so nobody else can have received it. */
  #isSurelyValid(holding: Holding): boolean {
    const { holdings, isNewestUnsure, pendingChanges, hiddenUntil, copy } = holding.stay;
    const isNewest = holdings.at(-1) === holding && !isNewestUnsure;
    return isNewest && pendingChanges === 0 && hiddenUntil > this.#events.now() && copy.isThere;
  }

  #isSurelyThere({ copy, deletesAsked }: Stay): boolean {
    return copy.isThere && !deletesAsked && !this.#isDropping(copy.queueName);
  }

  #isDropping(queueName: string): boolean {
    return (this.#pendingDrops.get(queueName) ?? 0) > 0;
  }

  #isSurelyStale(holding: Holding, order: number): boolean {
    const { stay, receipt } = holding;
    return stay.holdings.some(
      (each) =>
        each.receipt.attempt > receipt.attempt &&
        each.answerOrder < order &&
        (stay.copy.isFifo || (each.incarnation === this.#incarnation && holding.incarnation === this.#incarnation)),
    );
  }
}

function isSurelyOver({ stay, receipt }: Holding, at: number): boolean {
  const newest = stay.holdings.at(-1);
  return newest?.receipt.attempt === receipt.attempt && stay.pendingChanges === 0 && stay.hiddenAtMost <= at;
}

function holdingOf({ holdings }: Stay, { attempt, nonce }: DeliveredMessage): Holding | undefined {
  return holdings.find(({ receipt }) => receipt.attempt === attempt && receipt.nonce === nonce);
}

/** On a standard queue everybody is alone. */
function isOneGroup(a: Stay, b: Stay): boolean {
  return a === b || (a.copy.isFifo && a.copy.groupId === b.copy.groupId);
}

function isAsStored(copy: StoredCopy, { messageId, payload, sentAt, groupId, origin }: DeliveredMessage): boolean {
  const from = origin === undefined ? '' : `${origin.accountId}/${origin.region}/${origin.name}`;
  return (
    Buffer.from(messageId).toString('hex') === copy.messageId &&
    Buffer.from(joined(payload)).toString() === copy.body &&
    sentAt === copy.sentAt &&
    groupId === copy.groupId &&
    from === copy.origin
  );
}
