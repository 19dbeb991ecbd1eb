/**
 * What the clients of a server that dies, or loses a commit, again and again were promised, and whether it is kept. It
 * knows only what clients can know: calls made and answers got. A call whose answer never came is in doubt: it happened,
 * or it did not. Both the simulation and the kills of the real process are judged by it.
 *
 * - Nothing is received that nobody sent or whose send was refused, and every body is the one that was sent.
 * - A message whose deletion was acknowledged, by its newest receipt, is never received again.
 * - Between two kills nobody receives a message that is in flight, nor ever one whose delay is not over, or which has
 *   outlived its retention.
 * - In the end everything that was acknowledged and not deleted is there.
 *
 * Whether a receipt is the newest is the hard part. A receive whose answer was lost with the server may have taken the
 * message out again, and one that is under way during the deletion may do so: such deletions promise nothing.
 */
import { createHash } from 'node:crypto';

export interface Sending {
  readonly id: string;
  readonly body: string;
  readonly delaySeconds: number;
}

export interface Received {
  readonly id: string;
  readonly body: string;
  readonly receiptHandle: string;
  /** Higher with every receive of the message. */
  readonly receiveCount: number;
}

/** A receive call, from before its request left until its answer came. */
export interface ReceiveCall {
  readonly startedAt: number;
  readonly visibilityMs: number;
  readonly incarnation: number;
  /** Nobody got its answer, or who got it gave the messages back. */
  isLost: boolean;
}

/** A receipt in somebody's hands. */
export interface Holding {
  readonly message: TrackedMessage;
  readonly receiptHandle: string;
  readonly receiveCount: number;
  readonly incarnation: number;
  /** Its place among the events that the ledger was told of. */
  readonly order: number;
  /** Nobody else can have received the message before then. */
  hiddenUntil: number;
}

export interface DeleteCall {
  readonly holding: Holding;
  /** Receives that were under way at some time during the call. */
  readonly overlapping: Set<ReceiveCall>;
}

interface TrackedMessage {
  readonly id: string;
  readonly digest: string;
  readonly sentAt: number;
  readonly availableAt: number;
  /** When it was acknowledged: it has been sent by then. */
  acknowledgedAt: number;
  state: 'pending' | 'acknowledged' | 'refused' | 'in-doubt';
  deletion: 'none' | 'in-doubt' | 'acknowledged';
  /** Receives that may have overtaken its acknowledged deletion. */
  excused: ReadonlySet<ReceiveCall>;
  newest: Holding | undefined;
  /** Receives that began before say nothing about how long it is hidden; Infinity while its visibility is being changed. */
  visibilityChangedAt: number;
  wasDrained: boolean;
}

/** The end of a server's life, as far as it matters to those who hold receipts from it. */
interface Crash {
  readonly at: number;
  readonly lostReceives: number;
}

export interface LedgerOptions {
  /** Milliseconds; the simulation has its own. */
  readonly now?: () => number;
  readonly retentionMs?: number;
}

export class Ledger {
  readonly counts = { sent: 0, acknowledged: 0, received: 0, deleted: 0, deletedForSure: 0, deletedAcrossKill: 0 };
  readonly #messages = new Map<string, TrackedMessage>();
  readonly #receiving = new Set<ReceiveCall>();
  readonly #deleting = new Set<DeleteCall>();
  /** By the incarnation that it ended. */
  readonly #crashes: Crash[] = [];
  readonly #now: () => number;
  readonly #retentionMs: number;
  #undeleted = 0;
  #isDraining = false;
  #order = 0;
  /** When a receive was last given up by a living client: its messages may have newer receipts than anybody has. */
  #lastAbandoned = 0;

  constructor({ now = Date.now, retentionMs = Number.POSITIVE_INFINITY }: LedgerOptions = {}) {
    this.#now = now;
    this.#retentionMs = retentionMs;
  }

  /** Roughly how many messages the server holds. */
  get backlog(): number {
    return this.#undeleted;
  }

