/**
 * What the clients of a FIFO queue whose server dies again and again were promised, and whether it is kept. It knows only
 * what clients know: calls made and answers got. Receives are stored before they are answered, so unlike on a standard
 * queue (`../ledger.ts`) nothing of the following is suspended by a kill.
 *
 * - A deduplication id stands for one message: whoever sends it again is answered the same message id and the same sequence
 *   number, and it is received under no other. Later sends have higher numbers.
 * - Nobody receives a message while an earlier one of its group is there, unless behind it in the same answer.
 * - While a message is in flight nobody receives anything of its group, but for who repeats that very receive; he gets the
 *   same messages under the same handles.
 * - What is in flight can be deleted. A message whose deletion was acknowledged is never received again.
 * - In the end everything that was acknowledged and not deleted is there.
 */

export interface FifoSending {
  /** Its deduplication id. */
  readonly id: string;
  readonly groupId: string;
  readonly body: string;
}

/** What the server gave a message. */
export interface Place {
  readonly messageId: string;
  /** 20 digits, so that they compare as text. */
  readonly sequence: string;
}

export interface FifoReceived extends FifoSending, Place {
  readonly receiptHandle: string;
  readonly receiveCount: number;
}

export interface FifoReceiveRequest {
  readonly visibilityMs: number;
  readonly attemptId?: string;
  readonly repeats?: Repeated;
}

/** An earlier receive under the same attempt id. */
export interface Repeated {
  /** What it brought; undefined if the answer was lost. */
  readonly holdings: readonly FifoHolding[] | undefined;
  /** Until then all that it brought is in flight. */
  readonly hiddenUntil: number;
}

/** A receive call from before its request left. */
export interface FifoReceiveCall extends FifoReceiveRequest {
  readonly order: number;
  readonly startedAt: number;
}

/** A receipt in somebody's hands. */
export interface FifoHolding {
  readonly message: TrackedMessage;
  readonly receiptHandle: string;
  readonly receiveCount: number;
  readonly attemptId: string | undefined;
  readonly incarnation: number;
  readonly order: number;
  /** Its message is in flight until then at least. */
  hiddenUntil: number;
}

export interface FifoDeleteCall {
  readonly holding: FifoHolding;
  readonly order: number;
}

interface TrackedMessage extends FifoSending {
  /** The highest sequence that anybody had been told of when it was sent first. */
  readonly floor: string;
  readonly sentAt: number;
  place: Place | undefined;
  isAcknowledged: boolean;
  /** `in-doubt`: somebody tries to, or tried. */
  deletion: 'none' | 'in-doubt' | 'certain';
  deletesUnderWay: number;
  /** The last event that has to do with its deletion. */
  deletionOrder: number;
  /** Of the receipt that it was deleted with. */
  deletedCount: number;
  newest: FifoHolding | undefined;
  /** By receive count, the receipts that it was received under. */
  readonly handles: Map<number, string>;
  wasDrained: boolean;
}

interface Group {
  /** Those with a known place that are not certain to be deleted. */
  readonly there: Set<TrackedMessage>;
  /** The highest sequence that was received. */
  received: string;
}

export class FifoLedger {
  readonly counts = {
    sent: 0,
    sentAgain: 0,
    acknowledged: 0,
    received: 0,
    redelivered: 0,
    repeatedAlike: 0,
    notRepeatable: 0,
    deleted: 0,
    deletedAcrossKill: 0,
    deletionsRefused: 0,
  };
  readonly #messages = new Map<string, TrackedMessage>();
  readonly #idsBySequence = new Map<string, string>();
  readonly #groups = new Map<string, Group>();
  #highest = '';
  #order = 0;
  #incarnation = 0;
  #isDraining = false;

  /** Roughly how many messages the queue holds. */
  get backlog(): number {
    return this.counts.acknowledged - this.counts.deleted;
  }

  /** Everything that was ever sent, with the time when it was sent first. */
  get sendings(): readonly (FifoSending & { readonly sentAt: number })[] {
    return [...this.#messages.values()];
  }

  /** Call it before the request leaves. */
  sending({ id, groupId, body }: FifoSending): void {
    if (this.#messages.has(id)) {
      this.counts.sentAgain += 1;
      return;
    }
    this.counts.sent += 1;
    this.#messages.set(id, {
      ...{ id, groupId, body, floor: this.#highest, sentAt: Date.now(), place: undefined, isAcknowledged: false },
      ...{ deletion: 'none', deletesUnderWay: 0, deletionOrder: 0, deletedCount: 0 },
      ...{ newest: undefined, handles: new Map(), wasDrained: false },
    });
  }

  acknowledged(id: string, place: Place): void {
    const message = this.#message(id);
    this.#learn(message, place);
    if (!message.isAcknowledged) this.counts.acknowledged += 1;
    message.isAcknowledged = true;
  }