  /** Call it before the request leaves. */
  sending({ id, body, delaySeconds }: Sending): void {
    const sentAt = this.#now();
    this.#messages.set(id, {
      id,
      digest: digestOf(body),
      sentAt,
      availableAt: sentAt + delaySeconds * 1000,
      acknowledgedAt: Number.POSITIVE_INFINITY,
      state: 'pending',
      deletion: 'none',
      excused: new Set(),
      newest: undefined,
      visibilityChangedAt: Number.NEGATIVE_INFINITY,
      wasDrained: false,
    });
    this.counts.sent += 1;
    this.#undeleted += 1;
  }

  acknowledged(id: string): void {
    const message = this.#message(id);
    message.state = 'acknowledged';
    message.acknowledgedAt = this.#now();
    this.counts.acknowledged += 1;
  }

  sendLost(id: string): void {
    this.#message(id).state = 'in-doubt';
  }

  /** The server answered that it was not sent. */
  sendRefused(id: string): void {
    this.#message(id).state = 'refused';
    this.#undeleted -= 1;
  }

  receiving(visibilityMs: number): ReceiveCall {
    const call: ReceiveCall = {
      startedAt: this.#now(),
      visibilityMs,
      incarnation: this.#crashes.length,
      isLost: false,
    };
    this.#receiving.add(call);
    for (const { overlapping } of this.#deleting) overlapping.add(call);
    return call;
  }

  received(call: ReceiveCall, messages: readonly Received[]): Holding[] {
    this.#receiving.delete(call);
    return messages.map((each) => this.#receivedOne(call, each));
  }

  receiveLost(call: ReceiveCall): void {
    call.isLost = true;
  }

  /** Its client lives, but left before the answer, or was refused: what it took out, if anything, comes back. */
  receiveAbandoned(call: ReceiveCall): void {
    call.isLost = true;
    this.#receiving.delete(call);
    this.#lastAbandoned = ++this.#order;
  }

  /** Any receipt changes its message's visibility, at some moment until the answer: call it before and after. */
  changingVisibility({ message }: Holding, isOver: boolean): void {
    message.visibilityChangedAt = isOver ? this.#now() : Number.POSITIVE_INFINITY;
    if (message.newest !== undefined) message.newest.hiddenUntil = Number.NEGATIVE_INFINITY;
  }

  /** Everything sent before, or under way, may be gone. */
  purging(): void {
    for (const message of this.#messages.values()) {
      if (message.deletion === 'none') message.deletion = 'in-doubt';
    }
  }

  deleting(holding: Holding): DeleteCall {
    const call = { holding, overlapping: new Set(this.#receiving) };
    this.#deleting.add(call);
    if (holding.message.deletion === 'none') {
      holding.message.deletion = 'in-doubt';
      this.#undeleted -= 1;
    }
    return call;
  }

  deleted(call: DeleteCall): void {
    this.#deleting.delete(call);
    const { holding } = call;
    const { message } = holding;
    this.counts.deleted += 1;
    if (message.deletion === 'acknowledged' || !this.#isNewest(holding)) return;
    message.deletion = 'acknowledged';
    // While it was hidden nobody could overtake; that makes no exception for anybody.
    const wasHidden = holding.incarnation === this.#crashes.length && this.#now() < holding.hiddenUntil;
    message.excused = wasHidden ? new Set() : call.overlapping;
    this.counts.deletedForSure += 1;
    if (holding.incarnation < this.#crashes.length) this.counts.deletedAcrossKill += 1;
  }

  deleteLost(call: DeleteCall): void {
    this.#deleting.delete(call);
  }

  /** The server is gone and every call has been answered or is lost. */
  crashed(): void {
    this.stateLost();
    this.#receiving.clear();
  }

  /** The server lives, but forgot what it had not stored; calls under way are still answered. */
  stateLost(): void {
    this.#crashes.push({ at: this.#now(), lostReceives: this.#receiving.size });
  }

  /** From here on what is received counts as found. */
  drain(): void {
    this.#isDraining = true;
  }

  /** Acknowledged, not deleted, not expired, and not found by the drain. */
  missing(): string[] {
    const oldest = this.#now() - this.#retentionMs;
    return [...this.#messages.values()]
      .filter(({ state, deletion, wasDrained }) => state === 'acknowledged' && deletion === 'none' && !wasDrained)
      .filter(({ sentAt }) => sentAt > oldest)
      .map(({ id }) => id);
  }

  #receivedOne(call: ReceiveCall, { id, body, receiptHandle, receiveCount }: Received): Holding {
    const message = this.#messages.get(id);
    if (message === undefined) throw new Error(`received ${id}, which nobody sent`);
    if (digestOf(body) !== message.digest) throw new Error(`received ${id} with another body`);
    if (message.state === 'refused') throw new Error(`received ${id}, whose send was refused`);
    const now = this.#now();
    if (call.startedAt > message.acknowledgedAt + this.#retentionMs)
      throw new Error(`received ${id} after its retention`);
    if (now < message.availableAt) throw new Error(`received ${id} before its delay was over`);
    this.#judgeDeletion(message, call);
    this.#judgeVisibility(message, call, receiveCount, now);
    const { incarnation, startedAt, visibilityMs } = call;
    const isUnsure = startedAt <= message.visibilityChangedAt;
    const hiddenUntil = isUnsure ? Number.NEGATIVE_INFINITY : startedAt + visibilityMs;
    const order = ++this.#order;
    const holding: Holding = { message, receiptHandle, receiveCount, incarnation, order, hiddenUntil };
    // Answers can overtake each other: the receive that happened later stays the newest.
    const { newest } = message;
    const isOvertaken = newest?.incarnation === incarnation && newest.receiveCount > receiveCount;
    if (!isOvertaken) message.newest = holding;
    message.wasDrained ||= this.#isDraining;
    this.counts.received += 1;
    return holding;
  }

  #judgeDeletion(message: TrackedMessage, call: ReceiveCall): void {
    if (message.deletion !== 'acknowledged') return;
    const isExcused = message.excused.has(call) || [...message.excused].some(({ isLost }) => isLost);
    if (!isExcused) throw new Error(`received ${message.id} after its deletion was acknowledged`);
    message.deletion = 'in-doubt';
  }

  #judgeVisibility({ id, newest }: TrackedMessage, call: ReceiveCall, receiveCount: number, now: number): void {
    if (newest === undefined || newest.incarnation !== call.incarnation) return;
    if (newest.receiveCount === receiveCount) throw new Error(`received ${id} twice as its receive ${receiveCount}`);
    if (newest.receiveCount < receiveCount && now < newest.hiddenUntil) {
      throw new Error(`received ${id} while it was in flight`);
    }
  }

  #isNewest(holding: Holding): boolean {
    if (holding.message.newest !== holding || holding.order < this.#lastAbandoned) return false;
    return this.#crashes.slice(holding.incarnation).every(({ at, lostReceives }, index) => {
      // In its own incarnation the message was hidden from the receives that were lost, if the end came early enough.
      return lostReceives === 0 || (index === 0 && at < holding.hiddenUntil);
    });
  }

  #message(id: string): TrackedMessage {
    const message = this.#messages.get(id);
    if (message === undefined) throw new Error(`${id} was never sent`);
    return message;
  }
}

function digestOf(body: string): string {
  return createHash('sha256').update(body).digest('base64');
}