  receiving(request: FifoReceiveRequest): FifoReceiveCall {
    this.#order += 1;
    return { ...request, order: this.#order, startedAt: Date.now() };
  }

  received(call: FifoReceiveCall, answer: readonly FifoReceived[]): FifoHolding[] {
    this.#order += 1;
    const now = Date.now();
    const messages = answer.map((each) => this.#recognize(each));
    this.#judgeRepetition(call, answer, now);
    for (const [index, message] of messages.entries()) this.#judgeMessage(message, answer[index], call, now);
    for (const groupId of new Set(messages.map((message) => message.groupId))) {
      this.#judgeOrder(
        messages.filter((message) => message.groupId === groupId),
        call,
        now,
      );
    }
    return messages.map((message, index) => this.#hold(message, answer[index], call));
  }

  /** The server said that something has happened to what the repeated receive brought. */
  notRepeatable({ attemptId, repeats }: FifoReceiveCall): void {
    if (repeats === undefined) throw new Error(`${attemptId} was refused at once`);
    if (Date.now() < repeats.hiddenUntil)
      throw new Error(`${attemptId} was refused while what it brought was in flight`);
    this.counts.notRepeatable += 1;
  }

  /** Makes it visible again, perhaps: call it before the request leaves. */
  givingBack(holding: FifoHolding): void {
    holding.hiddenUntil = Number.NEGATIVE_INFINITY;
  }

  deleting(holding: FifoHolding): FifoDeleteCall {
    const { message } = holding;
    this.#order += 1;
    message.deletesUnderWay += 1;
    message.deletionOrder = this.#order;
    if (message.deletion === 'none') message.deletion = 'in-doubt';
    return { holding, order: this.#order };
  }

  deleted({ holding }: FifoDeleteCall): void {
    const { message } = holding;
    message.deletesUnderWay -= 1;
    this.counts.deleted += message.deletion === 'certain' ? 0 : 1;
    if (holding.incarnation < this.#incarnation) this.counts.deletedAcrossKill += 1;
    this.#isGone(message, holding.receiveCount);
  }

  /** The server said that the receipt is not valid any more: the message is there, then. */
  deleteRefused({ holding, order }: FifoDeleteCall): void {
    const { message } = holding;
    message.deletesUnderWay -= 1;
    this.counts.deletionsRefused += 1;
    if (Date.now() < holding.hiddenUntil) throw new Error(`${message.id} could not be deleted while it was in flight`);
    if (message.deletion === 'certain' && message.deletionOrder < order) {
      throw new Error(`${message.id} was there again after its deletion`);
    }
    this.#isThere(message, order);
  }

  deleteLost({ holding: { message } }: FifoDeleteCall): void {
    message.deletesUnderWay -= 1;
    if (message.deletion === 'in-doubt') message.deletionOrder = ++this.#order;
  }

  /** The server is gone, and every call has been answered or is lost. */
  crashed(): void {
    this.#incarnation += 1;
  }

  /** From here on what is received counts as found. */
  drain(): void {
    this.#isDraining = true;
  }

  /** Acknowledged, not deleted, and not found by the drain. */
  missing(): string[] {
    return [...this.#messages.values()]
      .filter(({ isAcknowledged, deletion, wasDrained }) => isAcknowledged && deletion === 'none' && !wasDrained)
      .map(({ id }) => id);
  }

  #recognize({ id, groupId, body, messageId, sequence }: FifoReceived): TrackedMessage {
    const message = this.#message(id);
    if (message.groupId !== groupId) throw new Error(`received ${id} in another group`);
    if (message.body !== body) throw new Error(`received ${id} with another body`);
    this.#learn(message, { messageId, sequence });
    return message;
  }

  #learn(message: TrackedMessage, { messageId, sequence }: Place): void {
    const { id, groupId, floor, place } = message;
    if (place !== undefined) {
      if (place.messageId === messageId && place.sequence === sequence) return;
      throw new Error(`${id} is two messages: ${place.sequence} ${place.messageId}, ${sequence} ${messageId}`);
    }
    const other = this.#idsBySequence.get(sequence);
    if (other !== undefined) throw new Error(`${id} and ${other} both have the sequence ${sequence}`);
    if (sequence <= floor) throw new Error(`${id} has the sequence ${sequence}, but ${floor} had been given before`);
    const group = this.#group(groupId);
    // Nobody has deleted what nobody knew.
    if (sequence < group.received) throw new Error(`${id}, ${sequence} in ${groupId}, came after ${group.received}`);
    message.place = { messageId, sequence };
    group.there.add(message);
    this.#idsBySequence.set(sequence, id);
    if (sequence > this.#highest) this.#highest = sequence;
  }

  /** What is surely in flight is given again, whole and alike, to who repeats its receive. */
  #judgeRepetition({ repeats, attemptId }: FifoReceiveCall, answer: readonly FifoReceived[], now: number): void {
    if (repeats?.holdings === undefined || now >= repeats.hiddenUntil) return;
    // Which group comes first is nobody's promise.
    const [before, after] = [repeats.holdings, answer].map((each) =>
      each
        .map((one) => one.receiptHandle)
        .sort()
        .join(),
    );
    if (before !== after) throw new Error(`repeating ${attemptId} brought something else`);
    this.counts.repeatedAlike += 1;
  }

  #judgeMessage(message: TrackedMessage, received: FifoReceived | undefined, call: FifoReceiveCall, now: number): void {
    const { id, newest, handles, deletion } = message;
    const { receiveCount = 0, receiptHandle = '' } = received ?? {};
    if (deletion === 'certain' && (call.order > message.deletionOrder || receiveCount > message.deletedCount)) {
      throw new Error(`received ${id} after its deletion`);
    }
    const before = handles.get(receiveCount);
    const isRepetition = before === receiptHandle && call.attemptId !== undefined;
    if (before !== undefined && !isRepetition) throw new Error(`received ${id} twice as its receive ${receiveCount}`);
    if (newest !== undefined && newest.receiveCount < receiveCount && now < newest.hiddenUntil) {
      throw new Error(`received ${id} while it was in flight`);
    }
  }

  /** `messages` are one answer's of one group. */
  #judgeOrder(messages: readonly TrackedMessage[], call: FifoReceiveCall, now: number): void {
    const sequences = messages.map(sequenceOf);
    if (sequences.some((sequence, index) => sequence <= (sequences[index - 1] ?? ''))) {
      throw new Error(`received ${messages.map(({ id }) => id)} in this order`);
    }
    const [{ id, groupId }] = messages as [TrackedMessage];
    const last = sequences.at(-1) ?? '';
    const group = this.#group(groupId);
    if (last > group.received) group.received = last;
    for (const other of group.there) {
      if (messages.includes(other)) continue;
      // A deletion that was in doubt has happened, then.
      const isPassedOver = sequenceOf(other) < last;
      if (isPassedOver && other.deletion === 'none') throw new Error(`received ${id} while ${other.id} was before it`);
      if (isPassedOver && other.deletesUnderWay === 0) this.#isGone(other, Number.POSITIVE_INFINITY);
      const { newest, deletion } = other;
      const isBlocking = deletion === 'none' && newest && newest.order < call.order && now < newest.hiddenUntil;
      if (isBlocking) throw new Error(`received ${id} while ${other.id} of its group was in flight`);
    }
  }

  #hold(message: TrackedMessage, received: FifoReceived | undefined, call: FifoReceiveCall): FifoHolding {
    const { receiveCount = 0, receiptHandle = '' } = received ?? {};
    const { attemptId, startedAt, visibilityMs } = call;
    const { newest } = message;
    const holding: FifoHolding = {
      ...{ message, receiptHandle, receiveCount, attemptId },
      ...{ incarnation: this.#incarnation, order: this.#order, hiddenUntil: startedAt + visibilityMs },
    };
    this.#isThere(message, call.order);
    this.counts.received += 1;
    if (receiveCount > 1) this.counts.redelivered += 1;
    message.handles.set(receiveCount, receiptHandle);
    message.wasDrained ||= this.#isDraining;
    // Answers can overtake each other: the receive that happened later stays the newest.
    if (newest === undefined || newest.receiveCount <= receiveCount) message.newest = holding;
    return holding;
  }

  /** At some time since `order` it was: what tried to delete it before has not. */
  #isThere(message: TrackedMessage, order: number): void {
    const isSettled = message.deletesUnderWay === 0 && message.deletionOrder <= order;
    if (message.deletion === 'in-doubt' && isSettled) message.deletion = 'none';
  }

  #isGone(message: TrackedMessage, deletedCount: number): void {
    this.#order += 1;
    // The first to know sets the bounds: what comes after that was never to come.
    if (message.deletion === 'certain') return;
    message.deletion = 'certain';
    message.deletionOrder = this.#order;
    message.deletedCount = deletedCount;
    this.#group(message.groupId).there.delete(message);
  }

  #group(groupId: string): Group {
    let group = this.#groups.get(groupId);
    if (group === undefined) {
      group = { there: new Set(), received: '' };
      this.#groups.set(groupId, group);
    }
    return group;
  }

  #message(id: string): TrackedMessage {
    const message = this.#messages.get(id);
    if (message === undefined) throw new Error(`${id} was never sent`);
    return message;
  }
}

function sequenceOf({ place }: TrackedMessage): string {
  return place?.sequence ?? '';
}
